"""Which prices a depth ladder shows, and our own orders among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from engine.messages.views import OrderView
from engine.model.depth import Level
from engine.model.instrument import Symbol
from engine.model.quote import NO_PRICE
from engine.model.trade import Side

_DENSE_SHARE = 0.5
_DENSE_MARGIN = 0.15
"""How far the share must pass the half to change the kind of ladder: it must not flicker."""


Rung = tuple[Level, Side] | None
"""A row of the ladder: a price with its size, and the side it lies on; a price of 0 is an empty row."""

SPREAD: Rung = None
"""The row between the sides."""

_EMPTY: Rung = ((NO_PRICE, 0), Side.SELL)


class OwnOrders(Struct, gc=False):
    """What we have working at one price, in size units."""

    buy: int = 0
    sell: int = 0
    resting: bool = False
    """False while there are only stops, which are not on the book."""
    ahead: int | None = None
    """The size before the first of our orders, where the broker can tell."""


def own_orders(orders: Iterable[OrderView], symbol: Symbol) -> dict[int, OwnOrders]:
    """Return our open orders of a symbol by the price at which they rest or trigger."""
    found: dict[int, OwnOrders] = {}
    for order in orders:
        price = order.limit or order.stop
        if order.symbol != symbol or not price:
            continue
        own = found.setdefault(price, OwnOrders())
        if order.side is Side.BUY:
            own.buy += order.leaves
        else:
            own.sell += order.leaves
        own.resting = own.resting or order.stop is None or order.triggered
        if order.queue_ahead is not None:
            own.ahead = order.queue_ahead if own.ahead is None else min(own.ahead, order.queue_ahead)
    return found


def is_dense(levels: Sequence[Level], tick: int, count: int, *, was_dense: bool) -> bool:
    """Return whether the best levels lie so close that every tick deserves a row."""
    shown = levels[:count]
    if not shown or any(price % tick for price, _ in shown):
        return False
    best = shown[0][0]
    near = sum(1 for price, _ in shown if abs(price - best) < count * tick)
    margin = -_DENSE_MARGIN if was_dense else _DENSE_MARGIN
    return near >= (_DENSE_SHARE + margin) * len(shown)


def rungs(
    levels: Sequence[Level], own: Iterable[int], count: int, *, direction: int, tick: int | None
) -> list[Level]:
    """Return at most `count` prices of one side with their sizes, the best first.

    Args:
        levels: The side's levels, best first.
        own: Prices of our orders; those beyond the best price are inserted.
        count: How many rows there are.
        direction: 1 for asks, whose prices rise from the best; -1 for bids.
        tick: Show every tick; None shows only prices where something rests.
    """
    if not levels:
        return []
    best, sizes = levels[0][0], dict(levels)
    if tick is not None:
        prices = [best + direction * tick * step for step in range(count)]
        return [(price, sizes.get(price, 0)) for price in prices if price > 0]
    for price in own:
        if (price - best) * direction > 0:
            sizes.setdefault(price, 0)
    return sorted(sizes.items(), key=lambda level: level[0] * direction)[:count]


def window(
    bids: Sequence[Level],
    asks: Sequence[Level],
    own: Iterable[int],
    *,
    rows: int,
    offset: int,
    tick: int | None,
) -> list[Rung]:
    """Return what each of the rows shows, top to bottom.

    Args:
        bids: Levels, best first.
        asks: Levels, best first.
        own: Prices of our orders.
        rows: How many rows there are.
        offset: How many rows the spread lies below the middle.
        tick: Show every tick; None shows only prices where something rests.
    """
    own = tuple(own)
    above = (rows - 1) // 2
    up, down = above + offset, rows - 1 - above - offset
    upper = rungs(asks, own, max(0, up), direction=1, tick=tick)
    lower = rungs(bids, own, max(0, down), direction=-1, tick=tick)
    column: list[Rung] = [_EMPTY] * max(0, up - len(upper))
    column += [(level, Side.SELL) for level in reversed(upper)]
    column.append(SPREAD)
    column += [(level, Side.BUY) for level in lower]
    column += [_EMPTY] * max(0, down - len(lower))
    return column[-rows:] if up < 0 else column[:rows]


def imbalance(bids: Sequence[Level], asks: Sequence[Level], levels_max: int = 10) -> float | None:
    """Return (bid size - ask size) / both over the best levels, -1 to 1; None without sizes."""
    bid = sum(size for _, size in bids[:levels_max] if size > 0)
    ask = sum(size for _, size in asks[:levels_max] if size > 0)
    return (bid - ask) / (bid + ask) if bid + ask else None
