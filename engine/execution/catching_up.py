"""Makes up for reports that never came: what the broker's own word proves is believed, and noted."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from engine.clock import Clock
from engine.execution.blotter import in_words, label
from engine.execution.compare import foreign_request, made_up
from engine.execution.hands import Hands
from engine.execution.order_state import ENDED
from engine.ids import OrderIds
from engine.messages.events import OrderAdopted
from engine.messages.reports import BustReport, CorrectReport, FillReport
from engine.messages.stock import BrokerOrder
from engine.model.fill import Fill
from engine.model.order import Order, OrderStatus
from engine.model.trade import Side

LINES_MAX = 100
NOT_AMONG = "not among the broker's fills"
_UNPROVEN = frozenset({OrderStatus.UNKNOWN, OrderStatus.NOT_FOUND})


class CatchingUp:
    """Believes fills first, then what became of each order; every conclusion is an ordinary record."""

    def __init__(self, hands: Hands, clock: Clock, ids: OrderIds, account: str) -> None:
        self._hands = hands
        self._ids = ids
        self._clock = clock
        self._account = account
        self.fills = 0
        """Fills that were made up for."""
        self.ended = 0
        """Orders that had ended without our knowing."""
        self.adopted = 0
        """Orders that were taken in: ours that had been unknown or had ended, and foreign ones."""
        self.lines: deque[str] = deque(maxlen=LINES_MAX)
        """What was found, in sentences; the oldest are dropped."""
        self.version = 0

    def note(self, text: str) -> None:
        """Add a sentence to what was found."""
        self.lines.append(text)
        self.version += 1

    def take_fills(self, fills: Iterable[Fill]) -> None:
        """Believe the fills that are news."""
        is_news = self._hands.history.fills.is_news
        for report in map(FillReport, fills):
            if is_news(report):
                self._hands.believe(report)
                self.fills += 1
                self._note_fill(report.fill)

    def undo_fills(self, order: Order, fills: Iterable[Fill]) -> None:
        """Believe that what is not among all of an order's fills was taken back, and what differs was changed."""
        theirs, now_ns = {fill.fill_id: fill for fill in fills}, self._clock.now_ns()
        for ours in list(order.fills):
            fill = theirs.get(ours.fill_id)
            if fill is None:
                self._hands.believe(BustReport(order.client_id, ours.fill_id, NOT_AMONG, now_ns))
                self.note(f"{label(order)}: fill {ours.fill_id} was taken back by the broker")
            elif (fill.price, fill.quantity) != (ours.price, ours.quantity):
                self._hands.believe(CorrectReport(fill))
                self.note(f"{label(order)}: fill {ours.fill_id} was changed by the broker")

    def take_order(self, order: Order, theirs: BrokerOrder, *, newer: bool, final: bool = False) -> None:
        """Believe what must have become of an order, its fills having been taken before."""
        status = order.status
        for report in made_up(order, theirs, self._clock.now_ns(), newer=newer, final=final):
            self._hands.believe(report)
        if status in _UNPROVEN and order.is_open and order.status not in _UNPROVEN:
            self.adopted += 1
            self.note(f"{label(order)} was found: it is {order.status}")
        elif status.is_open and not order.is_open:
            self.ended += 1
            why = f", {order.reason}" if order.reason else ""
            self.note(f"{label(order)} had ended: {order.status}{why}")
        elif status in ENDED and order.is_open:
            self._reopened(order, status)

    def _reopened(self, order: Order, was: OrderStatus) -> None:
        self.adopted += 1
        self.note(f"{label(order)} was {was} here and works at the broker")
        if order.cancel_wanted:
            self._hands.cancel(order.client_id, "chase")

    def take_foreign(self, theirs: BrokerOrder) -> Order | None:
        """Take in an order that we never sent; return it, or None where its symbol is not listed."""
        now_ns, history = self._clock.now_ns(), self._hands.history
        instrument = history.instrument(theirs.symbol)
        if instrument is None:
            return None
        _, number = self._ids.next()
        request = foreign_request(theirs, self._account, number, now_ns)
        event = OrderAdopted(request, theirs.venue_id, now_ns)
        self._hands.scribe.name(instrument)
        self._hands.scribe.note(event)
        history.adopt(event)
        self.adopted += 1
        order = self._hands.orders[theirs.client_id]
        self.note(f"an order we never sent was taken in: {in_words(order, order.quantity)} {order.symbol}")
        return order

    def _note_fill(self, fill: Fill) -> None:
        order = self._hands.orders.get(fill.client_id)
        if order is not None:
            verb = "bought" if fill.side is Side.BUY else "sold"
            price = order.instrument.price(fill.price)
            self.note(f"{label(order)} had {verb} {in_words(order, fill.quantity)} at {price:f}")
