"""A venue that keeps its own truth and whose messages get lost, late, doubled and out of order.

It shares nothing with the engine but the messages of the broker's port.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from engine.clock import SimulatedClock
from engine.messages.reports import (
    AcceptReport,
    BustReport,
    CancelRejectReport,
    CancelReport,
    CorrectReport,
    FillReport,
    LinkReport,
    LostReport,
    NotFoundReport,
    Refusal,
    RejectReport,
    ReplaceReport,
    Report,
    StatusReport,
    StockReport,
)
from engine.messages.stock import BrokerOrder, BrokerStock
from engine.model.fill import Fill
from engine.model.instrument import Symbol
from engine.model.order import OrderRequest, OrderStatus, OrderType, TimeInForce
from engine.model.trade import Side
from engine.ports.broker import ReportSink
from tests.simulation.disk import Crash
from tests.simulation.faults import Faults

_OPEN = {OrderStatus.WORKING, OrderStatus.PARTIALLY_FILLED}


@dataclass(slots=True)
class VenueOrder:
    """One order as the venue has it."""

    request: OrderRequest
    venue_id: str
    quantity: int
    limit: int | None
    stop: int | None
    status: OrderStatus = OrderStatus.WORKING
    reason: str = ""
    fills: list[Fill] = field(default_factory=list)
    updated_ns: int = 0
    busts: int = 0
    """How many of its fills were taken back: an order that was filled stays filled."""

    @property
    def filled(self) -> int:
        return sum(fill.quantity for fill in self.fills)

    @property
    def leaves(self) -> int:
        return max(0, self.quantity - self.filled)

    @property
    def is_open(self) -> bool:
        return self.status in _OPEN


class FaultyVenue:
    """Implements the broker's port; `tick` lets it trade."""

    name = "faulty"

    def __init__(self, clock: SimulatedClock, random: Random, faults: Faults) -> None:
        self._clock = clock
        self._random = random
        self.faults = faults
        self._count = itertools.count(1)
        self._sink: ReportSink | None = None
        self._generation = 0
        self.linked = True
        self.orders: dict[str, VenueOrder] = {}
        self.received: Counter[str] = Counter()
        """How often each id was sent to us."""
        self.touch: dict[Symbol, tuple[int, int]] = {}
        self.crash_at_call = ""
        """"before" or "after": the process ends on that side of the next call."""
        self.on_submit: Callable[[OrderRequest], None] = lambda _request: None
        """Looks at every order at the moment it leaves the engine."""

    # The broker's port

    def connect(self, sink: ReportSink) -> None:
        self._sink = sink
        self._generation += 1

    def submit(self, request: OrderRequest) -> None:
        self._called("before")
        self._take(request)
        self._called("after")

    def _called(self, when: str) -> None:
        """End the process here, if it is to end on this side of a call."""
        if self.crash_at_call == when:
            self.crash_at_call = ""
            raise Crash(f"{when} a call of the broker")

    def _take(self, request: OrderRequest) -> None:
        self.on_submit(request)
        self.received[request.client_id] += 1
        fate = self.faults.fate_of_submit(self._random, linked=self.linked)
        if fate == "not_sent":
            self._tell(RejectReport(request.client_id, "not sent: no connection", self._now()))
        elif fate == "refused":
            self._tell(RejectReport(request.client_id, "429: too many requests", self._now()))
        elif fate == "lost":
            self._tell(
                LostReport(request.client_id, "time-out", self._now()), sure=self._random.random() < 0.5
            )
        else:
            self._later(lambda: self._on_submit(request, silent=fate == "unanswered"))

    def cancel(self, client_id: str) -> None:
        self._called("before")
        if self.linked and not self.faults.loses(self._random):
            self._later(lambda: self._on_cancel(client_id))

    def amend(self, client_id: str, quantity: int, limit: int | None, stop: int | None) -> None:
        self._called("before")
        if self.linked and not self.faults.loses(self._random):
            self._later(lambda: self._on_amend(client_id, quantity, limit, stop))

    def inquire(self, client_id: str) -> None:
        if self.linked and not self.faults.loses(self._random):
            self._later(lambda: self._on_inquiry(client_id))

    def take_stock(self, since_ns: int) -> None:
        if self.linked and not self.faults.loses(self._random):
            self._later(lambda: self._on_stock(since_ns))

    # The venue

    def _on_submit(self, request: OrderRequest, *, silent: bool) -> None:
        if request.client_id in self.orders:
            self._tell(RejectReport(request.client_id, "duplicate id", self._now(), Refusal.DUPLICATE_ID))
            return
        if self.faults.happens(self._random, self.faults.reject):
            self._end(self._enter(request), OrderStatus.REJECTED, "refused by the venue")
            self._tell(RejectReport(request.client_id, "refused by the venue", self._now()))
            return
        order = self._enter(request)
        if silent:
            self._tell(LostReport(request.client_id, "502 Bad Gateway", self._now()))
        else:
            self._tell(AcceptReport(request.client_id, order.venue_id, self._now()))
        self._match(order)

    def _enter(self, request: OrderRequest) -> VenueOrder:
        order = VenueOrder(request, f"V{next(self._count)}", request.quantity, request.limit, request.stop)
        order.updated_ns = self._now()
        self.orders[request.client_id] = order
        return order

    def _on_cancel(self, client_id: str) -> None:
        order = self.orders.get(client_id)
        if order is None:
            self._tell(CancelRejectReport(client_id, "no such order", self._now(), Refusal.UNKNOWN_ORDER))
            return
        if not order.is_open:
            self._tell(CancelRejectReport(client_id, "too late", self._now()))
            return
        self._end(order, OrderStatus.CANCELED, "")
        self._tell(CancelReport(client_id, "", self._now()))
        if order.leaves and self.faults.happens(self._random, self.faults.late_fill):
            self._later(lambda: self._fill(order, 1 + self._random.randrange(order.leaves)))

    def _on_amend(self, client_id: str, quantity: int, limit: int | None, stop: int | None) -> None:
        order = self.orders.get(client_id)
        if order is None or not order.is_open or self.faults.happens(self._random, self.faults.reject):
            self._tell(CancelRejectReport(client_id, "can't be changed", self._now()))
            return
        order.quantity, order.limit, order.stop = max(quantity, order.filled), limit, stop
        order.updated_ns = self._now()
        self._tell(ReplaceReport(client_id, order.quantity, limit, stop, self._now()))
        if not order.leaves:
            order.status = OrderStatus.FILLED
        self._match(order)

    def _on_inquiry(self, client_id: str) -> None:
        order = self.orders.get(client_id)
        if order is None:
            self._tell(NotFoundReport(client_id, self._now()))
        else:
            self._tell(StatusReport(_as_broker(order), tuple(order.fills), self._now()))

    def _on_stock(self, since_ns: int) -> None:
        orders = [order for order in self.orders.values() if order.is_open or order.updated_ns >= since_ns]
        fills = tuple(
            fill for order in self.orders.values() for fill in order.fills if fill.event_ns >= since_ns
        )
        complete = not self.faults.happens(self._random, self.faults.missing_page)
        stock = BrokerStock(
            as_of_ns=self._now(),
            since_ns=since_ns,
            orders=tuple(map(_as_broker, orders if complete else orders[: len(orders) // 2])),
            fills=fills if complete else fills[: len(fills) // 2],
            positions=self.positions(),
            complete=complete,
        )
        self._tell(StockReport(stock))

    def positions(self) -> dict[Symbol, int]:
        """Return what the fills that stand add up to."""
        held: Counter[Symbol] = Counter()
        for order in self.orders.values():
            for fill in order.fills:
                held[fill.symbol] += fill.side * fill.quantity
        return {symbol: quantity for symbol, quantity in held.items() if quantity}

    # What happens by itself

    def tick(self) -> None:
        """Trade a little, and let happen what venues do unasked."""
        for order in list(self.orders.values()):
            if order.is_open and self._random.random() < 0.3:
                self._match(order)
        if self.faults.happens(self._random, self.faults.unasked):
            self._unasked()

    def _unasked(self) -> None:
        live = [order for order in self.orders.values() if order.is_open]
        traded = [order for order in self.orders.values() if order.fills]
        if live and self._random.random() < 0.5:
            order = self._random.choice(live)
            self._end(order, OrderStatus.CANCELED, "cancelled by the venue")
            self._tell(CancelReport(order.request.client_id, "cancelled by the venue", self._now()))
        elif traded and self._random.random() < 0.5:
            self._bust(self._random.choice(traded))
        else:
            self._place_elsewhere()

    def _bust(self, order: VenueOrder) -> None:
        fill = self._random.choice(order.fills)
        if self._random.random() < 0.5:
            better = replace_fill(fill, price=fill.price + 1)
            order.fills[order.fills.index(fill)] = better
            self._tell(CorrectReport(better))
        else:
            order.fills.remove(fill)
            order.busts += 1
            self._tell(BustReport(order.request.client_id, fill.fill_id, "clearly erroneous", self._now()))
        order.updated_ns = self._now()

    def _place_elsewhere(self) -> None:
        symbol = self._random.choice(sorted(self.touch))
        bid, _ = self.touch[symbol]
        number = next(self._count)
        request = OrderRequest(
            client_id=f"web-{number}",
            number=0,
            account="PAPER-1",
            symbol=symbol,
            side=Side.BUY,
            quantity=5,
            type=OrderType.LIMIT,
            limit=bid,
            tif=TimeInForce.DAY,
            created_ns=self._now(),
        )
        self._enter(request)

    def drop_link(self, reason: str) -> None:
        """Close the way to us; what was on it is gone."""
        self.linked = False
        self._generation += 1
        self._deliver(LinkReport(connected=False, reason=reason, event_ns=self._now()))

    def restore_link(self) -> None:
        """Open it again."""
        if not self.linked:
            self.linked = True
            self._deliver(LinkReport(connected=True, reason="", event_ns=self._now()))

    def forget_engine(self) -> None:
        """The engine is gone: nothing reaches it any more."""
        self._sink = None
        self._generation += 1

    def _match(self, order: VenueOrder) -> None:
        bid, ask = self.touch[order.request.symbol]
        price = ask if order.request.side is Side.BUY else bid
        limit = order.limit if order.request.type is not OrderType.MARKET else None
        beyond = limit is not None and (price > limit if order.request.side is Side.BUY else price < limit)
        waits = order.stop is not None and self._random.random() < 0.8
        if order.is_open and order.leaves and not beyond and not waits:
            self._fill(order, 1 + self._random.randrange(order.leaves))

    def _fill(self, order: VenueOrder, quantity: int) -> None:
        quantity = min(quantity, order.leaves)
        if not quantity:
            return
        bid, ask = self.touch[order.request.symbol]
        fill = Fill(
            fill_id=f"F{next(self._count)}",
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
        order.fills.append(fill)
        order.updated_ns = self._now()
        if order.is_open:
            order.status = OrderStatus.PARTIALLY_FILLED if order.leaves else OrderStatus.FILLED
        elif not order.leaves:
            order.status = OrderStatus.FILLED
        self._tell(FillReport(fill))

    def _end(self, order: VenueOrder, status: OrderStatus, reason: str) -> None:
        order.status, order.reason, order.updated_ns = status, reason, self._now()

    # The wire

    def _now(self) -> int:
        return self._clock.now_ns()

    def _later(self, arrive: Callable[[], None]) -> None:
        delay_ns = self.faults.delay_ns(self._random)
        self._clock.call_at(self._now() + delay_ns, arrive)

    def _tell(self, report: Report, *, sure: bool = True) -> None:
        if not self.linked or not sure or self.faults.loses(self._random):
            return
        generation = self._generation
        for _ in range(2 if self.faults.happens(self._random, self.faults.double) else 1):
            delay_ns = self.faults.delay_ns(self._random)
            self._clock.call_at(self._now() + delay_ns, lambda: self._arrive(report, generation))

    def _arrive(self, report: Report, generation: int) -> None:
        if generation == self._generation:
            self._deliver(report)

    def _deliver(self, report: Report) -> None:
        if self._sink is not None:
            self._sink(report)


def replace_fill(fill: Fill, *, price: int) -> Fill:
    """Return a fill at another price."""
    return Fill(
        **{name: getattr(fill, name) for name in fill.__struct_fields__ if name != "price"}, price=price
    )


def _as_broker(order: VenueOrder) -> BrokerOrder:
    request = order.request
    return BrokerOrder(
        client_id=request.client_id,
        venue_id=order.venue_id,
        symbol=request.symbol,
        side=request.side,
        quantity=order.quantity,
        filled=order.filled,
        status=order.status,
        type=request.type,
        tif=request.tif,
        limit=order.limit,
        stop=order.stop,
        reason=order.reason,
        updated_ns=order.updated_ns,
    )
