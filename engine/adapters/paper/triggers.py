"""When a stop becomes an order."""

from __future__ import annotations

from engine.adapters.paper.paper_order import PaperOrder
from engine.model.market_state import MarketState
from engine.model.order import OrderType
from engine.model.quote import NO_PRICE
from engine.model.trade import Side


def reference_price(state: MarketState, side: Side) -> int:
    """Return the price that triggers a stop: the last trade, or the touch it would trade at without trades."""
    return state.last or (state.ask if side is Side.BUY else state.bid)


def pull(order: PaperOrder, price: int) -> bool:
    """Show a stop a price, let a trailing one follow it, and return whether it is reached."""
    if price == NO_PRICE:
        return False
    if order.request.type is OrderType.TRAILING:
        _follow(order, price)
    return order.stop is not None and order.side * (price - order.stop) >= 0


def _follow(order: PaperOrder, price: int) -> None:
    better = not order.best or order.side * (order.best - price) > 0
    if better:
        order.best = price
    order.stop = order.best + order.side * (order.request.trail or 0)
