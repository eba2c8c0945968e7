"""The bridge: a broker behind a socket, whatever program in whatever language stands there."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial

from engine.adapters.bridge import protocol as p
from engine.adapters.bridge.address import Address
from engine.adapters.bridge.counters import BridgeCounters
from engine.adapters.bridge.outstanding import OUTSTANDING_MAX, Outstanding
from engine.adapters.bridge.reading import Reader
from engine.adapters.bridge.stock_parts import StockParts
from engine.adapters.bridge.symbols import SymbolMemory
from engine.adapters.bridge.way import Traveller, Way
from engine.adapters.bridge.writing import amend_message, submit_message
from engine.adapters.units import ID_MAX
from engine.clock import Clock
from engine.errors import DataError
from engine.messages.reports import (
    CancelRejectReport,
    LinkReport,
    LostReport,
    RejectReport,
    Report,
    StatusReport,
    StockReport,
)
from engine.model.instrument import Instrument, Symbol
from engine.model.order import OrderRequest
from engine.model.text import clean
from engine.ports.broker import ReportSink

BUFFER_BYTES_MAX = 1 << 20
"""What may wait for a slow gateway before new orders are refused."""
BUFFER_BYTES_FULL = 2 << 20
"""Cancels and questions may wait up to here."""
STOCKS_MAX = 16
"""Stock requests that are waited for; the oldest gives way."""


class BridgeBroker:
    """Writes in the same call, answers when the gateway does, and sends nothing twice.

    What was never written is told as not sent: that is known. What was written and not answered when the
    link ends is lost: its fate is unknown until the gateway is asked.
    """

    name = "bridge"

    def __init__(
        self,
        address: Address,
        account: str,
        clock: Clock,
        instruments: Mapping[Symbol, Instrument],
        dead_man: p.CancelOnDisconnect | None = None,
    ) -> None:
        """Lead to a gateway, and ask it to cancel by itself once the desk is gone, where there is a dead man."""
        traveller = Traveller(self._on_opened, self._on_closed, self._on_message, self._on_unreadable)
        self.way = Way(address, account, clock, traveller, dead_man)
        self._clock = clock
        self._instruments = instruments
        self._reader = Reader(account, clock, instruments)
        self._sink: ReportSink | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._own: deque[Report] = deque()
        """Answers of our own, not yet delivered; at most one for each call since the last turn of the loop."""
        self._outstanding = Outstanding()
        self._symbols = SymbolMemory()
        self._stocks: dict[int, StockParts] = {}
        self._told: tuple[bool, str] | None = None
        """What the last link report said."""

    @property
    def counters(self) -> BridgeCounters:
        """What happened since the start."""
        return self.way.counters

    @property
    def connected(self) -> bool:
        """Whether orders can be sent now."""
        return self.way.is_open

    async def run(self) -> None:
        """Keep a link to the gateway until cancelled."""
        self._loop = asyncio.get_running_loop()
        self._deliver_own()
        await self.way.run()

    # The port

    def connect(self, sink: ReportSink) -> None:
        """Send all reports from now on to `sink`, on the engine's thread."""
        self._sink = sink

    def submit(self, request: OrderRequest) -> None:
        """Write an order to the gateway, or answer that it was not sent."""
        instrument = self._instruments.get(request.symbol)
        if instrument is None:
            self._not_sent(RejectReport, request.client_id, f"{request.symbol} is not listed here")
        elif reason := self._objection():
            self._not_sent(RejectReport, request.client_id, reason)
        else:
            self._symbols.note(request.client_id, request.symbol)
            self._outstanding.submitted(request.client_id)
            self.way.write(submit_message(request, instrument))

    def cancel(self, client_id: str) -> None:
        """Write a cancel to the gateway, or answer that it was not sent; then it is still wanted."""
        if reason := self._blockage(BUFFER_BYTES_FULL):
            self._not_sent(partial(CancelRejectReport, unsent=True), client_id, reason)
        else:
            self._outstanding.changed(client_id)
            self.way.write(p.Cancel(client_id=client_id))

    def amend(self, client_id: str, quantity: int, limit: int | None, stop: int | None) -> None:
        """Write new terms to the gateway, or answer that they were not sent."""
        symbol = self._symbols.of(client_id)
        instrument = self._instruments.get(symbol) if symbol is not None else None
        if instrument is None:
            self._not_sent(CancelRejectReport, client_id, "nothing is known here of such an order")
        elif reason := self._objection():
            self._not_sent(CancelRejectReport, client_id, reason)
        else:
            self._outstanding.changed(client_id)
            self.way.write(amend_message(client_id, instrument, quantity, limit, stop))

    def inquire(self, client_id: str, question: int) -> None:
        """Ask what became of one order; without a link nothing is asked, and nothing answers."""
        self._ask(p.Inquire(client_id=client_id, id=question))

    def take_stock(self, since_ns: int, question: int) -> None:
        """Ask for everything it has; without a link nothing is asked, and nothing answers."""
        if self._ask(p.StockRequest(id=question, since_ns=max(0, since_ns))):
            self._stocks[question] = StockParts(self._reader, since_ns)
            if len(self._stocks) > STOCKS_MAX:
                del self._stocks[next(iter(self._stocks))]

    # Sending

    def _objection(self) -> str:
        if len(self._outstanding) >= OUTSTANDING_MAX:
            return f"{OUTSTANDING_MAX:,} requests to the broker are unanswered"
        return self._blockage(BUFFER_BYTES_MAX)

    def _blockage(self, waiting_max: int) -> str:
        way = self.way
        if not way.is_open:
            return "no connection to the broker"
        if way.waiting_bytes > waiting_max:
            return f"the broker takes nothing, {way.waiting_bytes:,} bytes wait"
        return ""

    def _ask(self, question: p.Inquire | p.StockRequest) -> bool:
        if self._blockage(BUFFER_BYTES_FULL):
            self.counters.unsent += 1
            return False
        self.way.write(question)
        return True

    def _not_sent(self, refusal: Callable[[str, str, int], Report], client_id: str, reason: str) -> None:
        """Answer ourselves, after the call that is being made has returned: not a byte of it has left."""
        self.counters.unsent += 1
        self._own.append(refusal(client_id, f"not sent: {reason}", self._clock.now_ns()))
        if self._loop is not None:
            self._loop.call_soon(self._deliver_own)

    def _deliver_own(self) -> None:
        while self._own:
            self._report(self._own.popleft())

    # What comes

    def _report(self, report: Report) -> None:
        if self._sink is not None:
            self._sink(report)

    def _on_opened(self) -> None:
        self._tell(connected=True, reason=self.way.venue)

    def _on_closed(self, reason: str) -> None:
        self._stocks.clear()
        self._tell(connected=False, reason=clean(reason))
        now_ns = self._clock.now_ns()
        for client_id in self._outstanding.take_all():
            self.counters.lost += 1
            self._report(
                LostReport(client_id, "the connection to the broker ended before its answer", now_ns)
            )

    def _tell(self, *, connected: bool, reason: str) -> None:
        """Report the link where that is news: a gateway that is down is tried often."""
        if self._told != (connected, reason):
            self._told = (connected, reason)
            alone = connected and self.way.cancels_alone
            self._report(LinkReport(connected, reason, self._clock.now_ns(), alone))

    def _on_message(self, message: p.FromGateway) -> None:
        if isinstance(message, p.Stock):
            self._on_stock(message)
            return
        try:
            report = self._reader.report(message)
        except DataError as error:
            self.counters.note_malformed(str(error))
            self._doubt(p.subject(message), str(error))
            return
        self._outstanding.answered(message)
        if isinstance(report, StatusReport):
            self._symbols.note(report.order.client_id, report.order.symbol)
        self._report(report)

    def _on_stock(self, part: p.Stock) -> None:
        parts = self._stocks.get(part.id)
        if parts is None:
            self.counters.unknown += 1
            return
        stock = parts.add(part)
        if stock is None:
            return
        del self._stocks[part.id]
        if parts.faults:
            self.counters.malformed += parts.faults
            self.counters.last_fault = parts.fault
        for order in stock.orders:
            self._symbols.note(order.client_id, order.symbol)
        self._report(StockReport(stock, part.id))

    def _on_unreadable(self, line: bytes, fault: str) -> None:
        self._doubt(p.subject_of_line(line), fault)

    def _doubt(self, client_id: str, fault: str) -> None:
        """Something was said of an order and can't be read: nobody knows now how it stands."""
        if client_id:
            reason = f"what the broker said could not be read: {fault}"
            self._report(LostReport(clean(client_id, ID_MAX), reason, self._clock.now_ns()))
