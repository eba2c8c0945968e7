"""Where the orders of one symbol meet its market."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.adapters.paper.display import Display
from engine.adapters.paper.matcher import Matcher, by_priority
from engine.adapters.paper.outbox import Outbox
from engine.adapters.paper.paper_order import PaperOrder
from engine.adapters.paper.triggers import pull, reference_price
from engine.config import PaperSettings
from engine.model.market_state import MarketState
from engine.model.market_status import Session
from engine.model.order import TimeInForce
from engine.model.trade import Side, Trade

_BUY: Final = Side.BUY
_OPEN: Final = Session.OPEN
_FOK: Final = TimeInForce.FOK
_DAY_OVER: Final = frozenset({Session.CLOSED, Session.POST})


class Pit:
    """Leads one symbol's orders through their lives: held, waiting for a stop, taking, resting, ended."""

    __slots__ = ("_display", "_matcher", "_next_arrival", "_out", "_session", "orders", "state")

    def __init__(
        self,
        state: MarketState,
        display: Display,
        out: Outbox,
        settings: PaperSettings,
        next_arrival: Callable[[], int],
    ) -> None:
        self.state = state
        self._display = display
        self._out = out
        self._matcher = Matcher(state, display, out, settings)
        self._next_arrival = next_arrival
        self._session = state.session
        self.orders = self._matcher.orders
        """What the venue holds of this symbol, by client id, in time order."""

    @property
    def open(self) -> bool:
        """Whether orders may trade now."""
        return self.state.session is _OPEN

    # What the desk does

    def admit(self, order: PaperOrder) -> None:
        """Take an accepted order in and work it if the market is open."""
        self.orders[order.client_id] = order
        self._work(order)

    def resume(self, order: PaperOrder) -> None:
        """Take an order of an earlier run in; where no price is known yet, the first one works it."""
        self.orders[order.client_id] = order
        if any(self._display.touch_prices()):
            self._work(order)

    def would_cross(self, order: PaperOrder, limit: int | None) -> bool:
        """Whether an order at this limit would trade at once."""
        return self._matcher.would_cross(order, limit)

    def cancel(self, order: PaperOrder, reason: str) -> None:
        """Take an order off the book."""
        self._matcher.cancel(order, reason)

    def amend(self, order: PaperOrder, quantity: int, limit: int | None, stop: int | None) -> None:
        """Change an order's terms; a new price or a larger size loses its place in the queue."""
        loses_place = limit != order.limit or quantity > order.quantity
        order.quantity = max(quantity, order.filled)
        order.limit = limit
        order.stop = stop
        self._out.replaced(order)
        if not order.leaves:
            del self.orders[order.client_id]
        elif loses_place or not order.triggered:
            self._requeue(order)

    def _requeue(self, order: PaperOrder) -> None:
        order.arrival = self._next_arrival()
        order.resting = False
        order.ahead = order.reported_ahead = None
        del self.orders[order.client_id]
        self.admit(order)

    def cancel_all(self, reason: str) -> None:
        """Take every order off the book."""
        for order in list(self.orders.values()):
            self.cancel(order, reason)

    def expire_day_orders(self, reason: str) -> None:
        """End the day orders."""
        for order in list(self.orders.values()):
            if order.request.tif is TimeInForce.DAY:
                del self.orders[order.client_id]
                self._out.expired(order, reason)

    # What the market does

    def on_display(self) -> None:
        """Look at a changed quote or book: stops without trades, resting orders that are reached, queues."""
        self._display.refresh()
        if not self.open:
            return
        bid, ask = self._display.touch_prices()
        met = []
        for order in list(self.orders.values()):
            if not order.resting:
                if order.triggered or not self.state.last:
                    self._work(order)
            elif _is_met(order, bid, ask):
                met.append(order)
            elif order.ahead != 0:
                self._matcher.shrink_queue(order)
        for order in sorted(met, key=by_priority):
            self._matcher.meet(order)

    def on_print(self, trade: Trade) -> None:
        """Share a print among the resting orders it reaches, then show it to the stops."""
        if not self.open or not trade.sets_last:
            return
        self._matcher.share(trade)
        for order in list(self.orders.values()):
            if not order.triggered:
                self._work(order)

    def on_status(self) -> None:
        """Follow the session: expire at the day's end, work what was held at the opening."""
        before, now = self._session, self.state.session
        self._session = now
        if now in _DAY_OVER and before not in _DAY_OVER:
            self.expire_day_orders("the session ended")
        elif now is Session.OPEN and before is not Session.OPEN:
            for order in list(self.orders.values()):
                if not order.resting:
                    self._work(order)
            self.on_display()

    # An order's way

    def _work(self, order: PaperOrder) -> None:
        """Do what can be done with an order that does not rest yet."""
        if not self.open:
            if order.immediate:
                self.cancel(order, f"the market is {self.state.session}")
            return
        if not order.triggered:
            reached = pull(order, reference_price(self.state, order.side))
            self._out.trail(order)
            if not reached:
                return
            order.triggered = True
            self._out.triggered(order)
        self._enter(order)

    def _enter(self, order: PaperOrder) -> None:
        if order.request.tif is _FOK and self._matcher.reachable(order) < order.leaves:
            self.cancel(order, "it could not be filled whole at once")
            return
        if order.request.post_only and self.would_cross(order, order.limit):
            self.cancel(order, "it would have taken, and is post-only")
            return
        self._matcher.take(order)
        if order.client_id not in self.orders:
            return
        if order.limit is None:
            self.cancel(order, "nothing more is shown to trade with")
        elif order.immediate:
            self.cancel(order, "it could not be filled further at once")
        else:
            self._matcher.rest(order)


def _is_met(order: PaperOrder, bid: int, ask: int) -> bool:
    """Whether the other side's touch is at a resting order's limit or better; 0 is no price."""
    limit = order.limit or 0
    return 0 < ask <= limit if order.side is _BUY else bid >= limit
