"""Checks of one key of a scenario against another, once the types are right: the table of them, and how it is run.

May import ``conversion``, ``wording`` and the ``check_…`` modules; never reads a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from bptt_viz import check_backward, check_lecture, check_network, check_sequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bptt_viz.conversion import Draft
    from bptt_viz.errors import Problem


@dataclass(frozen=True, slots=True)
class Check:
    """One row: what is checked, and the keys without which that makes no sense.

    Attributes
    ----------
    find
        Draft → the problems.
    needs
        Paths that must be readable; otherwise the check is left out, their problems being told already.
    """

    find: Callable[[Draft], Iterator[Problem]]
    needs: tuple[str, ...]


_SIDES: Final = check_sequence.SIDES
_CELL: Final = ("network.cell", "network.reset", "sequence.decoder_from")
_SIZES: Final = ("network.hidden_size", "network.layers")

CHECKS: Final[tuple[Check, ...]] = (
    Check(check_sequence.one_form, ("sequence",)),
    Check(check_sequence.enough_tokens, ("sequence.tokens",)),
    Check(check_sequence.equal_lengths, _SIDES),
    Check(check_sequence.vocabulary, ("sequence.vocabulary",)),
    Check(check_sequence.known_tokens, ("sequence.tokens", "sequence.vocabulary")),
    Check(check_sequence.known_inputs, ("sequence.inputs", "sequence.vocabulary")),
    Check(check_sequence.known_targets, ("sequence.targets", "sequence.vocabulary")),
    Check(check_sequence.uniform_inputs, ("sequence.inputs",)),
    Check(check_sequence.uniform_targets, ("sequence.targets",)),
    Check(check_sequence.sized_inputs, (*_SIDES, "sequence.vocabulary")),
    Check(check_sequence.sized_targets, (*_SIDES, "sequence.vocabulary")),
    Check(check_sequence.decoder_from, (*_SIDES, "sequence.decoder_from")),
    Check(check_sequence.initial_state, ("sequence.initial_state", *_SIZES)),
    Check(check_network.cell_keys, ("network.cell",)),
    Check(check_network.layers, ("network.layers",)),
    Check(check_network.parameter_names, (*_CELL, "network.layers", "network.bias")),
    Check(check_network.parameter_shapes, (*_CELL, *_SIZES)),
    Check(check_network.size, (*_SIDES, "sequence.vocabulary", *_CELL, *_SIZES, "network.parameters")),
    Check(check_sequence.targets_fit_loss, ("sequence.targets", "loss.kind")),
    Check(check_backward.length, ("backward.strategy", "backward.length")),
    Check(check_backward.randomness, ("backward.strategy", "backward.probability", "backward.xi")),
    Check(check_backward.length_of_xi, ("backward.xi", *_SIDES)),
    Check(check_lecture.known_notation, ("lecture.notation",)),
    Check(check_lecture.bundled_beside, ("lecture.beside",)),
)


def check(draft: Draft, at_most: int) -> list[Problem]:
    """The first ``at_most`` problems between the keys of a scenario, as far as it could be read."""
    wanted = (row for row in CHECKS if all(map(draft.readable, row.needs)))
    return list(islice((problem for row in wanted for problem in row.find(draft)), at_most))
