"""What a venue's adapter is given, and what it offers: the whole of what a third party has to know.

An adapter package registers a function `(VenueContext) -> Venue` under its venue's name in the entry point group
`touchline.adapters`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from msgspec import Struct

from engine.clock import Clock
from engine.messages.views import HealthState
from engine.model.instrument import Instrument, Symbol
from engine.model.order import OrderType, TimeInForce
from engine.ports.broker import Broker
from engine.ports.history import BarHistory
from engine.ports.market_data import MarketDataSource


@dataclass(frozen=True, slots=True)
class Credential:
    """A key and its secret; never shown."""

    key: str = field(repr=False)
    secret: str = field(repr=False)


class VenueReading(Struct, frozen=True):
    """How one part of a venue is right now: a row of the health pane and a metric."""

    part: str
    """Stable and short: `submit`, `data`, `stream`, `rate_limit`, `clock`."""
    state: HealthState
    value: str
    detail: str = ""
    number: float = 0.0


class Verdict(StrEnum):
    """How one step of a connection check ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


class CheckStep(Struct, frozen=True):
    """One step of a connection check: what was found, and what to do where that is not well."""

    name: str
    """`dns`, `tls`, `auth`, `clock`, `permissions`, `data`, `order`."""
    verdict: Verdict
    found: str
    remedy: str = ""


class Abilities(Struct, frozen=True):
    """What orders a venue takes; the ticket offers nothing else."""

    types: frozenset[OrderType]
    tifs: frozenset[TimeInForce]
    post_only: bool = False
    amend: bool = False
    native_brackets: bool = False
    native_oco: bool = False
    extended_hours: bool = False


class Connectable(Protocol):
    """Can be asked step by step whether everything that trading needs is there."""

    def check(self) -> AsyncIterator[CheckStep]:
        """Walk from the name server to an order that is not sent; stops after what nothing can follow."""


@dataclass(frozen=True, slots=True)
class VenueContext:
    """What an adapter may use."""

    settings: Mapping[str, Any]
    """`[venues.<name>]` of the settings file, unchecked."""
    account: str
    clock: Clock
    instruments: Mapping[Symbol, Instrument]
    """What is listed so far, looked up in place."""
    credential: Callable[[], Awaitable[Credential | None]]
    """Ask the keyring; None where it keeps none for this venue and environment.

    Raises:
        SecretsError: it can't be asked.
    """
    note: Callable[[Struct], None]
    """Publish an event: a breaker that changed, a clock that is off."""


@dataclass(frozen=True, slots=True)
class Venue:
    """One venue as the engine uses it; making it does no I/O."""

    name: str
    live: bool
    """Whether its orders cost real money."""
    source: MarketDataSource
    broker: Broker | None
    abilities: Abilities | None
    history: BarHistory | None
    connection: Connectable | None
    services: tuple[tuple[str, Callable[[], Awaitable[None]]], ...]
    """What has to run beside the source for as long as the engine does, by name."""
    readings: Callable[[], tuple[VenueReading, ...]]
    instruments: Callable[[], Awaitable[tuple[Instrument, ...]]]
    """Fetch everything that the venue lists, for the search."""
