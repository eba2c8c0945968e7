"""Since when the source of a quote has known what the next frame shows of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from engine.clock import NS_PER_S
from engine.model.market_state import MarketState

TOLD_AGAIN_NS: Final = 60 * NS_PER_S
"""A quote that was older when it came is what a venue repeats at the start of a connection, not one that took long."""


class SourceTimes:
    """Finds the oldest quote among those that came since the last frame."""

    __slots__ = ("_since_ns",)

    def __init__(self) -> None:
        self._since_ns = 0

    def oldest(self, states: Iterable[MarketState], now_ns: int, skews_ns: Mapping[str, int]) -> int:
        """Return when the source had the oldest of them, by our clock, ns UTC; 0 where none is new.

        A venue's own time is corrected by how far its clock is ahead of ours; one that says none had it when it came.
        """
        since_ns, self._since_ns = self._since_ns or now_ns, now_ns
        oldest = 0
        for state in states:
            came_ns = state.quote_receive_ns
            if came_ns <= since_ns:
                continue
            had_ns = min(came_ns, (state.quote_event_ns or came_ns) - skews_ns.get(state.source, 0))
            if came_ns - had_ns <= TOLD_AGAIN_NS and (had_ns < oldest or not oldest):
                oldest = had_ns
        return oldest
