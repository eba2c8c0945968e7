"""Where the orders of one symbol meet its market."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.adapters.paper.display import Display
from engine.adapters.paper.outbox import Outbox
from engine.adapters.paper.paper_order import PaperOrder
from engine.adapters.paper.triggers import pull, reference_price
from engine.config import PaperSettings
from engine.model.fill import Liquidity
from engine.model.market_state import MarketState
from engine.model.market_status import Session
from engine.model.order import TimeInForce
from engine.model.trade import Side, Trade

_BUY = Side.BUY
_OPEN = Session.OPEN
_DAY_OVER = frozenset({Session.CLOSED, Session.POST})


class Pit:
    """Matches one symbol's orders: takers walk what is shown, resting ones wait in the queue.

    A resting order fills at its own price, and only when the market printed or showed that price or a
    better one. One print and one shown size serve our orders once.
    """

    __slots__ = ("_display", "_next_arrival", "_out", "_session", "_settings", "orders", "state")

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
        self._settings = settings
        self._next_arrival = next_arrival
        self._session = state.session
        self.orders: dict[str, PaperOrder] = {}
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

    def would_cross(self, order: PaperOrder, limit: int | None) -> bool:
        """Whether an order at this limit would trade at once."""
        return any(self._display.offers(order.side, limit))

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

    def cancel(self, order: PaperOrder, reason: str) -> None:
        """Take an order off the book."""
        del self.orders[order.client_id]
        self._out.canceled(order, reason)

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
                self._shrink_queue(order)
        for order in sorted(met, key=_priority):
            self._meet(order)

    def on_print(self, trade: Trade) -> None:
        """Share a print among the resting orders it reaches, then show it to the stops."""
        if not self.open or not trade.sets_last:
            return
        self._share(trade)
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

    # Matching

    def _work(self, order: PaperOrder) -> None:
        """Do what can be done with an order that does not rest yet."""
        if not self.open:
            if order.immediate:
                self.cancel(order, f"the market is {self.state.session}")
            return
        if not order.triggered:
            if not pull(order, reference_price(self.state, order.side)):
                return
            order.triggered = True
            self._out.triggered(order)
        self._enter(order)

    def _enter(self, order: PaperOrder) -> None:
        if order.request.tif is TimeInForce.FOK and self._reachable(order) < order.leaves:
            self.cancel(order, "it could not be filled whole at once")
            return
        if order.request.post_only and self.would_cross(order, order.limit):
            self.cancel(order, "it would have taken, and is post-only")
            return
        self._take(order)
        if order.client_id not in self.orders:
            return
        if order.limit is None:
            self.cancel(order, "nothing more is shown to trade with")
        elif order.immediate:
            self.cancel(order, "it could not be filled further at once")
        else:
            self._rest(order)

    def _reachable(self, order: PaperOrder) -> int:
        shown = sum(size for _, size in self._display.offers(order.side, order.limit))
        return min(shown, self._wanted(order))

    def _take(self, order: PaperOrder) -> None:
        """Walk what is shown, level by level."""
        slip = 0 if order.limit is not None else self._slippage(order)
        for price, size in self._display.offers(order.side, order.limit):
            quantity = min(size, self._wanted(order))
            if quantity <= 0:
                break
            self._display.take(order.side, price, quantity)
            self._fill(order, max(1, price + slip), quantity, Liquidity.TAKER)
        self._drop_if_nothing_to_reduce(order)

    def _slippage(self, order: PaperOrder) -> int:
        return order.side * self._settings.slippage_ticks * self.state.instrument.tick_units

    def _rest(self, order: PaperOrder) -> None:
        order.resting = True
        shown = self._display.size_at(order.side, order.limit or 0)
        order.ahead = None if shown is None else round(shown * self._settings.queue_share)
        self._out.queue(order)

    def _meet(self, order: PaperOrder) -> None:
        """Fill a resting order at its price if the other side shows that price or a better one; else requeue."""
        quantity = 0
        for price, size in self._display.offers(order.side, order.limit):
            part = min(size, self._wanted(order) - quantity)
            if part <= 0:
                break
            self._display.take(order.side, price, part)
            quantity += part
        if quantity:
            self._fill(order, order.limit or 0, quantity, Liquidity.MAKER)
            self._drop_if_nothing_to_reduce(order)
        if order.client_id in self.orders:
            self._shrink_queue(order)

    def _shrink_queue(self, order: PaperOrder) -> None:
        """Follow cancels ahead: no more can wait before an order than its price shows."""
        shown = self._display.size_at(order.side, order.limit or 0)
        if shown is not None and (order.ahead is None or shown < order.ahead):
            order.ahead = shown
            self._out.queue(order)

    def _share(self, trade: Trade) -> None:
        volume = trade.size
        for order in sorted(self._resting(), key=_priority):
            if volume <= 0:
                return
            if order.reached_by(trade.price):
                volume -= self._serve(order, trade, volume)

    def _resting(self) -> Iterable[PaperOrder]:
        return (order for order in self.orders.values() if order.resting)

    def _serve(self, order: PaperOrder, trade: Trade, volume: int) -> int:
        """Let a print eat what waits ahead, then the order; return how much of it the order got.

        At our price only an aggressor from the other side reaches our queue; through our price all of
        the queue is gone.
        """
        if trade.price == order.limit:
            if trade.aggressor is order.side or order.ahead is None:
                return 0
            ahead = order.ahead
        else:
            ahead = 0
        quantity = min(volume - ahead, self._wanted(order))
        order.ahead = max(0, ahead - volume)
        if quantity > 0:
            self._fill(order, order.limit or 0, quantity, Liquidity.MAKER)
        self._drop_if_nothing_to_reduce(order)
        if order.client_id in self.orders:
            self._out.queue(order)
        return max(0, quantity)

    def _fill(self, order: PaperOrder, price: int, quantity: int, liquidity: Liquidity) -> None:
        self._out.filled(order, self.state.instrument, price, quantity, liquidity)
        if not order.leaves:
            del self.orders[order.client_id]

    def _wanted(self, order: PaperOrder) -> int:
        """Return how much an order may still trade; a reduce-only one no more than what it reduces."""
        if not order.request.reduce_only:
            return order.leaves
        return min(order.leaves, max(0, -order.side * self._out.position_of(self.state.symbol)))

    def _drop_if_nothing_to_reduce(self, order: PaperOrder) -> None:
        if order.leaves and order.client_id in self.orders and not self._wanted(order):
            self.cancel(order, "there is nothing left to reduce")


def _is_met(order: PaperOrder, bid: int, ask: int) -> bool:
    """Whether the other side's touch is at a resting order's limit or better; 0 is no price."""
    limit = order.limit or 0
    return 0 < ask <= limit if order.side is _BUY else bid >= limit


def _priority(order: PaperOrder) -> tuple[int, int]:
    return order.priority
