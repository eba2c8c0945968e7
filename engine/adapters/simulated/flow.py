"""Who comes to the market: order flow in the manner of Cont, Stoikov and Talreja.

Limit orders arrive at random distances from the opposite best price, every resting order may be
withdrawn at any moment, market orders take what is there (Cont, Stoikov, Talreja, "A stochastic model
for order book dynamics", 2010). On top of that, traders lean towards a value they know; large orders are
worked in pieces, so that signs persist; and each trade excites more activity (Hawkes, 1971).
"""

from __future__ import annotations

from math import exp, log
from random import Random

from engine.adapters.simulated.exchange import BookSide, MatchingBook
from engine.adapters.simulated.tape import Tape
from engine.adapters.simulated.taste import TABLE, Taste
from engine.clock import NS_PER_S
from engine.model.trade import Side

_LIMIT_SHARE = 0.5
_MARKET_SHARE = 0.07
_ECHO = 0.55
"""How many further trades each trade brings about, with everything that happens around them."""
_ECHO_FADES_S = 4.0
_SWEEP = 0.15
"""How many of the market orders walk the book."""
_FLEETING = 0.45
"""How many withdrawals are of an order that only just came to the touch."""
_EXCITEMENT_MAX = 12.0
_STALE = 3.0
"""How many times the usual reach the value may be away before makers pull whole levels."""
_ORDERS_MIN = 4
"""Makers are obliged to leave this many orders on a side."""


def expected_prints(rate: float, size_mean: float) -> tuple[float, float]:
    """Return how many trades a second and how much in each to expect, measured over many hours.

    A market order takes some more than it is for when it sweeps, and meets about two resting orders.
    """
    return 2.0 * rate * _MARKET_SHARE, 1.15 * size_mean / 2.0


