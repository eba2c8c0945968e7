from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.simulated.exchange import BookSide, Execution, MatchingBook, RestingOrder
from engine.model.trade import Side


@dataclass
class NaiveOrder:
    side: Side
    price: int
    size: int


class NaiveBook:
    """One list in order of arrival; the best is found by looking at everyone."""

    def __init__(self) -> None:
        self.orders: list[NaiveOrder] = []

    def submit(self, side: Side, price: int, size: int, *, rests: bool) -> list[Execution]:
        executions = []
        while size:
            others = [o for o in self.orders if o.side is not side and (price - o.price) * side >= 0]
            if not others:
                break
            best = min(others, key=lambda other: other.price * side)
            traded = min(size, best.size)
            executions.append((best.price, traded))
            size -= traded
            best.size -= traded
            if not best.size:
                self.orders = [o for o in self.orders if o is not best]
        if size and rests:
            self.orders.append(NaiveOrder(side, price, size))
        return executions

    def levels(self, side: Side) -> tuple[tuple[int, int], ...]:
        sizes: dict[int, int] = {}
        for order in self.orders:
            if order.side is side:
                sizes[order.price] = sizes.get(order.price, 0) + order.size
        return tuple(sorted(sizes.items(), key=lambda level: -level[0] * side))


SIDES = st.sampled_from(Side)
ACTIONS = st.lists(
    st.tuples(st.sampled_from(("limit", "market", "cancel")), SIDES, st.integers(95, 105), st.integers(1, 9)),
    max_size=60,
)


def _queue(side: BookSide) -> list[tuple[int, list[int]]]:
    return [(price, [order.size for order in side.queues[price]]) for price, _ in side.levels()]


def _naive_queue(book: NaiveBook, side: Side) -> list[tuple[int, list[int]]]:
    return [
        (price, [o.size for o in book.orders if o.side is side and o.price == price])
        for price, _ in book.levels(side)
    ]


def _cancel_same(book: MatchingBook, naive: NaiveBook, pick: int) -> None:
    if not naive.orders:
        return
    victim = naive.orders[pick % len(naive.orders)]
    place = [o for o in naive.orders if o.side is victim.side and o.price == victim.price].index(victim)
    queue = book.side(victim.side).queues[victim.price]
    book.cancel(list(queue)[place])
    naive.orders = [o for o in naive.orders if o is not victim]


@settings(deadline=None, max_examples=150)
@given(ACTIONS)
def test_it_trades_and_queues_like_a_naive_book_by_price_then_time(
    actions: list[tuple[str, Side, int, int]],
) -> None:
    book, naive = MatchingBook(), NaiveBook()
    for kind, side, price, size in actions:
        if kind == "cancel":
            _cancel_same(book, naive, price * size)
        elif kind == "limit":
            assert book.submit_limit(side, price, size) == naive.submit(side, price, size, rests=True)
        else:
            assert book.submit_market(side, size, price) == naive.submit(side, price, size, rests=False)
        assert _queue(book.bids) == _naive_queue(naive, Side.BUY)
        assert _queue(book.asks) == _naive_queue(naive, Side.SELL)


@settings(deadline=None, max_examples=100)
@given(ACTIONS)
def test_it_is_never_crossed_and_no_size_is_lost_or_made(actions: list[tuple[str, Side, int, int]]) -> None:
    book = MatchingBook()
    resting = 0
    for kind, side, price, size in actions:
        if kind == "limit":
            traded = sum(size for _, size in book.submit_limit(side, price, size))
            resting += size - 2 * traded
        elif kind == "market":
            resting -= sum(size for _, size in book.submit_market(side, size, price))
        elif book.side(side).orders:
            order = book.side(side).orders[price % len(book.side(side).orders)]
            resting -= order.size
            book.cancel(order)
        assert not book.bids.best or not book.asks.best or book.bids.best < book.asks.best
        assert sum(book.bids.sizes.values()) + sum(book.asks.sizes.values()) == resting


def test_the_first_in_line_trades_first_at_the_same_price() -> None:
    side = BookSide(Side.SELL)
    first, second = RestingOrder(Side.SELL, 100, 5), RestingOrder(Side.SELL, 100, 7)
    side.add(first)
    side.add(second)
    assert side.take(6, -100, []) == 0
    assert side.orders == [second]
    assert second.size == 6


def test_a_better_price_trades_before_an_older_order() -> None:
    book = MatchingBook()
    book.submit_limit(Side.BUY, 99, 5)
    book.submit_limit(Side.BUY, 100, 5)
    assert book.submit_market(Side.SELL, 7, 95) == [(100, 5), (99, 2)]


def test_what_a_limit_order_could_not_trade_rests_at_its_price() -> None:
    book = MatchingBook()
    book.submit_limit(Side.SELL, 100, 3)
    assert book.submit_limit(Side.BUY, 101, 10) == [(100, 3)]
    assert book.bids.levels() == ((101, 7),)
