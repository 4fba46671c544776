"""Both ways to sum a gradient on the screen: the summands that differ, the sums that agree, every number true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_scenes import moments
from screens import agrees
from test_ledger_blocks import generic_trace, long_trace
from test_views import BUNDLED, check_size, lesson, scene_of, text_of, wild_lesson

from bptt_viz import blocks, engine, gradients, passes, sensitivity
from bptt_viz.equations import Activation
from bptt_viz.messages import LANGUAGES, Language
from bptt_viz.notation import NOTATIONS, Partial, Symbol, Total
from bptt_viz.quantities import TermSum
from bptt_viz.sweep import AtStep
from bptt_viz.timeline import Phase
from bptt_viz.views import two_sides_view
from bptt_viz.views.canvas import GoTo
from bptt_viz.views.scene import Lesson, Scene

if TYPE_CHECKING:
    from collections.abc import Callable

    from bptt_viz.equations import Equation
    from bptt_viz.tracing import Trace
    from bptt_viz.views.canvas import Line

#: Where norms have room, and where the entries of a small matrix have.
NORMS, ENTRIES = (78, 24), (180, 24)


def steps_shown(lines: list[Line]) -> dict[int, Line]:
    """The rows of the table by their step."""
    rows = [line for line in lines if len(line) > 1 and isinstance(line[1].subject, GoTo)]
    return {int(line[1].text.removeprefix("t = ")): line for line in rows}


def relations(line: Line) -> list[str]:
    """What stands between what is compared."""
    return [span.text.strip() for span in line if span.role == "operator"]


def check_numbers(scene: Scene, lines: list[Line]) -> int:
    """Every number against a sweep of its own; gives how many there are."""
    largest = max(gradients.norm({"": rows}) for rows in scene.trace.contributions[scene.parameter])
    spans = [span for line in lines for span in line if span.number is not None]
    for span in spans:
        assert span.number is not None
        quantity, text = span.number.quantity, span.text.strip()
        assert isinstance(quantity, TermSum)
        value = blocks.term_sum(scene.trace, quantity.parameter, quantity.rows, quantity.columns)
        one = float(value[span.number.entry]) if span.number.entry else gradients.norm({"": value})
        signed = text if span.number.entry else f"+{text}"
        # What is nothing but the rounding of a sum is not the same in another order.
        assert agrees(signed if text != "0" else text, one) or abs(one) < 1e-14 * largest, (quantity, text, one)
    return len(spans)


@pytest.mark.parametrize("name", BUNDLED)
def test_every_number_is_its_sum_of_terms(name: str) -> None:
    taught = lesson(name)
    for parameter in taught.parameter_names:
        for size in (NORMS, ENTRIES):
            scene = scene_of(taught, taught.timeline.last, parameter=parameter)
            lines = two_sides_view.draw(scene, *size)
            rows = steps_shown(lines)
            assert sorted(rows) == list(range(1, taught.trace.T + 1))
            each = check_numbers(scene, lines) / (4 * len(rows) + 2)
            assert each in (1, taught.trace.parameters[parameter].size)


@settings(max_examples=60)
@given(scene=moments(), width=st.integers(57, 200), height=st.integers(8, 24))
def test_any_moment_has_true_numbers(scene: Scene, width: int, height: int) -> None:
    check_numbers(scene, two_sides_view.draw(scene, width, height))


#: How far a parameter's entry is moved for a difference quotient, and how near these come.
SMALL, NEAR = 1e-6, 1e-8


def quotients(theta: np.ndarray, f: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """The derivative of f, which gives some shape, by every entry of a parameter: [*that shape, size of θ]."""
    columns = []
    for entry in np.ndindex(theta.shape):
        ends = []
        for sign in (1, -1):
            moved = theta.copy()
            moved[entry] += sign * SMALL
            ends.append(f(moved))
        columns.append((ends[0] - ends[1]) / (2 * SMALL))
    return np.stack(columns, axis=-1)


def in_one_step(trace: Trace, v: Symbol, parameter: str, t: int) -> np.ndarray:
    """∂⁺v_t/∂θ: the layer's equations run again at step t, every state of the step before and x as they are."""
    layer = max(v.layer - 1, 0)
    if v.name == trace.network.output.name:
        equations: tuple[Equation, ...] = (trace.network.output,)
        values = trace.layers[-1].values
    else:
        equations, values = trace.network.cells_at(t)[layer].equations, trace.layers[layer].values

    def again(moved: np.ndarray) -> np.ndarray:
        found = {name: rows.copy() for name, rows in values.items()} | {"o": np.zeros((t + 1, trace.o.shape[1]))}
        scope = AtStep(found, {**trace.parameters, parameter: moved}, t)
        for equation in equations:
            found[equation.name][t] = equation.right.value(scope)
        return np.asarray(found[v.name][t])

    return quotients(trace.parameters[parameter], again)


