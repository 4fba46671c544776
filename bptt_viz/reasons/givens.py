"""Where numbers were given: by the file, by its defaults, or drawn; and what became of them. Imports the core."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bptt_viz.formatting import full, plain
from bptt_viz.formulas import Symbol
from bptt_viz.leaves import leaf
from bptt_viz.messages import Phrase, phrase
from bptt_viz.network import DEFAULT_SCALE
from bptt_viz.reasons.reason import Changes, Ground, Reason
from bptt_viz.wording import quoted

if TYPE_CHECKING:
    from bptt_viz.quantities import Given
    from bptt_viz.scenario import BackwardTable
    from bptt_viz.sequence import Items


def given(ground: Ground, quantity: Given, entry: tuple[int, ...], changes: Changes | None = None) -> Reason:
    """An input, a target, a parameter, or what truncation multiplies by between two steps."""
    trace, name, t = ground.trace, quantity.name, quantity.t
    if name == "xi":
        value = trace.truncation.edge(t)
        origin = _of_edge(trace.scenario.backward, value)
        if ground.generated(t) and trace.scenario.backward.xi is not None:
            origin = phrase("origin.edge.generated", t=t)
        return Reason((Symbol(name, t),), value, origin=origin)
    if not t:
        one = leaf((Symbol(name),), trace.parameters[name], entry)
        return Reason(one.symbol, one.value, origin=_of_parameter(ground, name, entry, changes))
    items, rows = (trace.inputs, trace.x) if name == "x" else (trace.targets, trace.y)
    one = leaf((Symbol(name, t),), rows[t - 1], entry)
    origin = _of_item(items, t, entry)
    if name == "x" and ground.generated(t):
        key = "origin.generated.word" if items.word(t) else "origin.generated"
        origin = phrase(key, item=origin, before=t - 1)
    return Reason(one.symbol, one.value, origin=origin)


def _of_edge(table: BackwardTable, value: float) -> Phrase:
    """ξ_t: given, or kept with probability π."""
    if table.xi is not None:
        return phrase("origin.file", place="backward.xi")
    kept = table.probability or 1.0
    if value:
        return phrase("origin.edge.kept", probability=plain(kept), seed=table.seed)
    return phrase("origin.edge.cut", probability=plain(1.0 - kept), seed=table.seed)


def _of_item(items: Items, t: int, entry: tuple[int, ...]) -> Phrase:
    word = items.word(t)
    if word:
        return phrase("origin.one_hot", word=word, own=items.vocabulary[entry[0]])
    return phrase("origin.sequence" if items.present(t) else "origin.empty", t=t)


def _of_parameter(ground: Ground, name: str, entry: tuple[int, ...], changes: Changes | None) -> Phrase:
    """Where the number comes from, or where it came from at the start and what made another number of it."""
    trace = ground.trace
    start, now = ground.at_the_start.get(name), trace.parameters[name]
    if start is None or start.shape != now.shape:
        return phrase("origin.network")
    origin = _at_the_start(ground, name)
    if start[entry] == now[entry]:
        return origin
    if origin.key != "origin.zero":
        origin = phrase("origin.at_first", value=full(float(start[entry])), origin=origin)
    if changes is None:
        changes = Changes() if trace.loss_history is None else Changes(len(trace.loss_history) - 1)
    if not changes.updates:
        return phrase("origin.edited", start=origin)
    return phrase("origin.updated.edited" if changes.by_hand else "origin.updated", start=origin, count=changes.updates)


def _at_the_start(ground: Ground, name: str) -> Phrase:
    """Where a parameter of the scenario's network comes from."""
    table = ground.trace.scenario.network
    if name in table.parameters:
        return phrase("origin.file", place=f"network.parameters.{name}")
    if name in ground.trace.scenario.given_parameters:
        return phrase("origin.file", place=f"network.weights = {quoted(table.weights or '')}")
    if ground.trace.parameters[name].ndim == 1 or table.initial.method == "zeros":
        return phrase("origin.zero")
    method = table.initial.method
    scale = DEFAULT_SCALE.get(method, 1.0) if table.initial.scale is None else table.initial.scale
    return phrase("origin.drawn", method=method, scale=plain(scale), seed=table.initial.seed)
