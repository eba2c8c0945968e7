"""A venue as whoever is on call sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, Protocol, runtime_checkable

from engine.messages.circuits import CircuitState, Operation
from engine.messages.remedies import Remedy
from engine.messages.views import HealthState
from engine.model.instrument import Symbol
from engine.ports.market_data import MarketDataSource
from engine.ports.tracing import Tracer


class VenueReading(NamedTuple):
    """How one part of a venue is right now; its fields are those of a row of the health board."""

    state: HealthState
    value: str
    detail: str = ""
    number: float = 0.0


class VenueRow(NamedTuple):
    """A row of the health board; `name` is also the exporter's."""

    name: str
    label: str
    read: Callable[[], VenueReading]
    needs: tuple[str, ...] = ()
    """The names of the venue's rows without which it can't be well."""
    remedies: Mapping[Remedy, Callable[[Symbol | None], str]] = MappingProxyType({})
    """What a person can do about it; each says what was done, and raises EngineError where it can't be."""


class Circuit(Protocol):
    """The circuit of one operation."""

    tracer: Tracer
    """Takes a span of every call."""

    @property
    def operation(self) -> Operation:
        """What it guards."""

    @property
    def state(self) -> CircuitState:
        """Whether the venue is asked."""

    @property
    def openings(self) -> int:
        """How often it opened."""


class Venue(Protocol):
    """Tells how it is; never waits and never raises."""

    @property
    def name(self) -> str:
        """What it is called on screen and in the metrics."""

    @property
    def circuits(self) -> Sequence[Circuit]:
        """Its circuits."""

    @property
    def connects(self) -> int:
        """How many connections to it came about."""

    def signs(self) -> Mapping[str, int | None]:
        """Return when each of its sources last proved that it tells what there is to tell, on the monotonic clock.

        A source is called as in its quotes, and a heartbeat is a sign too; None before the first.
        """

    @property
    def skew_ns(self) -> int | None:
        """How far its clock is ahead of ours; None when that is not known."""

    def rows(self) -> tuple[VenueRow, ...]:
        """Return its rows of the health board."""


class LiveVenue(MarketDataSource, Venue, Protocol):
    """A venue's market data."""

    publish: Callable[[object], None]
    """Told of circuits that change and of what a person should see."""
    known_to_ns: Callable[[Symbol], int]
    """Where the minutes end that need not be asked for."""

    @property
    def wanted(self) -> tuple[Symbol, ...]:
        """The symbols it was made for, by the venue's names."""

    @property
    def request_snapshot(self) -> Callable[[Symbol, str], None]:
        """Asks for a fresh snapshot of a book, with the reason."""


@runtime_checkable
class OpenEnded(Protocol):
    """A venue's market data that may take more symbols, and give some back, while it runs."""

    follows_more: bool
    """Whether it does: one that is built on what could may not."""

    def want(self, symbols: Iterable[Symbol]) -> None:
        """Follow these too, before it runs; what the venue does not have is told once that is known."""

    async def follow(self, symbol: Symbol) -> None:
        """Follow one more, over the connection there is and those to come; it is listed when this returns, or soon.

        Raises:
            AdapterError: the venue is not connected, did not answer, or has no such symbol.
            DataError: what it says of the symbol is of no use here.
        """

    def leave(self, symbol: Symbol) -> None:
        """Follow a symbol no more.

        Raises:
            AdapterError: it is the only one, and there has to be one.
        """
