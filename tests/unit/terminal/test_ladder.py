from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.instrument import Symbol
from engine.model.order import OrderType
from engine.model.trade import Side
from terminal.widgets.ladder import imbalance, is_dense, own_orders, rungs, window
from tests.market_views import order

NVDA = Symbol("NVDA")


def test_own_orders_add_up_by_price_and_side() -> None:
    orders = [
        order(1, Side.BUY, 100, queue_ahead=900),
        order(2, Side.BUY, 50, queue_ahead=400),
        order(3, Side.SELL, 70, limit=18_240),
        order(4, Side.BUY, 10, symbol=Symbol("AMD")),
    ]
    found = own_orders(orders, NVDA)
    assert sorted(found) == [18_230, 18_240]
    assert (found[18_230].buy, found[18_230].sell, found[18_230].ahead) == (150, 0, 400)
    assert (found[18_240].sell, found[18_240].ahead) == (70, None)


def test_a_stop_is_shown_at_its_trigger_and_is_not_resting_until_triggered() -> None:
    stop = order(1, Side.SELL, 10, type=OrderType.STOP, limit=None, stop=18_000)
    assert own_orders([stop], NVDA)[18_000].resting is False
    triggered = order(1, Side.SELL, 10, type=OrderType.STOP_LIMIT, stop=18_000, triggered=True)
    assert own_orders([triggered], NVDA)[18_230].resting is True


def test_a_market_order_has_no_price_to_be_shown_at() -> None:
    assert own_orders([order(1, Side.BUY, 10, limit=None)], NVDA) == {}


def test_a_dense_ladder_has_a_row_for_every_tick() -> None:
    levels = [(100, 5), (99, 7), (97, 9)]
    shown = rungs(levels, [], 5, direction=-1, tick=1)
    assert shown == [(100, 5), (99, 7), (98, 0), (97, 9), (96, 0)]


def test_a_dense_ladder_never_shows_a_price_of_nothing() -> None:
    assert rungs([(2, 5)], [], 5, direction=-1, tick=1) == [(2, 5), (1, 0)]


def test_a_sparse_ladder_shows_levels_and_our_prices_between_them() -> None:
    levels = [(1_000, 1), (1_700, 2), (2_900, 3)]
    assert rungs(levels, [1_500, 900], 4, direction=1, tick=None) == [
        (1_000, 1),
        (1_500, 0),
        (1_700, 2),
        (2_900, 3),
    ]
    assert rungs(levels, [1_500], 2, direction=1, tick=None) == [(1_000, 1), (1_500, 0)]


def test_a_side_without_levels_has_no_rungs() -> None:
    assert rungs([], [100], 5, direction=1, tick=1) == []


@pytest.mark.parametrize(("step", "dense"), [(1, True), (2, False), (50, False)])
def test_a_book_is_dense_while_most_of_its_levels_fit_tick_by_tick(step: int, dense: bool) -> None:
    levels = [(10_000 - step * place * 2 + place, 1) for place in range(12)]
    assert is_dense(levels, 1, 12, was_dense=False) is dense


def test_the_kind_of_ladder_does_not_flicker_at_the_border() -> None:
    half = [(100 - place, 1) for place in range(6)] + [(50 - place, 1) for place in range(6)]
    assert is_dense(half, 1, 12, was_dense=True)
    assert not is_dense(half, 1, 12, was_dense=False)


def test_prices_finer_than_the_tick_make_a_ladder_of_levels() -> None:
    assert not is_dense([(1_000, 1), (995, 1)], 10, 5, was_dense=True)


def test_imbalance_compares_the_sizes_of_the_best_levels() -> None:
    assert imbalance([(99, 300)], [(100, 100)]) == pytest.approx(0.5)
    assert imbalance([(99, -1)], [(100, -1)]) is None
    assert imbalance([(99 - n, 1) for n in range(20)], [], levels_max=10) == 1


@given(st.integers(1, 40), st.integers(-60, 60), st.sampled_from([1, None]))
@settings(deadline=None)
def test_a_window_always_has_its_rows_and_prices_fall_from_top_to_bottom(
    rows: int, offset: int, tick: int | None
) -> None:
    bids = [(1_000 - place, 1) for place in range(8)]
    asks = [(1_001 + place, 1) for place in range(8)]
    shown = window(bids, asks, [990, 1_005], rows=rows, offset=offset, tick=tick)
    prices = [rung[0][0] for rung in shown if rung is not None and rung[0][0]]
    assert len(shown) == rows
    assert prices == sorted(prices, reverse=True)
    assert shown.count(None) <= 1


def test_the_spread_is_in_the_middle_until_the_window_is_moved() -> None:
    bids, asks = [(1_000, 1)], [(1_001, 1)]
    assert window(bids, asks, [], rows=11, offset=0, tick=1).index(None) == 5
    assert window(bids, asks, [], rows=11, offset=3, tick=1).index(None) == 8
    assert None not in window(bids, asks, [], rows=11, offset=6, tick=1)
    assert None not in window(bids, asks, [], rows=11, offset=-6, tick=1)
