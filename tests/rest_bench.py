"""A broker over HTTP on a loop that runs only while somebody waits for something; a venue's bench adds its own."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, Self, TypeVar

from engine.adapters.rest.broker import RestBroker
from engine.clock import SystemClock
from engine.messages.reports import LinkReport, Report, StockReport
from engine.messages.stock import BrokerStock
from engine.model.instrument import Symbol
from engine.model.order import OrderRequest, OrderType
from engine.model.trade import Side
from engine.ports.broker import Broker

R = TypeVar("R")
ACCOUNT = "PAPER-1"
PATIENCE_S = 20.0


class RestBench(ABC):
    """What the broker contract asks of a venue, and what else tests do with one."""

    symbol: ClassVar[Symbol]
    """Of orders that don't say."""
    broker: Broker
    rest: RestBroker[Any]
    """The same broker."""

    def __init__(self) -> None:
        self.reports: list[Report] = []
        self.alerts: list[str] = []
        self.loop = asyncio.new_event_loop()
        self.clock = SystemClock()
        self._numbers = itertools.count(1)
        self._task: asyncio.Task[None] | None = None
        self._before = 0

    @abstractmethod
    def quote(self, bid: int, ask: int, bid_size: int = 100, ask_size: int = 100) -> None:
        """Make the venue show this touch and nothing else."""

    @abstractmethod
    def settle(self) -> None:
        """Wait until every request is answered and every update has come."""

    @abstractmethod
    def _told(self) -> int:
        """Return how many updates the venue has told so far."""

    @abstractmethod
    def _heard(self) -> int:
        """Return how many updates came so far."""

    @abstractmethod
    async def _close(self) -> None:
        """Let go of the connections."""

    def begin(self) -> Self:
        """Start its task, and return once the way is open."""
        self._task = self.loop.create_task(self.rest.run())
        self.wait_for(lambda: self.rest.connected)
        self.reports.clear()
        self.meet()
        return self

    def begin_alone(self) -> Self:
        """Start its task though nobody may be there."""
        self._task = self.loop.create_task(self.rest.run())
        self.turn()
        return self

    def meet(self) -> None:
        """Count the venue's updates from now on: those before went to nobody."""
        self._before = self._told() - self._heard()

    def close(self) -> None:
        """Stop its task, as the engine does."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                self.loop.run_until_complete(self._task)
        self.loop.run_until_complete(self._close())
        self.turn()
        self.loop.close()

    def turn(self, times: int = 3) -> None:
        """Let the loop do what is ready."""
        for _ in range(times):
            self.loop.run_until_complete(asyncio.sleep(0))

    def wait_for(self, is_so: Callable[[], bool]) -> None:
        """Let the loop run until it is so."""

        async def wait() -> None:
            async with asyncio.timeout(PATIENCE_S):
                while not is_so():  # noqa: ASYNC110 - what is waited for has no event
                    await asyncio.sleep(0.001)

        self.loop.run_until_complete(wait())

    def wait_for_report(self, kind: type[R], count: int = 1) -> R:
        """Wait for a report of a kind and return the last of them."""
        self.wait_for(lambda: len(self.of(kind)) >= count)
        return self.of(kind)[-1]

    def of(self, kind: type[R]) -> list[R]:
        """Return the reports of a kind."""
        return [report for report in self.reports if isinstance(report, kind)]

    def links(self) -> list[bool]:
        """Return what was said of the way."""
        return [report.connected for report in self.of(LinkReport)]

    def answered(self) -> None:
        """Wait until every request is answered and every update has come, both of them for sure."""
        self.turn()
        for _ in range(2):
            self.wait_for(lambda: not (self.rest.underway or self.rest.questions.open))
            told = self._told() - self._before
            self.wait_for(lambda told=told: self._heard() >= told)  # type: ignore[misc]
        self.turn()

    def answered_requests(self) -> None:
        """Wait until every request is answered, whatever the venue tells meanwhile."""
        self.turn()
        self.wait_for(lambda: not (self.rest.underway or self.rest.questions.open))

    def stock(self) -> BrokerStock:
        """Return the stock that was told last."""
        return self.of(StockReport)[-1].stock

    def request(self, side: Side, quantity: int, limit: int | None = None, **terms: Any) -> OrderRequest:
        """Return a new order with an id of its own: a market order without a limit."""
        number = next(self._numbers)
        kind = terms.pop("type", OrderType.MARKET if limit is None else OrderType.LIMIT)
        return OrderRequest(
            client_id=terms.pop("client_id", f"a-{number}"),
            number=number,
            account=ACCOUNT,
            symbol=terms.pop("symbol", self.symbol),
            side=side,
            quantity=quantity,
            type=kind,
            limit=limit,
            tif=terms.pop("tif", self.rest.abilities.usual.usual_time(kind)),
            created_ns=self.clock.now_ns(),
            **terms,
        )

    def send(self, side: Side, quantity: int, limit: int | None = None, **terms: Any) -> str:
        """Send an order, and wait for all that follows at once."""
        request = self.request(side, quantity, limit, **terms)
        self.broker.submit(request)
        self.settle()
        return request.client_id