def over_all_steps(trace: Trace, v: Symbol, parameter: str) -> np.ndarray:
    """dv_t/dθ for all t, [T, H, size of θ]: the whole network run again."""

    def again(moved: np.ndarray) -> np.ndarray:
        values, o = passes.forward(trace.network.with_parameters({**trace.parameters, parameter: moved}), trace.x)
        return o if v.name == trace.network.output.name else values[max(v.layer - 1, 0)][v.name][1:]

    return quotients(trace.parameters[parameter], again)


@pytest.mark.parametrize(
    "name", ["wo-zuotian", "lstm-gates", "gru-before", "gru-after", "stack-2", "encoder-decoder", "three layers"]
)
def test_both_sides_of_the_identity_are_the_gradient_as_they_are_printed(name: str) -> None:
    """Each token of the formula for what it says: ∂L/∂v from the backward pass, all else from running forward again."""
    taught = Lesson(generic_trace(("lstm", "gru after", "lstm"), 4), name) if name == "three layers" else lesson(name)
    trace = taught.trace
    for parameter in taught.parameter_names:
        _, at_use, _, direct, _, at_loss, _, total = two_sides_view.identity(scene_of(taught, 0, parameter=parameter))
        assert isinstance(at_use, Partial)
        assert isinstance(at_loss, Partial)
        assert direct == Partial(at_use.wrt, Symbol(parameter), direct=True)
        assert total == Total(at_loss.wrt, Symbol(parameter))
        assert (at_use.of, at_loss.of) == (Symbol("L"), Symbol("L", "t"))
        v, top = at_use.wrt, at_loss.wrt
        is_output = v.name == trace.network.output.name
        adjoints = trace.dL_do if is_output else trace.layers[max(v.layer - 1, 0)].adjoints[v.name]
        by_use = sum(adjoints[t - 1] @ in_one_step(trace, v, parameter, t) for t in range(1, trace.T + 1))
        assert top == v if is_output else (top.name, max(top.layer, 1)) == ("h", len(trace.network.cells))
        of_losses = trace.dL_do if is_output else trace.dL_do @ trace.parameters["V"]
        by_loss = np.einsum("th,thp->p", of_losses, over_all_steps(trace, top, parameter))
        wanted = trace.gradients[parameter].ravel()
        np.testing.assert_allclose(by_use, wanted, rtol=NEAR, atol=NEAR, err_msg=f"left, {parameter}")
        np.testing.assert_allclose(by_loss, wanted, rtol=NEAR, atol=NEAR, err_msg=f"right, {parameter}")


@pytest.mark.parametrize(
    ("name", "parameter", "printed"),
    [
        ("lstm-gates", "W_i", "Σ_t ∂L/∂s_t · ∂⁺s_t/∂W_i = Σ_t ∂L_t/∂h_t · dh_t/dW_i"),
        ("lstm-gates", "b_o", "Σ_t ∂L/∂h_t · ∂⁺h_t/∂b_o = Σ_t ∂L_t/∂h_t · dh_t/db_o"),
        ("gru-before", "U_z", "Σ_t ∂L/∂h_t · ∂⁺h_t/∂U_z = Σ_t ∂L_t/∂h_t · dh_t/dU_z"),
        ("stack-2", "W_1", "Σ_t ∂L/∂h⁽¹⁾_t · ∂⁺h⁽¹⁾_t/∂W⁽¹⁾ = Σ_t ∂L_t/∂h⁽²⁾_t · dh⁽²⁾_t/dW⁽¹⁾"),
        ("stack-2", "V", "Σ_t ∂L/∂o_t · ∂⁺o_t/∂V = Σ_t ∂L_t/∂o_t · do_t/dV"),
    ],
)
def test_the_identity_names_the_state_and_the_layer_that_a_parameter_acts_on(
    name: str, parameter: str, printed: str
) -> None:
    lines = two_sides_view.draw(scene_of(lesson(name), 0, parameter=parameter), *NORMS)
    assert printed in "\n".join(map(text_of, lines))


def test_the_summands_are_seen_to_differ_and_the_sums_to_agree() -> None:
    taught = lesson("wo-zuotian")
    lines = two_sides_view.draw(scene_of(taught, taught.timeline.last), *NORMS)
    text = "\n".join(map(text_of, lines))
    assert "Σ_t ∂L/∂h_t · ∂⁺h_t/∂W = Σ_t ∂L_t/∂h_t · dh_t/dW" in text
    rows = steps_shown(lines)
    # h₀ = 0: nothing at t = 1 on either side.
    assert [relations(rows[t]) for t in (1, 2, 3, 4, 5)] == [["="], *[["≠"]] * 4]
    (total,) = [line for line in lines if text_of(line).startswith(" all")]
    assert relations(total) == ["="]
    left, right = (span for span in total if span.number is not None)
    assert left.text == right.text
    assert agrees(f"+{left.text.strip()}", gradients.norm({"": taught.trace.gradients["W"]}))
    sides = taught.ledgers.two_sides("W")
    assert sides is not None
    assert "Largest difference of the two sums, entry by entry:" in text
    assert f"{sides.difference:.2e}".replace("e-", "e−") in text.replace("\n", " ")


