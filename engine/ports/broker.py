"""What the engine needs of a broker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from engine.messages.reports import Report
from engine.model.instrument import Symbol
from engine.model.order import OrderRequest

ReportSink = Callable[[Report], None]


class Broker(Protocol):
    """Takes orders; every answer comes later, as a report. No call waits and none raises.

    Questions have numbers, and an answer has its question's: one that comes twice is one.
    """

    @property
    def name(self) -> str:
        """What it is called on screen and in the metrics."""

    def connect(self, sink: ReportSink) -> None:
        """Send all reports from now on to `sink`, on the engine's thread."""

    def submit(self, request: OrderRequest) -> None:
        """Begin to send an order."""

    def cancel(self, client_id: str) -> None:
        """Begin to take an order back; what could not even be sent is told as such, and is asked again later."""

    def amend(self, client_id: str, quantity: int, limit: int | None, stop: int | None) -> None:
        """Begin to change an order to these terms, in units; quantity includes what was filled."""

    def inquire(self, client_id: str, question: int) -> None:
        """Begin to ask what became of one order: a status or a not-found report answers."""

    def take_stock(self, since_ns: int, question: int) -> None:
        """Begin to ask for everything it has, closed orders and fills since then: a stock report answers."""


@runtime_checkable
class PairBroker(Protocol):
    """A broker that can hold a stop and a target as one: what fills of one it takes off the other itself.

    Each of the two is an order with an id of its own, and is told of as any other. Whichever is taken back takes the
    other with it, and a cancel of one that went so is answered as done.
    """

    def holds_as_one(self, symbol: Symbol) -> bool:
        """Return whether it holds those of a symbol so."""

    def submit_pair(self, stop: OrderRequest, target: OrderRequest) -> None:
        """Begin to send both at once: either the broker has both, or it has none."""


@runtime_checkable
class TendedBroker(Protocol):
    """A broker with something to do for as long as the engine runs."""

    async def run(self) -> None:
        """Do it until cancelled."""
