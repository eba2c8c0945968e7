"""Which question an answer answers, where answers carry no number: the oldest that is open."""

from __future__ import annotations

from collections import deque

from engine.clock import NS_PER_S

_LOST_NS = 300 * NS_PER_S
"""After how long an answer is given up for lost."""
Question = tuple[int, int]
"""When it was asked: by the clock, and by what had moved."""


class Questions:
    """Open questions in the order in which they were asked.

    Answers come in the order of their questions, or not at all. Where one was lost, later answers are taken
    for older than they are: then less is concluded from them, never more.
    """

    __slots__ = ("_open",)

    def __init__(self) -> None:
        self._open: deque[Question] = deque()

    def __bool__(self) -> bool:
        return bool(self._open)

    def ask(self, now_ns: int, moment: int = 0) -> None:
        """Note a question that leaves now."""
        while self._open and self._open[0][0] < now_ns - _LOST_NS:
            self._open.popleft()
        self._open.append((now_ns, moment))

    def answered(self) -> Question | None:
        """Return the question that an answer belongs to; None for one that was not asked for."""
        return self._open.popleft() if self._open else None

    def forget(self) -> None:
        """Expect no answer any more."""
        self._open.clear()
