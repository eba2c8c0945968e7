"""Questions to the broker that are open: each has a number, and an answer counts for the one that it names."""

from __future__ import annotations

import itertools
from typing import Final, NamedTuple

from engine.clock import NS_PER_S, Clock
from engine.execution.movement import Movement

_LOST_NS: Final = 300 * NS_PER_S
"""After how long an answer is given up for lost."""


class Question(NamedTuple):
    """One question as it left."""

    about: str
    """The order, by its id; empty for everything."""
    asked_ns: int
    """By the date."""
    steady_ns: int
    """By steady time: how long it has been since something else."""
    moment: int
    """In the order of events: what moved later is not in the answer."""


class Questions:
    """Gives out numbers, never one twice; an answer that names none, or one that has its answer, counts nothing."""

    __slots__ = ("_clock", "_movement", "_numbers", "_open")

    def __init__(self, clock: Clock, movement: Movement) -> None:
        self._clock = clock
        self._movement = movement
        self._numbers = itertools.count(1)
        self._open: dict[int, Question] = {}

    def ask(self, about: str = "") -> int:
        """Note a question that leaves now, and return its number."""
        steady_ns = self._clock.monotonic_ns()
        self._give_up(steady_ns - _LOST_NS)
        number = next(self._numbers)
        self._open[number] = Question(about, self._clock.now_ns(), steady_ns, self._movement.now)
        return number

    def _give_up(self, before_ns: int) -> None:
        while self._open and next(iter(self._open.values())).steady_ns < before_ns:
            del self._open[next(iter(self._open))]

    def answered(self, number: int, about: str = "") -> Question | None:
        """Return the question that an answer names, and expect no other; None where there is no such open question."""
        question = self._open.get(number)
        if question is None or question.about != about:
            return None
        del self._open[number]
        return question

    def forget(self) -> None:
        """Expect no answer any more."""
        self._open.clear()