class OrderFlow:
    """The orders of one symbol, one at a time; times and rates are those of the market."""

    __slots__ = (
        "_asks",
        "_bids",
        "_book",
        "_cancel_rate",
        "_excitement",
        "_jolt",
        "_lean",
        "_limit_rate",
        "_parent_left",
        "_parent_side",
        "_random",
        "_rate",
        "_stale",
        "_taking_rate",
        "_tape",
        "_taste",
        "_tick",
        "_value",
        "_value_ask",
        "_value_bid",
        "activity",
    )

    def __init__(self, book: MatchingBook, tape: Tape, taste: Taste, rate: float, random: Random) -> None:
        self._book, self._bids, self._asks = book, book.bids, book.asks
        self._tape = tape
        self._taste = taste
        self._tick = taste.tick
        self._random = random.random
        unprompted = rate * (1.0 - _ECHO)
        self._limit_rate = unprompted * _LIMIT_SHARE
        self._taking_rate = unprompted * (_LIMIT_SHARE + _MARKET_SHARE)
        self._cancel_rate = unprompted * (1.0 - _LIMIT_SHARE - _MARKET_SHARE) / (2 * taste.resting_orders)
        self._jolt = _ECHO / (_ECHO_FADES_S * unprompted * _MARKET_SHARE)
        self._rate = self._taking_rate
        self._excitement = _ECHO / (1.0 - _ECHO)
        self._lean = 0.0
        self._stale = 0
        self._parent_side = Side.BUY
        self._parent_left = 0
        self._value = 0.0
        self._value_bid = self._value_ask = 0
        self.activity = 1.0
        """How busy the market is now; 0 stops it."""

    def next_ns(self, now_ns: int) -> int:
        """Draw when the next order comes, seen from now."""
        resting = len(self._bids.orders) + len(self._asks.orders)
        self._rate = rate = self._taking_rate + self._cancel_rate * resting
        gap_s = -log(1.0 - self._random()) / (rate * self.activity * (1.0 + self._excitement))
        self._excitement *= exp(-gap_s / _ECHO_FADES_S)
        return now_ns + int(gap_s * NS_PER_S) + 1

    def act(self, now_ns: int) -> int:
        """Let one trader do one thing; return when the next one comes."""
        pick = self._random() * self._rate
        if pick < self._limit_rate:
            self._offer(now_ns)
        elif pick < self._taking_rate:
            self._take(now_ns)
        else:
            self._withdraw(now_ns)
        return self.next_ns(now_ns)

    def believe(self, value: float) -> None:
        """Tell the traders what the instrument is worth, in price units."""
        tick, cushion = self._tick, self._taste.cushion
        self._value = value
        self._value_bid = int((value - cushion) // tick) * tick
        self._value_ask = -int(-(value + cushion) // tick) * tick
        self._compare()

    def excite(self, by: float) -> None:
        """Make the market busier by so many times the usual, for a while."""
        self._excitement = min(_EXCITEMENT_MAX, self._excitement + by)

    def fill_book(self, orders: int) -> None:
        """Let so many traders a side place an order, unseen."""
        for _ in range(orders):
            for side in (Side.BUY, Side.SELL):
                self._book.submit_limit(side, self._passive_price(side), self._draw_size())

    def _compare(self) -> None:
        """See how far the market is from the value."""
        bids, asks = self._bids.keys, self._asks.keys
        if not bids or not asks:
            self._lean, self._stale = 0.0, 0
            return
        lean = (self._value - (bids[-1] - asks[-1]) / 2) / self._taste.reach
        self._stale = 0 if -_STALE < lean < _STALE else (1 if lean > 0 else -1)
        self._lean = max(-1.0, min(1.0, lean))

    def _offer(self, now_ns: int) -> None:
        side = Side.BUY if self._random() < 0.5 + 0.2 * self._lean else Side.SELL
        price = self._passive_price(side)
        self._book.submit_limit(side, price, self._draw_size())
        self._tape.level(self._bids if side is Side.BUY else self._asks, price, now_ns)

    def _passive_price(self, side: Side) -> int:
        distances = self._taste.distances
        distance = distances[int(self._random() * TABLE)]
        if side is Side.BUY:
            opposite = self._asks.keys
            price = (-opposite[-1] if opposite else self._value_ask) - distance
            most = self._value_bid
            return max(self._tick, min(most, price))
        opposite = self._bids.keys
        price = (opposite[-1] if opposite else self._value_bid) + distance
        least = self._value_ask
        return max(least, price)

    def _draw_size(self) -> int:
        return self._taste.sizes[int(self._random() * TABLE)]

    def _take(self, now_ns: int) -> None:
        self._compare()
        side = self._draw_aggressor()
        other = self._asks if side is Side.BUY else self._bids
        if len(other.orders) <= _ORDERS_MIN:
            self._offer(now_ns)
            return
        touch, size = other.best, self._draw_size()
        own_rests = False
        if self._random() < _SWEEP:
            executions = self._book.submit_market(side, 3 * size, touch + side * self._taste.sweep)
        else:
            executions = self._book.submit_limit(side, touch, size)
            own_rests = touch not in other.sizes and touch in self._book.side(side).sizes
        self.excite(self._jolt / self.activity)
        self._publish(side, executions, touch, own_rests, now_ns)

    def _publish(
        self, side: Side, executions: list[tuple[int, int]], touch: int, own_rests: bool, now_ns: int
    ) -> None:
        self._tape.trades(executions, side, now_ns)
        taken = dict(executions)
        rested = (touch,) if own_rests else ()
        if side is Side.BUY:
            self._tape.levels(rested, taken, now_ns)
        else:
            self._tape.levels(taken, rested, now_ns)

    def _draw_aggressor(self) -> Side:
        random = self._random
        if self._parent_left <= 0 or self._stale:
            self._parent_side = Side.BUY if random() < 0.5 + 0.5 * self._lean else Side.SELL
            self._parent_left = int(-log(1.0 - random()) * 5)
        self._parent_left -= 1
        if random() < abs(self._lean):
            return Side.BUY if self._lean > 0 else Side.SELL
        return self._parent_side

    def _withdraw(self, now_ns: int) -> None:
        self._compare()
        bids, asks, random = self._bids, self._asks, self._random
        if self._stale:
            self._pull(asks if self._stale > 0 else bids, now_ns)
            return
        asks_share = len(asks.orders) / (len(bids.orders) + len(asks.orders)) + 0.2 * self._lean
        side = asks if random() < asks_share else bids
        if len(side.orders) <= _ORDERS_MIN:
            self._offer(now_ns)
            return
        if random() < _FLEETING:
            order = next(reversed(side.queues[side.keys[-1] * side.sign]))
        else:
            order = side.orders[int(random() * len(side.orders))]
        side.remove(order)
        self._tape.level(side, order.price, now_ns)

    def _pull(self, side: BookSide, now_ns: int) -> None:
        """Withdraw a whole level that has become a gift."""
        price = side.best
        queue = side.queues[price]
        if len(side.orders) - len(queue) < _ORDERS_MIN:
            self._offer(now_ns)
            return
        for order in list(queue):
            side.remove(order)
        self._tape.level(side, price, now_ns)
