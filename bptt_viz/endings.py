"""The workings that are not the cell's: prediction, loss, ∂L/∂o, contributions, update. Imports the core; no screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bptt_viz.cells import X
from bptt_viz.equations import Affine, Equation, affines
from bptt_viz.formatting import plain
from bptt_viz.notation import Formula, Gradient, Partial, Symbol, Transposed
from bptt_viz.working import MOST_PRODUCTS, Axis, Part, Working, bracketed
from bptt_viz.writing import adjoint_symbol, fill, written

if TYPE_CHECKING:
    from bptt_viz.activations import Array
    from bptt_viz.tracing import Trace


#: The largest logit whose exponential is written out.
_LARGE_LOGIT = 30.0


def prediction(trace: Trace, t: int) -> Working:
    """ŷ_t from o_t."""
    loss, o, y_hat = trace.loss_kind, trace.o[t - 1], trace.y_hat[t - 1]
    left, logits = (Symbol("y_hat", t),), (Symbol("o", t),)
    largest = float(o.max())
    # Beyond this exp(o) says nothing on a board; less the largest, as the program computes it, it does.
    shift = largest if abs(largest) > _LARGE_LOGIT else 0.0
    with np.errstate(all="ignore"):
        z = plain(float(np.exp(o - shift).sum()))

    def entry(index: int) -> str:
        number = plain(float(o[index]))
        shifted = shift and "{z}" in loss.entry_written
        return loss.entry_written.format(o=f"{number} − {bracketed(shift)}" if shifted else number, z=z)

    rows = (Part(None, logits, o, "output"), Part("=", left, y_hat, "output"))
    formula = (*left, " = ", *fill(loss.prediction_written, o=logits))
    return Working(formula, rows, focus=_target_entry(trace, t), entry=entry)


def step_loss(trace: Trace, t: int) -> Working:
    """L_t from ŷ_t (or o_t) and y_t, one summand per entry."""
    loss, o, y, p = trace.loss_kind, trace.o[t - 1], trace.y[t - 1], trace.y_hat[t - 1]
    left = (Symbol("L", t),)
    if not trace.has_target[t - 1]:
        return Working(left, (), remark="remark.no_target")
    names: dict[str, Formula] = {"o": (Symbol("o", t),), "y": (Symbol("y", t),), "p": (Symbol("y_hat", t),)}
    with np.errstate(all="ignore"):
        summands = loss.summands(o, y)

    focus = _target_entry(trace, t)

    def entry(index: int) -> str:
        # Beside the entry that the step is about stands "= L_t": all summands then, or it would not be true.
        told = [index] if index != focus else [int(k) for k in np.flatnonzero(summands)] or [index]
        each = [
            loss.summand_written.format(o=bracketed(o[k]), y=bracketed(y[k]), p=bracketed(p[k]))
            for k in told[:MOST_PRODUCTS]
        ]
        text = " + ".join(each + ["…"] * (len(told) > len(each)))
        return loss.front + (f"({text})" if len(each) > 1 else text)

    summand = (loss.front, *fill(loss.summand_written, **names))
    rows = (
        Part(None, names["y"], y, "output"),
        Part(None, names["p" if "{p}" in loss.summand_written else "o"], p, "output"),
        Part(None, summand, summands, "output"),
        Part("=", left, trace.losses[t - 1 : t], "none"),
    )
    formula = (*left, " = ", loss.front, "Σₖ ", *fill(loss.summand_written, **names))
    return Working(formula, rows, focus=focus, entry=entry)


def total_loss(trace: Trace) -> Working:
    """L from the L_t."""
    mean = trace.scenario.loss.reduction == "mean"
    count = int(trace.has_target.sum())
    front = f"1/{count} " if mean else ""
    rows = (
        Part(None, (Symbol("L_t"),), trace.losses, "time", present=trace.has_target),
        Part("=", (Symbol("L"),), np.array([trace.loss]), "none"),
    )

    def entry(_: int) -> str:
        told = [plain(float(each)) for each in trace.losses[trace.has_target][:8]]
        text = " + ".join(told) + (" + …" if count > len(told) else "")
        return f"{front}({text})" if front else text

    return Working((Symbol("L"), " = ", f"{front}Σₜ ", Symbol("L_t")), rows, entry=entry)


def loss_gradient(trace: Trace, t: int) -> Working:
    """∂L/∂o_t, the reduction's factor included."""
    loss, y = trace.loss_kind, trace.y[t - 1]
    left = (Partial(Symbol("L"), Symbol("o", t)),)
    result = Part("=", left, trace.dL_do[t - 1], "output")
    if not trace.has_target[t - 1]:
        return Working((*left, " = 0"), (result,), entry=lambda _: "0", remark="remark.no_target")
    names: dict[str, Formula] = {"o": (Symbol("o", t),), "y": (Symbol("y", t),), "p": (Symbol("y_hat", t),)}
    first = "p" if "{p}" in loss.gradient_written else "o"
    predicted = trace.y_hat[t - 1] if first == "p" else trace.o[t - 1]
    factor = trace.reduction_factor
    front = "" if factor == 1.0 else f"1/{round(1 / factor)} "
    difference = fill(loss.gradient_written, **names)

    def entry(index: int) -> str:
        text = loss.gradient_written.format(
            o=bracketed(predicted[index]), p=bracketed(predicted[index]), y=bracketed(y[index])
        )
        return f"{front}({text})" if front else text

    rows = [Part("", names[first], predicted, "output"), Part("−", names["y"], y, "output")]
    if front:
        rows.append(Part("·", (front.strip(),), np.full(len(y), factor), "output"))
    right: Formula = (front, "(", *difference, ")") if front else difference
    return Working((*left, " = ", *right), (*rows, result), focus=_target_entry(trace, t), entry=entry)


