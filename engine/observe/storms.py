"""Keeps one loud event from drowning the others: of each, so many a second are let through and the rest are counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from engine.clock import NS_PER_S

KEPT_MAX: Final = 50
"""Lines that one event of a component may have in a second."""
EVENTS_MAX: Final = 256
"""Events that are counted apart; what comes beyond shares one count."""
_REST: Final = ("log", "the rest")


class LeftOut(NamedTuple):
    """How many lines of an event were left out since that was said last."""

    component: str
    event: str
    lines: int


class _Count:
    """One event's second."""

    __slots__ = ("kept", "left_out", "second")

    def __init__(self) -> None:
        self.second = self.kept = self.left_out = 0


class Storms:
    """Counts by component and event, second by second."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], _Count] = {}
        self._loud: set[tuple[str, str]] = set()
        """Those that have something left out which was not said."""

    def lets(self, component: str, event: str, at_ns: int) -> bool:
        """Tell whether a line may be written; one that may not is counted. `at_ns` is the machine's time."""
        key = (component, event)
        count = self._counts.get(key)
        if count is None:
            key, count = self._begin(key)
        second = at_ns // NS_PER_S
        if second != count.second:
            count.second, count.kept = second, 0
        if count.kept < KEPT_MAX:
            count.kept += 1
            return True
        count.left_out += 1
        self._loud.add(key)
        return False

    def take_left_out(self) -> Iterator[LeftOut]:
        """Yield what was left out since the last call, in the order of its names."""
        for key in sorted(self._loud):
            count = self._counts[key]
            yield LeftOut(*key, count.left_out)
            count.left_out = 0
        self._loud.clear()

    def _begin(self, key: tuple[str, str]) -> tuple[tuple[str, str], _Count]:
        if len(self._counts) >= EVENTS_MAX:
            key = _REST
        return key, self._counts.setdefault(key, _Count())
