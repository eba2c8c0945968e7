"""What a venue does by itself: it trades, cancels, takes fills back, and has orders from elsewhere."""

from __future__ import annotations

from random import Random

from engine.messages.reports import BustReport, CancelReport, CorrectReport
from engine.model.order import OrderRequest, OrderStatus, OrderType, TimeInForce
from engine.model.trade import Side
from tests.simulation.timeline import MachineClock
from tests.simulation.venue import FaultyVenue
from tests.simulation.venue_order import VenueOrder, at_price


class Unasked:
    """Lets a venue live."""

    def __init__(self, venue: FaultyVenue, clock: MachineClock, random: Random) -> None:
        self._venue = venue
        self._clock = clock
        self._random = random

    def tick(self) -> None:
        """Trade a little, and let happen what venues do unasked."""
        venue = self._venue
        for order in list(venue.orders.values()):
            if order.is_open and self._random.random() < 0.3:
                venue.match(order)
        if venue.faults.happens(self._random, venue.faults.unasked):
            self._surprise()

    def _surprise(self) -> None:
        orders = self._venue.orders.values()
        live = [order for order in orders if order.is_open]
        traded = [order for order in orders if order.fills]
        if live and self._random.random() < 0.5:
            self._cancel(self._random.choice(live))
        elif traded and self._random.random() < 0.7:
            self._take_back(self._random.choice(traded))
        else:
            self._place_elsewhere()

    def _cancel(self, order: VenueOrder) -> None:
        now_ns = self._clock.now_ns()
        order.end(OrderStatus.CANCELED, "cancelled by the venue", now_ns)
        self._venue.wire.tell(CancelReport(order.request.client_id, order.reason, now_ns, order.filled))
        self._venue.end_partner(order)

    def _take_back(self, order: VenueOrder) -> None:
        fill, now_ns = self._random.choice(order.fills), self._clock.now_ns()
        order.updated_ns = now_ns
        if self._random.random() < 0.5:
            better = at_price(fill, fill.price + 1)
            order.fills[order.fills.index(fill)] = better
            self._venue.wire.tell(CorrectReport(better))
        else:
            order.fills.remove(fill)
            order.busted.append(fill)
            bust = BustReport(order.request.client_id, fill.fill_id, "clearly erroneous", now_ns)
            self._venue.wire.tell(bust)

    def _place_elsewhere(self) -> None:
        symbol = self._random.choice(sorted(self._venue.touch))
        bid, _ = self._venue.touch[symbol]
        self._venue.enter(
            OrderRequest(
                client_id=f"web-{next(self._venue.count)}",
                number=0,
                account="PAPER-1",
                symbol=symbol,
                side=Side.BUY,
                quantity=5,
                type=OrderType.LIMIT,
                limit=bid,
                tif=TimeInForce.DAY,
                created_ns=self._clock.now_ns(),
            )
        )
