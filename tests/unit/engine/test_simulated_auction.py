from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.simulated.auction import Interest, clear

INTERESTS = st.lists(st.tuples(st.integers(90, 110), st.integers(1, 50)), max_size=12)


def _tradable(bids: list[Interest], asks: list[Interest], price: int) -> int:
    return min(
        sum(size for limit, size in bids if limit >= price),
        sum(size for limit, size in asks if limit <= price),
    )


@settings(deadline=None, max_examples=150)
@given(INTERESTS, INTERESTS)
def test_no_other_price_would_trade_more(bids: list[Interest], asks: list[Interest]) -> None:
    price, size = clear(bids, asks, 100)
    assert size == max((_tradable(bids, asks, other) for other in range(90, 111)), default=0)
    assert size == (_tradable(bids, asks, price) if price else 0)


def test_of_equally_good_prices_the_one_nearest_the_reference_wins() -> None:
    assert clear([(105, 10)], [(95, 10)], 104) == (105, 10)
    assert clear([(105, 10)], [(95, 10)], 96) == (95, 10)


def test_the_smaller_imbalance_wins_before_the_reference() -> None:
    assert clear([(101, 10)], [(99, 10), (101, 30)], 101) == (99, 10)


def test_nothing_trades_when_all_bids_are_below_all_asks() -> None:
    assert clear([(99, 10)], [(100, 10)], 100) == (0, 0)
    assert clear([], [], 100) == (0, 0)
