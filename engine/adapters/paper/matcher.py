"""The matching rule: how orders of one symbol trade with what its market shows and prints."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from engine.adapters.paper.display import Display
from engine.adapters.paper.outbox import Outbox
from engine.adapters.paper.paper_order import PaperOrder
from engine.config import PaperSettings
from engine.model.fill import Liquidity
from engine.model.market_state import MarketState
from engine.model.trade import Trade

_TAKER: Final = Liquidity.TAKER


class Matcher:
    """Fills takers level by level, and resting orders behind their queue.

    A resting order fills at its own price, and only when the market printed or showed that price or a
    better one. One print and one shown size serve our orders once.
    """

    __slots__ = ("_display", "_out", "_settings", "_state", "orders")

    def __init__(self, state: MarketState, display: Display, out: Outbox, settings: PaperSettings) -> None:
        self._state = state
        self._display = display
        self._out = out
        self._settings = settings
        self.orders: dict[str, PaperOrder] = {}
        """What the venue holds of this symbol, by client id, in time order."""

    def would_cross(self, order: PaperOrder, limit: int | None) -> bool:
        """Whether an order at this limit would trade at once."""
        return any(self._display.offers(order.side, limit))

    def cancel(self, order: PaperOrder, reason: str) -> None:
        """Take an order off the book."""
        del self.orders[order.client_id]
        self._out.canceled(order, reason)

    def reachable(self, order: PaperOrder) -> int:
        """Return how much of an order could trade at once."""
        shown = sum(size for _, size in self._display.offers(order.side, order.limit))
        return min(shown, self._wanted(order))

    def take(self, order: PaperOrder) -> None:
        """Walk what is shown, level by level."""
        slip = 0 if order.limit is not None else self._slippage(order)
        for price, size in self._display.offers(order.side, order.limit):
            quantity = min(size, self._wanted(order))
            if quantity <= 0:
                break
            self._display.take(order.side, price, quantity)
            self._fill(order, max(1, price + slip), quantity, _TAKER)
            if order.filled == order.quantity:
                return
        self._drop_if_nothing_to_reduce(order)

    def _slippage(self, order: PaperOrder) -> int:
        return order.side * self._settings.slippage_ticks * self._state.instrument.tick_units

    def rest(self, order: PaperOrder) -> None:
        """Put an order into the book, behind what its price shows."""
        order.resting = True
        shown = self._display.size_at(order.side, order.limit or 0)
        order.ahead = None if shown is None else round(shown * self._settings.queue_share)
        self._out.queue(order)

    def meet(self, order: PaperOrder) -> None:
        """Fill a resting order at its price if the other side shows that price or a better one."""
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
            self.shrink_queue(order)

    def shrink_queue(self, order: PaperOrder) -> None:
        """Follow cancels ahead: no more can wait before an order than its price shows."""
        shown = self._display.size_at(order.side, order.limit or 0)
        if shown is not None and (order.ahead is None or shown < order.ahead):
            order.ahead = shown
            self._out.queue(order)

    def share(self, trade: Trade) -> None:
        """Divide a print among the resting orders it reaches, best price first, then time."""
        volume = trade.size
        for order in sorted(self._resting(), key=by_priority):
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
        self._out.filled(order, self._state.instrument, price, quantity, liquidity)
        if not order.leaves:
            del self.orders[order.client_id]

    def _wanted(self, order: PaperOrder) -> int:
        """Return how much an order may still trade; a reduce-only one no more than what it reduces."""
        if not order.request.reduce_only:
            return order.leaves
        return min(order.leaves, max(0, -order.side * self._out.position_of(self._state.symbol)))

    def _drop_if_nothing_to_reduce(self, order: PaperOrder) -> None:
        if order.leaves and order.client_id in self.orders and not self._wanted(order):
            self.cancel(order, "there is nothing left to reduce")


def by_priority(order: PaperOrder) -> tuple[int, int]:
    """Sort resting orders of a side: best price first, then time."""
    return order.priority
