"""What waits to be written in the log: kept while an order goes by, worked out when nobody waits."""

from __future__ import annotations

from typing import Any

from engine.observe.line_kind import LineKind

Entry = tuple[int, LineKind, *tuple[Any, ...]]
"""When (0: as its event says), which kind of line, and what it is written from; an event comes first."""


class WaitingLines:
    """Keeps so many and counts the others."""

    __slots__ = ("dropped", "entries", "most", "unsaid")

    def __init__(self, most: int) -> None:
        self.most = most
        self.entries: list[Entry] = []
        """In the order in which they came."""
        self.dropped = 0
        """Those that came faster than they may, or could not be written."""
        self.unsaid = 0
        """Those of them that the log does not tell of yet."""

    def keep(self, entry: Entry) -> None:
        """Keep what a line is written from; nothing of it may change any more."""
        if len(self.entries) < self.most:
            self.entries.append(entry)
        else:
            self.drop(1)

    def drop(self, count: int) -> None:
        """Count lines that are not written."""
        self.dropped += count
        self.unsaid += count
