"""The one ordered list of steps, and the arithmetic of a cursor on it. No values, no screen.

Nothing is listed: a sequence of 10,000 steps has some 90,000 positions, and each is computed.

    position 0          the start: nothing is computed yet
    then, t = 1..T      the forward operations of each time step
    one position        the loss L
    then, t = T..1      the backward operations of each time step
    the last position   the update of the parameters
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from bptt_viz.network import Network

OperationKind = Literal["equation", "output", "prediction", "loss", "loss_gradient", "adjoint", "contribution"]


class Phase(Enum):
    """The parts of the timeline, in order."""

    START = "start"
    FORWARD = "forward"
    LOSS = "loss"
    BACKWARD = "backward"
    UPDATE = "update"


class Operation(Struct, frozen=True):
    """What is computed at one position within a time step.

    Attributes
    ----------
    name
        The quantity: an equation's name, ``o``, ``y_hat``, ``L``; backward, the name of what the
        adjoint belongs to; ``contribution`` for the last one.
    layer
        The index of the layer, from 0; None for the output layer and what follows it.
    """

    kind: OperationKind
    name: str
    layer: int | None = None


class Step(Struct, frozen=True):
    """One position of the timeline, spelled out; ``t`` is 0 where no time step is meant."""

    position: int
    phase: Phase
    t: int
    operation: Operation | None


@dataclass(frozen=True)
class Timeline:
    """All steps of a network over T time steps.

    Attributes
    ----------
    forward, backward
        The operations of one time step, in order.
    """

    T: int
    forward: tuple[Operation, ...]
    backward: tuple[Operation, ...]

    @classmethod
    def of(cls, network: Network, steps: int) -> Timeline:
        """The timeline of ``network`` over ``steps`` time steps."""
        inner = [
            Operation("equation", equation.name, layer)
            for layer, cell in enumerate(network.cells)
            for equation in cell.equations
        ]
        ahead = (*inner, Operation("output", "o"), Operation("prediction", "y_hat"), Operation("loss", "L"))
        back = [Operation("adjoint", operation.name, operation.layer) for operation in reversed(inner)]
        return cls(steps, ahead, (Operation("loss_gradient", "o"), *back, Operation("contribution", "contribution")))

    @cached_property
    def loss_position(self) -> int:
        """Where the step losses are summed to L."""
        return 1 + self.T * len(self.forward)

    @cached_property
    def last(self) -> int:
        """The last position: the update."""
        return self.loss_position + self.T * len(self.backward) + 1

    def clamp(self, position: int) -> int:
        """The nearest position there is."""
        return min(max(position, 0), self.last)

    def step(self, position: int) -> Step:
        """What happens at a position.

        Raises
        ------
        IndexError
            If there is no such position.
        """
        if not 0 <= position <= self.last:
            raise IndexError(f"position: expected 0..{self.last}, found {position}")
        if position == 0:
            return Step(position, Phase.START, 0, None)
        if position < self.loss_position:
            before, index = divmod(position - 1, len(self.forward))
            return Step(position, Phase.FORWARD, before + 1, self.forward[index])
        if position == self.loss_position:
            return Step(position, Phase.LOSS, 0, None)
        if position == self.last:
            return Step(position, Phase.UPDATE, 0, None)
        before, index = divmod(position - self.loss_position - 1, len(self.backward))
        return Step(position, Phase.BACKWARD, self.T - before, self.backward[index])

    def position(self, phase: Phase, t: int, operation: Operation) -> int:
        """Where ``operation`` is computed at time step ``t``."""
        if phase is Phase.FORWARD:
            return 1 + (t - 1) * len(self.forward) + self._forward_index[operation]
        return self.loss_position + 1 + (self.T - t) * len(self.backward) + self._backward_index[operation]

    @cached_property
    def _forward_index(self) -> dict[Operation, int]:
        return {operation: index for index, operation in enumerate(self.forward)}

    @cached_property
    def _backward_index(self) -> dict[Operation, int]:
        return {operation: index for index, operation in enumerate(self.backward)}

    def end_of(self, phase: Phase, t: int) -> int:
        """The last position of time step ``t`` in a phase; of the phase itself where it has no time steps."""
        if phase is Phase.FORWARD:
            return self.position(phase, t, self.forward[-1])
        if phase is Phase.BACKWARD:
            return self.position(phase, t, self.backward[-1])
        return {Phase.START: 0, Phase.LOSS: self.loss_position, Phase.UPDATE: self.last}[phase]

    def next_time_step(self, position: int) -> int:
        """The end of this time step, or of the next one where this one has ended."""
        step = self.step(position)
        end = self.end_of(step.phase, step.t)
        if position < end or position == self.last:
            return end
        following = self.step(end + 1)
        return self.end_of(following.phase, following.t)

    def previous_time_step(self, position: int) -> int:
        """The end of the time step before this one."""
        step = self.step(position)
        length = {Phase.FORWARD: len(self.forward), Phase.BACKWARD: len(self.backward)}.get(step.phase, 1)
        return max(self.end_of(step.phase, step.t) - length, 0)

    def moved(self, other: Timeline, position: int) -> int:
        """The position here that says the same as ``position`` of ``other``, as near as there is one."""
        step = other.step(position)
        if step.operation is None:
            return self.end_of(step.phase, 0)
        t = min(step.t, self.T)
        operations = self.forward if step.phase is Phase.FORWARD else self.backward
        if step.operation in operations:
            return self.position(step.phase, t, step.operation)
        return self.end_of(step.phase, t)
