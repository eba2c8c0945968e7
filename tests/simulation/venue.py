"""A venue that keeps its own truth and whose messages get lost, late, doubled and out of order.

It shares nothing with the engine but the messages of the broker's port.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from random import Random

from engine.clock import NS_PER_S
from engine.messages.reports import (
    AcceptReport,
    CancelRejectReport,
    CancelReport,
    FillReport,
    LostReport,
    NotFoundReport,
    Refusal,
    RejectReport,
    ReplaceReport,
    StatusReport,
    StockReport,
)
from engine.messages.stock import BrokerStock
from engine.model.fill import Fill
from engine.model.instrument import Symbol
from engine.model.order import OrderRequest, OrderStatus, OrderType
from engine.model.trade import Side
from engine.ports.broker import ReportSink
from tests.simulation.disk import Crash
from tests.simulation.faults import NO_PROOF, REFUSED, Faults
from tests.simulation.timeline import MachineClock
from tests.simulation.venue_order import VenueOrder, cash_micros, positions
from tests.simulation.wire import Wire

NOT_SENT = "not sent: no connection to the broker"


class FaultyVenue:
    """Implements the broker's port."""

    name = "faulty"

    def __init__(self, clock: MachineClock, random: Random, faults: Faults) -> None:
        self._clock = clock
        self._random = random
        self.faults = faults
        self.wire = Wire(clock, random, faults)
        self.count = itertools.count(1)
        self.orders: dict[str, VenueOrder] = {}
        self.received: Counter[str] = Counter()
        """How often each id was sent to us."""
        self.holds_pairs = False
        """Whether a stop and a target are taken as one."""
        self.ends_partners = False
        """Whether the first fill of one of a pair ends the other, instead of making it smaller."""
        self.coming: dict[str, OrderRequest] = {}
        """Orders that left the engine and will be here."""
        self.changing: dict[str, list[int]] = {}
        """Quantities that left the engine and will be here, by order."""
        self.left: dict[str, int] = {}
        """When each order left an engine, by steady time."""
        self.absences: dict[str, dict[int, int]] = {}
        """The questions for an order of which the engine that runs now heard that we don't know it, by their
        numbers: when it asked, by steady time."""
        self.asked: Counter[tuple[str, int]] = Counter()
        """How often each order, or everything (""), was asked for in each second of steady time."""
        self.whole_stocks: list[frozenset[str]] = []
        """The orders that each whole stock named which reached the engine that runs now."""
        self.touch: dict[Symbol, tuple[int, int]] = {}
        self.busy_until_ns = 0
        """Until then nothing is answered but "503", by steady time."""
        self.swallowing = False
        """Whether the next order or cancel that leaves comes to nothing."""
        self.calls = 0
        """Calls of the broker's port so far."""
        self.crash_at: tuple[int, str] | None = None
        """The call, and "before" or "after": the process ends on that side of it."""
        self.on_submit: Callable[[OrderRequest], None] = lambda _request: None
        """Looks at every order at the moment it leaves the engine."""
        self.on_amend: Callable[[str], None] = lambda _client_id: None
        """Looks at every change likewise."""

    # The broker's port

    def connect(self, sink: ReportSink) -> None:
        self.absences.clear()
        self.whole_stocks.clear()
        self.wire.connect(sink)

    def submit(self, request: OrderRequest) -> None:
        self._call(lambda: self._take(request))

    def holds_as_one(self, symbol: Symbol) -> bool:
        return self.holds_pairs and symbol in self.touch

    def submit_pair(self, stop: OrderRequest, target: OrderRequest) -> None:
        self._call(lambda: self._take(stop, target))

    def cancel(self, client_id: str) -> None:
        self._call(lambda: self._take_cancel(client_id))

    def amend(self, client_id: str, quantity: int, limit: int | None, stop: int | None) -> None:
        self._call(lambda: self._take_amend(client_id, quantity, limit, stop))

    def inquire(self, client_id: str, question: int) -> None:
        asked_ns = self._count_question(client_id)
        self._call(lambda: self._ask(client_id, lambda: self._on_inquiry(client_id, question, asked_ns)))

    def take_stock(self, since_ns: int, question: int) -> None:
        self._count_question("")
        self._call(lambda: self._ask("", lambda: self._on_stock(since_ns, question)))

    def _count_question(self, of: str) -> int:
        now_ns = self._clock.monotonic_ns()
        self.asked[of, now_ns // NS_PER_S] += 1
        return now_ns

    def _call(self, do: Callable[[], None]) -> None:
        """Carry a call out, and end the process on one side of it if it is to end there."""
        self.calls += 1
        number, side = self.crash_at or (0, "")
        if self.calls == number and side == "before":
            raise Crash("before a call of the broker")
        do()
        if self.calls == number:
            raise Crash("after a call of the broker")

    def _take(self, *requests: OrderRequest) -> None:
        """Take one order, or two that are one message: it arrives whole or not at all."""
        for each in requests:
            self.on_submit(each)
            self.received[each.client_id] += 1
            self.left.setdefault(each.client_id, self._clock.monotonic_ns())
        if not self.wire.up:
            for each in requests:
                self.wire.not_sent(RejectReport(each.client_id, NOT_SENT, self._now()))
            return
        fate = "lost" if self.swallowing else self._fate()
        self.swallowing = False
        if fate == "refused":
            self._refuse(requests, self._random.choice(REFUSED))
        elif fate == "lost":
            for each in requests:
                self._lose(each.client_id)
        else:
            self._let_come(requests, silent=fate == "unanswered")

    def _refuse(self, requests: Sequence[OrderRequest], reason: str) -> None:
        for each in requests:
            refusal = RejectReport(each.client_id, reason, self._now())
            self.wire.send(each.client_id, partial(self.wire.tell, refusal))

    def _let_come(self, requests: Sequence[OrderRequest], *, silent: bool) -> None:
        self.coming.update({each.client_id: each for each in requests})

        def vanish() -> None:
            for each in requests:
                self.coming.pop(each.client_id, None)

        names = [each.client_id for each in requests]
        self.wire.send(names[0], lambda: self._on_submit(requests, silent=silent), vanish, also=names[1:])

    def _take_cancel(self, client_id: str) -> None:
        if not self.wire.up:
            self.wire.not_sent(CancelRejectReport(client_id, NOT_SENT, self._now(), unsent=True))
            return
        fate = "lost" if self.swallowing else self._fate()
        self.swallowing = False
        if fate == "lost":
            self._lose(client_id)
        else:
            self.wire.send(client_id, lambda: self._on_cancel(client_id, silent=fate == "unanswered"))

    def _take_amend(self, client_id: str, quantity: int, limit: int | None, stop: int | None) -> None:
        if not self.wire.up:
            self.wire.not_sent(CancelRejectReport(client_id, NOT_SENT, self._now()))
            return
        self.on_amend(client_id)
        fate = self._fate()
        if fate == "lost":
            self._lose(client_id)
            return
        coming = self.changing.setdefault(client_id, [])
        coming.append(quantity)

        def arrive() -> None:
            coming.remove(quantity)
            self._on_amend(client_id, quantity, limit, stop, silent=fate == "unanswered")

        self.wire.send(client_id, arrive, lambda: coming.remove(quantity))

    def _ask(self, client_id: str, arrive: Callable[[], None]) -> None:
        if self.wire.up and not self._is_busy() and not self.faults.loses(self._random):
            self.wire.send(client_id, arrive, answered=False)

    def _fate(self) -> str:
        return self.faults.fate(self._random, storm=self._is_busy())

    def _is_busy(self) -> bool:
        return self._clock.monotonic_ns() < self.busy_until_ns

    def _lose(self, client_id: str) -> None:
        """Let a request come to nothing; now and then somebody on the way says that there is no answer."""
        lost = LostReport(client_id, self._random.choice(NO_PROOF), self._now())
        self.wire.send(client_id, lambda: self.wire.tell(lost, sure=self._random.random() < 0.5))

    # The venue

    def _on_submit(self, requests: Sequence[OrderRequest], *, silent: bool) -> None:
        for each in requests:
            self.coming.pop(each.client_id, None)
        if any(each.client_id in self.orders for each in requests):
            for each in requests:
                duplicate = RejectReport(each.client_id, "duplicate id", self._now(), Refusal.DUPLICATE_ID)
                self.wire.tell(duplicate)
            return
        orders = [self.enter(each) for each in requests]
        if len(orders) > 1:
            orders[0].partner, orders[1].partner = orders[1], orders[0]
        if self.faults.happens(self._random, self.faults.reject):
            for order in orders:
                order.end(OrderStatus.REJECTED, "refused by the venue", self._now())
                self.wire.tell(RejectReport(order.request.client_id, order.reason, self._now()))
            return
        for order in orders:
            self._accept(order, silent=silent)
        for order in orders:
            self.match(order)

    def _accept(self, order: VenueOrder, *, silent: bool) -> None:
        if silent:
            self._tell_lost(order.request.client_id, to_order=True)
        else:
            self.wire.tell(AcceptReport(order.request.client_id, order.venue_id, self._now()))

    def enter(self, request: OrderRequest) -> VenueOrder:
        """Take an order in."""
        order = VenueOrder(request, f"V{next(self.count)}", request.quantity, request.limit, request.stop)
        order.updated_ns = self._now()
        self.orders[request.client_id] = order
        return order

    def _tell_lost(self, client_id: str, *, to_order: bool = False) -> None:
        self.wire.tell(LostReport(client_id, self._random.choice(NO_PROOF), self._now(), to_order))

    def _on_cancel(self, client_id: str, *, silent: bool) -> None:
        order = self.orders.get(client_id)
        if order is None:
            self.wire.tell(CancelRejectReport(client_id, "no such order", self._now(), Refusal.UNKNOWN_ORDER))
            return
        if not order.is_open:
            went = order.partner is not None and order.status is OrderStatus.CANCELED
            late = CancelRejectReport(client_id, "too late", self._now())
            self.wire.tell(self._off(order) if went else late)
            return
        order.end(OrderStatus.CANCELED, "", self._now())
        if silent:
            self._tell_lost(client_id)
        else:
            self.wire.tell(self._off(order))
        self.end_partner(order)
        if order.leaves and self.faults.happens(self._random, self.faults.late_fill):
            due_ns = self._now() + self.faults.delay_ns(self._random)
            self._clock.call_at(due_ns, lambda: self.fill(order, 1 + self._random.randrange(order.leaves)))

    def _on_amend(
        self, client_id: str, quantity: int, limit: int | None, stop: int | None, *, silent: bool
    ) -> None:
        order = self.orders.get(client_id)
        resized = order is not None and order.partner is not None and quantity != order.quantity
        faulty = self.faults.happens(self._random, self.faults.reject)
        if order is None or not order.is_open or resized or faulty:
            self.wire.tell(CancelRejectReport(client_id, "can't be changed", self._now()))
            return
        order.quantity, order.limit, order.stop = max(quantity, order.filled), limit, stop
        order.updated_ns = self._now()
        if silent:
            self._tell_lost(client_id)
        else:
            self.wire.tell(ReplaceReport(client_id, order.quantity, limit, stop, self._now()))
        if not order.leaves:
            order.status = OrderStatus.FILLED
        self.match(order)

    def _on_inquiry(self, client_id: str, question: int, asked_ns: int) -> None:
        order = self.orders.get(client_id)
        if order is None:
            absence = NotFoundReport(client_id, self._now(), question)
            heard = self.absences.setdefault(client_id, {})
            self.wire.answer(absence, lambda: heard.update({question: asked_ns}))
        else:
            self.wire.answer(StatusReport(order.as_told(), tuple(order.fills), self._now(), question))

    def _on_stock(self, since_ns: int, question: int) -> None:
        orders = [order for order in self.orders.values() if order.is_open or order.updated_ns >= since_ns]
        fills = tuple(
            fill for order in self.orders.values() for fill in order.fills if fill.event_ns >= since_ns
        )
        complete = not self.faults.happens(self._random, self.faults.missing_page)
        named = orders if complete else orders[: len(orders) // 2]
        stock = BrokerStock(
            as_of_ns=self._now(),
            since_ns=since_ns,
            orders=tuple(order.as_told() for order in named),
            fills=fills if complete else fills[: len(fills) // 2],
            positions=self.positions(),
            cash_micros={"USD": self.cash_micros()},
            complete=complete,
        )
        ids = frozenset(order.request.client_id for order in named)
        answer = StockReport(stock, question)
        self.wire.answer(answer, lambda: self.whole_stocks.append(ids) if complete else None)

    def positions(self) -> dict[Symbol, int]:
        """Return what the fills that stand add up to."""
        return positions(self.orders.values())

    def cash_micros(self) -> int:
        """Return the money that is left."""
        return cash_micros(self.orders.values())

    # Trading

    def match(self, order: VenueOrder) -> None:
        """Trade some of an order, if the market is where it can."""
        bid, ask = self.touch[order.request.symbol]
        price = ask if order.request.side is Side.BUY else bid
        limit = order.limit if order.request.type is not OrderType.MARKET else None
        beyond = limit is not None and (price > limit if order.request.side is Side.BUY else price < limit)
        waits = order.stop is not None and self._random.random() < 0.99
        if order.is_open and order.leaves and not beyond and not waits:
            self.fill(order, 1 + self._random.randrange(order.leaves))

    def fill(self, order: VenueOrder, quantity: int) -> None:
        """Trade so much of an order, at most what is left of it."""
        quantity = min(quantity, order.leaves)
        if not quantity:
            return
        bid, ask = self.touch[order.request.symbol]
        fill = Fill(
            fill_id=f"F{next(self.count)}",
            client_id=order.request.client_id,
            account=order.request.account,
            symbol=order.request.symbol,
            side=order.request.side,
            price=ask if order.request.side is Side.BUY else bid,
            quantity=quantity,
            fee_micros=quantity * 100,
            fee_currency="USD",
            event_ns=self._now(),
        )
        if not order.is_open:
            order.late.add(fill.fill_id)
        order.fills.append(fill)
        order.updated_ns = self._now()
        if order.is_open:
            order.status = OrderStatus.PARTIALLY_FILLED if order.leaves else OrderStatus.FILLED
        elif not order.leaves:
            order.status = OrderStatus.FILLED
        self.wire.tell(FillReport(fill))
        if order.status is OrderStatus.FILLED or self.ends_partners:
            self.end_partner(order)
        elif order.partner is not None and order.partner.is_open:
            self._shrink(order.partner, quantity)

    def _shrink(self, order: VenueOrder, quantity: int) -> None:
        """Take off an order what its partner traded; nobody is told but who asks."""
        order.quantity -= min(quantity, order.leaves)
        order.updated_ns = self._now()
        if not order.leaves:
            self._end_unasked(order)

    def end_partner(self, order: VenueOrder) -> None:
        """End what an order was sent together with."""
        if order.partner is not None and order.partner.is_open:
            self._end_unasked(order.partner)

    def _end_unasked(self, order: VenueOrder) -> None:
        order.end(OrderStatus.CANCELED, "its partner ended", self._now())
        self.wire.tell(self._off(order))

    def _off(self, order: VenueOrder) -> CancelReport:
        return CancelReport(order.request.client_id, order.reason, self._now(), order.filled)

    def restart(self, seconds: float) -> None:
        """Go away and come back: orders are kept, what was on its way is not."""
        self.wire.cut("the broker restarts", again_after_s=seconds)

    def answer_nothing_for(self, seconds: float) -> None:
        """Answer every request with "503" for a while, whether it was carried out or not."""
        self.busy_until_ns = self._clock.monotonic_ns() + round(seconds * NS_PER_S)

    def _now(self) -> int:
        return self._clock.now_ns()
