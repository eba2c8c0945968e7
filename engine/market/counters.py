"""What the market room counts; plain numbers, written on the hot path, read by health and metrics."""

from __future__ import annotations

from collections import Counter


class MarketCounters:
    """Events by kind, and what was refused or worth noting, by reason."""

    __slots__ = (
        "bars",
        "deltas",
        "malformed",
        "noted",
        "quotes",
        "refused",
        "refused_by_source",
        "snapshots",
        "statuses",
        "trades",
    )

    def __init__(self) -> None:
        self.refused: Counter[str] = Counter()
        """Refused messages by reason."""
        self.refused_by_source: Counter[tuple[str, str]] = Counter()
        """The same by source and reason, what was malformed included."""
        self.malformed: Counter[str] = Counter()
        """Input that could not even be read, by reason."""
        self.noted: Counter[str] = Counter()
        """What was seen and let pass: locked quotes, book changes that were old or had to wait."""
        self.reset()

    def reset(self) -> None:
        """Start from nothing."""
        self.quotes = self.trades = self.snapshots = self.deltas = self.bars = self.statuses = 0
        self.refused.clear()
        self.refused_by_source.clear()
        self.malformed.clear()
        self.noted.clear()

    @property
    def events(self) -> dict[str, int]:
        """Messages received by kind, refused ones included, malformed ones not."""
        return {
            "quote": self.quotes,
            "trade": self.trades,
            "snapshot": self.snapshots,
            "delta": self.deltas,
            "bar": self.bars,
            "status": self.statuses,
        }

    @property
    def accepted(self) -> int:
        """Messages that were let in."""
        return sum(self.events.values()) - sum(self.refused.values())

    @property
    def refused_by_reason(self) -> dict[str, int]:
        """Everything that was not let in, what was malformed included, by reason."""
        return dict(self.refused + self.malformed)

    def refuse(self, source: str, reason: str) -> None:
        """Count a message that was refused."""
        self.refused[reason] += 1
        self.refused_by_source[source, reason] += 1

    def note_malformed(self, source: str, reason: str) -> None:
        """Count input that could not be read."""
        self.malformed[reason] += 1
        self.refused_by_source[source, reason] += 1
