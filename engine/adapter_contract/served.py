"""What the contracts need of a venue that a test runs: its author brings one that speaks the venue's protocol."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from engine.messages.reports import Report
from engine.model.order import OrderRequest
from engine.model.trade import Side
from engine.ports.broker import Broker

T = TypeVar("T")
TextLevel = tuple[str, str]
"""A price and its size, as the venue writes them."""


class ServedVenue(Protocol):
    """A server on this machine, on a thread or loop of its own."""

    def do(self, what: Callable[[], T]) -> T:
        """Do something on the venue's own thread, and return what came of it."""

    def open(self) -> None:
        """Listen again, where it listened before."""

    def close(self) -> None:
        """End every connection and listen no more."""


class ServedBook(Protocol):
    """A book of the venue."""

    def tops(self, depth: int) -> tuple[Sequence[TextLevel], Sequence[TextLevel]]:
        """Return the best bids and the best offers."""


class Faults(Protocol):
    """What goes wrong at a venue until it is set right again."""

    mute: bool
    """It says nothing, and keeps the connection."""
    refuse: bool
    """It answers every handshake with HTTP 503."""
    late_s: float
    """How long every message waits."""


class Floor(Protocol):
    """What happens at a venue; everything is called by `ServedVenue.do`."""

    @property
    def faults(self) -> Any:
        """What goes wrong there: at least `Faults`."""

    def say(self, frame: str | bytes) -> None:
        """Send a frame of any kind to everyone."""

    def kill(self) -> None:
        """End every connection without a word."""

    def trade(self, symbol: str, side: str, price: str, quantity: str) -> object:
        """Print a trade; `side` is who took, `buy` or `sell`."""


class BrokerVenue(Protocol):
    """A broker with a venue that a test can drive. Prices and sizes are in units."""

    broker: Broker
    reports: list[Report]
    """Everything the broker reported, oldest first."""

    def quote(self, bid: int, ask: int, bid_size: int = 100, ask_size: int = 100) -> None:
        """Make the venue show this touch and nothing else."""

    def request(self, side: Side, quantity: int, limit: int | None = None, **terms: Any) -> OrderRequest:
        """Return a new order with an id of its own: a market order without a limit."""

    def settle(self) -> None:
        """Wait until whatever is on its way has arrived, both ways."""
