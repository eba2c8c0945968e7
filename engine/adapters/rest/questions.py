"""Questions to a venue, answered one after the other in the order in which they were asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple, Protocol

from engine.clock import Clock
from engine.errors import AdapterError, DataError
from engine.messages.reports import NotFoundReport, Report, StatusReport, StockReport
from engine.messages.stock import BrokerOrder, BrokerStock
from engine.model.fill import Fill

WAITING_MAX = 1000


class Stocktaker(Protocol):
    """Who answers; both raise AdapterError or DataError where the venue gives no answer."""

    async def status(self, client_id: str) -> tuple[BrokerOrder, tuple[Fill, ...]] | None:
        """Return one order and all its fills, None where the venue knows no such order."""

    async def take(self, since_ns: int) -> BrokerStock:
        """Return everything there is, and what ended since."""


class _Question(NamedTuple):
    number: int
    client_id: str | None
    """None asks for everything."""
    since_ns: int = 0


class Questions:
    """A question that can't be answered now has no answer; whoever asked asks again."""

    def __init__(
        self,
        stocktaker: Stocktaker,
        known: Callable[[str], None],
        clock: Clock,
        report: Callable[[Report], None],
    ) -> None:
        """Take who answers; `known` hears of each order that was told of in an answer."""
        self.open = 0
        """Questions that wait for an answer."""
        self.unanswered = 0
        self.trouble = ""
        """Why the last one was not answered; empty once one was."""
        self._stocktaker = stocktaker
        self._known = known
        self._clock = clock
        self._report = report
        self._waiting: asyncio.Queue[_Question] = asyncio.Queue(WAITING_MAX)

    def about(self, client_id: str, number: int) -> None:
        """Ask what became of an order."""
        self._ask(_Question(number, client_id))

    def about_all(self, since_ns: int, number: int) -> None:
        """Ask for everything."""
        self._ask(_Question(number, None, since_ns))

    def forget(self) -> None:
        """Answer nothing that was asked before."""
        while not self._waiting.empty():
            self._waiting.get_nowait()
            self.open -= 1

    async def run(self) -> None:
        """Answer until cancelled."""
        while True:
            await self._answer(await self._waiting.get())

    def _ask(self, question: _Question) -> None:
        if self._waiting.full():
            self.unanswered += 1
        else:
            self.open += 1
            self._waiting.put_nowait(question)

    async def _answer(self, question: _Question) -> None:
        try:
            if question.client_id is None:
                await self._stock(question.number, question.since_ns)
            else:
                await self._status(question.number, question.client_id)
            self.trouble = ""
        except (AdapterError, DataError) as error:
            self.unanswered += 1
            self.trouble = str(error)
        finally:
            self.open -= 1

    async def _status(self, number: int, client_id: str) -> None:
        found = await self._stocktaker.status(client_id) if client_id else None
        now_ns = self._clock.now_ns()
        if found is None:
            self._report(NotFoundReport(client_id, now_ns, number))
            return
        order, fills = found
        self._report(StatusReport(order, fills, now_ns, number))
        self._known(order.client_id)

    async def _stock(self, number: int, since_ns: int) -> None:
        stock = await self._stocktaker.take(since_ns)
        self._report(StockReport(stock, number))
        for order in stock.orders:
            self._known(order.client_id)
