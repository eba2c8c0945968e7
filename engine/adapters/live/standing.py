"""How a source of live market data is, for whoever looks at it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from engine.adapters.live.vitals import Connection, rows_of
from engine.ports.venue import VenueRow
from engine.transport.breaker import Breaker
from engine.transport.skew import ClockSkew


class Standing(ABC):
    """Tells of one connection, its circuits and the venue's clock."""

    name: str
    stream: Connection
    """What keeps it connected."""
    skew: ClockSkew
    circuits: Sequence[Breaker]

    @abstractmethod
    def _confirmed(self) -> tuple[int, int]:
        """Return how many feeds the venue confirmed, and how many are wanted."""

    @property
    def connects(self) -> int:
        """How many connections came about."""
        return self.stream.connects

    def signs(self) -> Mapping[str, int | None]:
        """Return when the venue last proved that it tells what there is to tell, on the monotonic clock."""
        return {self.name: self.stream.heard_ns}

    @property
    def skew_ns(self) -> int | None:
        """How far the venue's clock is ahead of ours; None when that is not known."""
        return self.skew.skew_ns

    def rows(self) -> tuple[VenueRow, ...]:
        """Return the rows of the health board."""
        return rows_of(self.name, self.stream, self.circuits, self.skew, self._confirmed)