def contribution(trace: Trace, parameter: str, t: int) -> Working:
    """∂⁺L/∂θ at t: an outer product, so each row of it is one entry of the adjoint times the operand."""
    layer, name, affine = _owner(trace, parameter)
    cell = None if layer is None else trace.network.cells[layer]
    use, axis = trace.uses[parameter], output_axis(trace, parameter)
    error = adjoint_symbol(cell, name, t)
    adjoint = Part(None, error, use.adjoint[t - 1], axis)
    left: Formula = (Partial(Symbol("L"), Symbol(parameter), direct=True), f" (t = {t})")
    if use.operand is None:
        result = Part("=", left, use.adjoint[t - 1], axis)
        return Working((*left, " = ", *error), (adjoint, result), entry=lambda i: plain(float(adjoint.values[i])))
    (vector,) = (vector for matrix, vector in affine.terms if matrix == parameter)
    read = written(vector, t)
    operand = Part(None, read, use.operand[t - 1], input_axis(trace, parameter))

    def entry(index: int) -> str:
        row = ", ".join(plain(float(value)) for value in operand.values[:8])
        more = ", …" if len(operand.values) > 8 else ""
        return f"{plain(float(adjoint.values[index]))} · ({row}{more})"

    def row_of(index: int) -> Array:
        with np.errstate(all="ignore"):
            (numbers,) = trace.contributions.at(parameter, t, slice(index, index + 1), slice(8))
        return np.asarray(numbers)

    transposed: Formula = (Transposed(read[0]),) if isinstance(read[0], Symbol) and len(read) == 1 else read
    return Working((*left, " = ", *error, " ", *transposed), (adjoint, operand), entry=entry, row=row_of)


def update(trace: Trace, parameter: str) -> Working:
    """The step of gradient descent: θ ← θ − η ∇θ."""
    symbol = Symbol(parameter)
    clipped = trace.clipped_gradients is not None
    gradient: Formula = ("clip(", Gradient(symbol), ")") if clipped else (Gradient(symbol),)
    return Working((symbol, " ← ", symbol, " − η ", *gradient), ())


def output_axis(trace: Trace, parameter: str) -> Axis:
    """What the rows of a parameter are counted along."""
    return "output" if _owner(trace, parameter)[0] is None else "hidden"


def input_axis(trace: Trace, parameter: str) -> Axis:
    """What the columns of a matrix are counted along."""
    layer, _, affine = _owner(trace, parameter)
    reads_x = any(matrix == parameter and vector == X for matrix, vector in affine.terms)
    return "input" if layer == 0 and reads_x else "hidden"


def _owner(trace: Trace, parameter: str) -> tuple[int | None, str, Affine]:
    """The layer (None for the output), the equation and the affine part in which a parameter is used."""
    places: list[tuple[int | None, Equation]] = [(None, trace.network.output)]
    places += [(layer, one) for layer, cell in enumerate(trace.network.cells) for one in cell.equations]
    for layer, equation in places:
        for affine in affines(equation.right):
            if parameter == affine.bias or any(parameter == matrix for matrix, _ in affine.terms):
                return layer, equation.name, affine
    raise KeyError(parameter)


def _target_entry(trace: Trace, t: int) -> int:
    """The entry of y_t that matters most: its largest."""
    return int(np.argmax(trace.y[t - 1]))