def test_v_has_the_same_summands_on_both_sides_and_says_why() -> None:
    taught = lesson("wo-zuotian")
    lines = two_sides_view.draw(scene_of(taught, taught.timeline.last, parameter="V"), *NORMS)
    text = " ".join(text_of(line).strip() for line in lines)
    assert "Σ_t ∂L/∂o_t · ∂⁺o_t/∂V = Σ_t ∂L_t/∂o_t · do_t/dV" in text
    assert "no recursion" in text
    assert all(relations(row) == ["="] for row in steps_shown(lines).values())


def test_a_wrong_pullback_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A backward pass that forgets φ′ beside a forward recursion that does not."""
    scenario = long_trace(5, 2).scenario
    with monkeypatch.context() as patched:
        patched.setattr(Activation, "pullback", lambda self, adjoint, _output, _scope: iter([(self.operand, adjoint)]))
        wrong = Lesson(engine.trace(scenario), "wrong.toml")
        assert wrong.trace.gradients["W"].any()
    right = Lesson(engine.trace(scenario), "right.toml")
    (total,) = [
        line
        for line in two_sides_view.draw(scene_of(wrong, wrong.timeline.last), *NORMS)
        if text_of(line).startswith(" all")
    ]
    assert relations(total) == ["≠"]
    (total,) = [
        line
        for line in two_sides_view.draw(scene_of(right, right.timeline.last), *NORMS)
        if text_of(line).startswith(" all")
    ]
    assert relations(total) == ["="]


def test_a_long_sequence_shows_the_steps_around_the_cursor_and_the_totals() -> None:
    taught = Lesson(long_trace(60, 2), "long.toml")
    for t in (1, 30, 60):
        scene = scene_of(taught, taught.timeline.end_of(Phase.BACKWARD, t))
        lines = two_sides_view.draw(scene, 118, 16)
        rows = steps_shown(lines)
        assert t in rows
        assert sorted(rows) == list(range(min(rows), max(rows) + 1))
        assert [span.text for line in lines for span in line if span.role == "current"] == [f"t = {t}"]
        assert any(text_of(line).startswith(" all") for line in lines)
        check_numbers(scene, lines)


@pytest.mark.parametrize("name", BUNDLED)
def test_a_number_is_shown_once_the_cursor_has_reached_it(name: str) -> None:
    taught = lesson(name)
    T, end_of = taught.trace.T, taught.timeline.end_of
    for position in range(taught.timeline.last + 1):
        scene = scene_of(taught, position)
        lines = two_sides_view.draw(scene, *NORMS)
        seen = {t: position >= end_of(Phase.FORWARD, t) for t in range(1, T + 1)}
        back = {t: position >= end_of(Phase.BACKWARD, t) for t in range(1, T + 1)}
        for t, line in steps_shown(lines).items():
            shown = [span.number is not None for span in line if span.role in ("number", "future")]
            entries = len(shown) // 4
            wanted = (back[t], seen[t], back[t], seen[t])
            assert shown == [one for one in wanted for _ in range(entries)]
            assert len(relations(line)) == (back[t] and seen[t])
        (total,) = [line for line in lines if text_of(line).startswith(" all")]
        assert (total[-1].text.strip() == "·" or total[-2].text.strip() == "·") == (not seen[T])
        assert ("=" in text_of(total)) == back[1]
        assert ("Largest difference" in "".join(map(text_of, lines))) == back[1]


@pytest.mark.parametrize(("width", "height"), [(118, 8), (78, 8), (200, 12), (118, 5)])
def test_steps_without_a_row_are_counted(width: int, height: int) -> None:
    for steps in (5, 40):
        taught = Lesson(long_trace(steps, 2), "any.toml")
        for t in (1, steps // 2, steps):
            lines = two_sides_view.draw(scene_of(taught, taught.timeline.end_of(Phase.BACKWARD, t)), width, height)
            rows, text = steps_shown(lines), "\n".join(map(text_of, lines))
            assert t in rows
            assert (f" ↑ {min(rows) - 1} " in text) == (min(rows) > 1)
            assert (f" ↓ {steps - max(rows)} " in text) == (max(rows) < steps)
            assert height < 8 or steps > 5 or len(rows) == 5


def test_entries_in_a_row_are_named() -> None:
    taught = lesson("wo-zuotian")
    lines = two_sides_view.draw(scene_of(taught, taught.timeline.last, parameter="b"), 118, 12)
    at = next(index for index, line in enumerate(lines) if text_of(line).lstrip().startswith("use of t"))
    assert text_of(lines[at + 1]).split() == ["1", "2", "3"] * 4
    # Each name ends where its numbers do.
    ends = [index for index, one in enumerate(text_of(lines[at + 1])) if one.isdigit()]
    assert all(text_of(line)[end].isdigit() for line in steps_shown(lines).values() for end in ends)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_left_and_right_are_is_said_beside_the_identity(language: Language) -> None:
    taught = lesson("wo-zuotian")
    (first, *_) = two_sides_view.draw(scene_of(taught, taught.timeline.last, language), 118, 8)
    assert {"en": "left:", "zh": "左边："}[language] in text_of(first)


def test_a_click_on_a_step_goes_there() -> None:
    taught = lesson("wo-zuotian")
    for start, phase in ((0, Phase.FORWARD), (taught.timeline.last, Phase.BACKWARD)):
        scene = scene_of(taught, start)
        for t, line in steps_shown(two_sides_view.draw(scene, *NORMS)).items():
            subject = line[1].subject
            assert isinstance(subject, GoTo)
            step = scene.at(subject.position).step
            assert (step.phase, step.t) == (phase, t)


def test_what_takes_long_is_carried_elsewhere_and_says_so() -> None:
    taught = Lesson(long_trace(2000, 2), "long.toml")
    scene, ledgers = scene_of(taught), taught.ledgers
    assert "carrying dh_t/dW forward: step 0 of 2,000" in text_of(two_sides_view.draw(scene, *NORMS)[1])
    wanted = ledgers.wanted
    assert wanted is not None
    assert (wanted.parameter, wanted.count) == ("W", 0)
    told: list[str] = []
    assert ledgers.compute(wanted, lambda _: told.append(text_of(two_sides_view.draw(scene, *NORMS)[1])))
    assert any("step 1,024 of 2,000" in text for text in told)
    assert steps_shown(two_sides_view.draw(scene, *NORMS))
    assert ledgers.wanted is None


def test_what_is_too_large_says_that_this_is_why(monkeypatch: pytest.MonkeyPatch) -> None:
    taught = Lesson(long_trace(200, 30), "large.toml")
    reasons: dict[Language, str] = {
        "en": "That is why backpropagation through time",
        "zh": "正因如此才用随时间反向传播",
    }
    for language, reason in reasons.items():
        text = "".join(text_of(line) for line in two_sides_view.draw(scene_of(taught, 0, language), 300, 9))
        assert reason in text
        assert f"{sensitivity.size(taught.trace, 'W'):,}" in text
    assert taught.ledgers.wanted is None
    # V takes part in no recursion, but its matrix over all steps has a limit as well.
    assert steps_shown(two_sides_view.draw(scene_of(taught, parameter="V"), 78, 20))
    monkeypatch.setattr(sensitivity, "LARGEST", 200 * 30 - 1)
    (line,) = [
        line for line in two_sides_view.draw(scene_of(taught, parameter="V"), 300, 9) if "6,000" in text_of(line)
    ]
    assert "the same summands" in text_of(line)


@settings(max_examples=200)
@given(
    steps=st.integers(1, 30),
    hidden=st.integers(1, 3),
    place=st.floats(0, 1),
    width=st.integers(57, 220),
    height=st.integers(1, 60),
    parameter=st.sampled_from(["U", "W", "b", "V", "c"]),
    notation=st.sampled_from(sorted(NOTATIONS)),
    language=st.sampled_from(LANGUAGES),
)
def test_any_length_at_any_size(
    steps: int,
    hidden: int,
    place: float,
    width: int,
    height: int,
    parameter: str,
    notation: str,
    language: Language,
) -> None:
    taught = Lesson(long_trace(steps, hidden), "any.toml")
    choices: dict[str, Any] = {"parameter": parameter}
    scene = Scene(taught, round(place * taught.timeline.last), language, NOTATIONS[notation], **choices)
    check_size(two_sides_view, scene, width, height)
    for line in two_sides_view.draw(scene, width, height):
        assert "…" not in text_of(line), "nothing is cut off"


def test_infinity_and_nan_are_shown() -> None:
    taught = wild_lesson()
    for parameter in taught.parameter_names:
        for size in (NORMS, ENTRIES):
            scene = scene_of(taught, taught.timeline.last, parameter=parameter)
            check_size(two_sides_view, scene, *size)
            lines = two_sides_view.draw(scene, *size)
            assert any("NaN" in text_of(line) for line in lines)
            wild = [span for line in lines for span in line if span.text.strip() in ("NaN", "∞", "+∞", "−∞")]
            assert all(span.role == "error" for span in wild if span.number is not None)
