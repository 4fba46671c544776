"""Checks of ``[sequence]``, and of targets against ``[loss]``: rows of the table in ``checking``. Imports ``sequence``.

Each check gets a draft whose keys it needs are readable and yields problems.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bptt_viz.errors import Problem
from bptt_viz.messages import Phrase, phrase
from bptt_viz.sequence import sides
from bptt_viz.wording import found, nearest, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bptt_viz.conversion import Draft
    from bptt_viz.scenario import Item, Vector

#: The keys that make up the two sides of a sequence.
SIDES: Final = ("sequence.tokens", "sequence.inputs", "sequence.targets")
#: How far from 1 the sum of a target distribution may be.
SUM_TOLERANCE: Final = 1e-6


def one_form(draft: Draft) -> Iterator[Problem]:
    """Either ``tokens``, or ``inputs`` with ``targets``."""
    given = [key for key in ("tokens", "inputs", "targets") if f"sequence.{key}" in draft.given]
    if given in (["tokens"], ["inputs", "targets"]):
        return
    if "tokens" in given or not given:
        instead = phrase("found.written", value=", ".join(given)) if given else phrase("found.neither")
        yield Problem("sequence", phrase("expected.one_form"), instead)
        return
    other = "targets" if given == ["inputs"] else "inputs"
    expected = phrase("expected.other_side", other=f"sequence.{given[0]}")
    yield Problem(f"sequence.{other}", expected, phrase("found.nothing"))


def enough_tokens(draft: Draft) -> Iterator[Problem]:
    """At least two tokens: the last is only a target."""
    tokens = draft.scenario.sequence.tokens
    if tokens is not None and len(tokens) < 2:
        yield Problem("sequence.tokens", phrase("expected.tokens"), found(tokens))
    for index, token in enumerate(tokens or ()):
        if not token:
            yield Problem(f"sequence.tokens[{index}]", phrase("expected.symbol"), found(token))


def equal_lengths(draft: Draft) -> Iterator[Problem]:
    """As many targets as inputs, and at least one."""
    inputs, targets = draft.scenario.sequence.inputs, draft.scenario.sequence.targets
    if inputs is None or targets is None:
        return
    if not inputs:
        yield Problem("sequence.inputs", phrase("expected.steps"), found(inputs))
    elif len(inputs) != len(targets):
        yield Problem("sequence.targets", phrase("expected.as_many", length=len(inputs)), found(targets))


def vocabulary(draft: Draft) -> Iterator[Problem]:
    """Symbols, none empty, none twice, at least one."""
    symbols = draft.scenario.sequence.vocabulary
    if symbols is None:
        return
    if not symbols:
        yield Problem("sequence.vocabulary", phrase("expected.symbols"), found(symbols))
    first: dict[str, int] = {}
    for index, symbol in enumerate(symbols):
        where = f"sequence.vocabulary[{index}]"
        if not symbol:
            yield Problem(where, phrase("expected.symbol"), found(symbol))
        elif symbol in first:
            again = phrase("found.again", value=quoted(symbol), where=f"sequence.vocabulary[{first[symbol]}]")
            yield Problem(where, phrase("expected.new_symbol"), again)
        first.setdefault(symbol, index)


def _known(key: str) -> Callable[[Draft], Iterator[Problem]]:
    def check(draft: Draft) -> Iterator[Problem]:
        """Every symbol is in the vocabulary, where the file gives one."""
        symbols = draft.scenario.sequence.vocabulary
        if not symbols:
            return
        known = frozenset(symbols)
        for index, item in enumerate(getattr(draft.scenario.sequence, key) or ()):
            if isinstance(item, str) and item and item not in known:
                expected = phrase("expected.in_vocabulary", nearest=quoted(nearest(item, symbols)))
                yield Problem(f"sequence.{key}[{index}]", expected, found(item))

    return check


known_tokens: Final = _known("tokens")
known_inputs: Final = _known("inputs")
known_targets: Final = _known("targets")


def _uniform(key: str) -> Callable[[Draft], Iterator[Problem]]:
    def check(draft: Draft) -> Iterator[Problem]:
        """All symbols, or all vectors of one length; empty items fit both."""
        items: tuple[Item, ...] = getattr(draft.scenario.sequence, key) or ()
        present = [(index, item) for index, item in enumerate(items) if item]
        if not present:
            return
        first, model = present[0]
        for index, item in present[1:]:
            if _kind(item) != _kind(model):
                expected = phrase("expected.same_kind", kind=_kind_in_words(model), first=f"sequence.{key}[{first}]")
                yield Problem(f"sequence.{key}[{index}]", expected, found(item))

    return check


uniform_inputs: Final = _uniform("inputs")
uniform_targets: Final = _uniform("targets")


def _kind(item: Item) -> int:
    """0 for a symbol, the length of a vector."""
    return 0 if isinstance(item, str) else len(item)


def _kind_in_words(item: Item) -> Phrase:
    return phrase("kind.symbol") if isinstance(item, str) else phrase("kind.vector", length=len(item))


def sizes(draft: Draft) -> tuple[int, int]:
    """D and K; 0 where the file does not tell them, or where what would tell them cannot be read."""
    if not all(map(draft.readable, (*SIDES, "sequence.vocabulary"))):
        return 0, 0
    inputs, targets = sides(draft.scenario.sequence)
    return inputs.size, targets.size


def sized_inputs(draft: Draft) -> Iterator[Problem]:
    """Something that tells the size D."""
    if draft.scenario.sequence.inputs and not sizes(draft)[0]:
        yield Problem("sequence.inputs", phrase("expected.any_input"), phrase("found.only_empty"))


def sized_targets(draft: Draft) -> Iterator[Problem]:
    """Something that tells the size K."""
    if draft.scenario.sequence.targets and not sizes(draft)[1]:
        yield Problem("sequence.targets", phrase("expected.any_target"), phrase("found.only_empty"))


def decoder_from(draft: Draft) -> Iterator[Problem]:
    """A step after the first, so that both sets of parameters are used."""
    first, steps = draft.scenario.sequence.decoder_from, len(sides(draft.scenario.sequence)[0].items)
    where = "sequence.decoder_from"
    if first is not None and steps == 1:
        yield Problem(where, phrase("expected.decoder_steps"), phrase("found.written", value=steps))
    elif first is not None and steps and first > steps:
        yield Problem(where, phrase("expected.decoder_from", steps=steps), phrase("found.written", value=first))


def initial_state(draft: Draft) -> Iterator[Problem]:
    """hidden_size numbers, or for several layers one such list per layer."""
    state, table = draft.scenario.sequence.initial_state, draft.scenario.network
    if state is None:
        return
    where = "sequence.initial_state"
    if table.layers == 1 and all(isinstance(entry, float) for entry in state):
        if len(state) != table.hidden_size:
            yield Problem(where, phrase("expected.state", size=table.hidden_size), found(state))
        return
    if len(state) != table.layers or (table.layers > 1 and all(isinstance(entry, float) for entry in state)):
        key = "expected.state" if table.layers == 1 else "expected.states"
        yield Problem(where, phrase(key, layers=table.layers, size=table.hidden_size), found(state))
        return
    for index, entry in enumerate(state):
        if isinstance(entry, float) or len(entry) != table.hidden_size:
            yield Problem(f"{where}[{index}]", phrase("expected.state", size=table.hidden_size), found(entry))


def _distribution(target: Vector) -> Phrase | None:
    least = min(target)
    if least < 0:
        return phrase("found.written", value=repr(least))
    total = sum(target)
    return phrase("found.sum", total=f"{total:.9g}") if abs(total - 1) > SUM_TOLERANCE else None


def _probabilities(target: Vector) -> Phrase | None:
    outside = [number for number in target if not 0 <= number <= 1]
    return phrase("found.written", value=repr(outside[0])) if outside else None


#: Loss → what is wrong with a numeric target, or None; squared_error takes any.
_FITTING: Final[Mapping[str, Callable[[Vector], Phrase | None]]] = {
    "cross_entropy": _distribution,
    "binary_cross_entropy": _probabilities,
}


def targets_fit_loss(draft: Draft) -> Iterator[Problem]:
    """Numeric targets in the domain of the loss that the file names; symbols are one-hot, which fits all of them."""
    kind = draft.scenario.loss.kind
    misfit = _FITTING.get(kind or "")
    for index, item in enumerate(draft.scenario.sequence.targets or ()):
        if misfit is None or isinstance(item, str) or not item:
            continue
        instead = misfit(item)
        if instead is not None:
            yield Problem(f"sequence.targets[{index}]", phrase(f"expected.{kind}"), instead)
