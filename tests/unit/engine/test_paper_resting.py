"""Orders that rest: queue position, prints, quotes through the price, amendments."""

from __future__ import annotations

import pytest

from engine.config import PaperSettings
from engine.messages.reports import CancelRejectReport, CancelReport, QueueReport, ReplaceReport
from engine.model.fill import Liquidity
from engine.model.trade import Side, Trade
from tests.unit.engine.paper_bench import PaperBench


def test_a_print_at_our_price_eats_the_queue_ahead_before_us() -> None:
    bench = PaperBench()
    bench.quote(100, 101, 50, 50)
    order = bench.send(Side.BUY, 30, 100)
    bench.trade(100, 40, Side.SELL)
    assert bench.traded(order) == []
    bench.trade(100, 25, Side.SELL)
    assert bench.traded(order) == [(100, 15)]
    assert bench.fills()[0].liquidity is Liquidity.MAKER


def test_a_print_through_our_price_fills_us_at_our_price_up_to_its_size() -> None:
    bench = PaperBench()
    bench.quote(100, 101, 50, 50)
    order = bench.send(Side.BUY, 30, 100)
    bench.trade(99, 20)
    assert bench.traded(order) == [(100, 20)]


def test_a_print_above_our_bid_does_nothing() -> None:
    bench = PaperBench()
    bench.quote(100, 101, 0, 50)
    order = bench.send(Side.BUY, 30, 100)
    bench.trade(101, 500)
    assert bench.traded(order) == []


def test_a_buyer_at_our_bid_price_does_not_fill_our_bid() -> None:
    bench = PaperBench()
    bench.quote(100, 102, 0, 50)
    order = bench.send(Side.BUY, 30, 101)
    bench.trade(101, 500, Side.BUY)
    assert bench.traded(order) == []
    bench.trade(101, 500, Side.SELL)
    assert bench.traded(order) == [(101, 30)]


def test_two_of_our_orders_share_one_print() -> None:
    bench = PaperBench()
    bench.quote(100, 101, 50, 50)
    first = bench.send(Side.BUY, 30, 100)
    second = bench.send(Side.BUY, 30, 100)
    bench.trade(100, 95, Side.SELL)
    assert bench.traded(first) == [(100, 30)]
    assert bench.traded(second) == [(100, 15)]


def test_the_better_priced_order_is_served_first() -> None:
    bench = PaperBench()
    bench.quote(98, 103, 0, 50)
    low = bench.send(Side.BUY, 10, 100)
    high = bench.send(Side.BUY, 10, 101)
    bench.trade(99, 15)
    assert bench.traded(high) == [(101, 10)]
    assert bench.traded(low) == [(100, 5)]


def test_cancels_ahead_shrink_the_queue_to_what_the_price_shows() -> None:
    bench = PaperBench()
    bench.depth({100: 50}, {101: 50})
    order = bench.send(Side.BUY, 10, 100)
    assert bench.last(QueueReport).ahead == 50
    bench.depth({100: 20}, {101: 50})
    assert bench.last(QueueReport).ahead == 20
    bench.depth({100: 500}, {101: 50})
    assert bench.last(QueueReport).ahead == 20
    bench.trade(100, 25, Side.SELL)
    assert bench.traded(order) == [(100, 5)]


def test_the_queue_is_reported_only_when_it_changed() -> None:
    bench = PaperBench()
    bench.depth({100: 50}, {101: 50})
    bench.send(Side.BUY, 10, 100)
    for _ in range(5):
        bench.depth({100: 50}, {101: 60})
    assert sum(isinstance(report, QueueReport) for report in bench.reports) == 1


@pytest.mark.parametrize(("share", "ahead"), [(0.0, 0), (0.5, 25), (1.0, 50)])
def test_the_queue_share_says_how_much_of_the_size_is_ahead(share: float, ahead: int) -> None:
    bench = PaperBench(PaperSettings(queue_share=share))
    bench.depth({100: 50}, {101: 50})
    bench.send(Side.BUY, 10, 100)
    assert bench.last(QueueReport).ahead == ahead


def test_behind_an_unseen_price_no_print_at_it_fills_us() -> None:
    bench = PaperBench()
    bench.quote(100, 101)
    order = bench.send(Side.BUY, 10, 95)
    bench.trade(95, 1000, Side.SELL)
    assert bench.traded(order) == []
    bench.quote(95, 96, 40, 40)
    assert bench.last(QueueReport).ahead == 40


def test_a_book_that_does_not_reach_our_price_leaves_the_queue_unknown() -> None:
    bench = PaperBench()
    bench.depth({100: 5, 99: 5}, {101: 50})
    bench.send(Side.BUY, 10, 95)
    assert not any(isinstance(report, QueueReport) for report in bench.reports)


def test_an_ask_that_comes_down_to_our_bid_fills_us_at_our_price_up_to_its_size() -> None:
    bench = PaperBench()
    bench.quote(100, 103, 50, 50)
    order = bench.send(Side.BUY, 80, 101)
    bench.quote(99, 100, 50, 60)
    assert bench.traded(order) == [(101, 60)]


def test_the_same_shown_size_does_not_fill_a_resting_order_twice() -> None:
    bench = PaperBench()
    bench.quote(100, 103, 50, 50)
    order = bench.send(Side.BUY, 80, 101)
    for _ in range(3):
        bench.quote(99, 101, 50, 30)
    assert bench.traded(order) == [(101, 30)]


def test_without_published_sizes_only_the_other_touch_fills_us() -> None:
    bench = PaperBench()
    bench.quote_without_sizes(100, 102)
    order = bench.send(Side.BUY, 1_000, 101)
    bench.quote_without_sizes(99, 102)
    assert bench.traded(order) == []
    bench.quote_without_sizes(99, 101)
    assert bench.traded(order) == [(101, 1_000)]


def test_a_sell_is_the_mirror_of_a_buy() -> None:
    bench = PaperBench()
    bench.quote(100, 101, 50, 50)
    order = bench.send(Side.SELL, 30, 101)
    bench.trade(101, 60, Side.BUY)
    assert bench.traded(order) == [(101, 10)]
    bench.trade(102, 5)
    assert bench.traded(order) == [(101, 10), (101, 5)]


def test_prints_that_count_for_volume_only_fill_nobody() -> None:
    bench = PaperBench()
    bench.quote(100, 101, 0, 50)
    order = bench.send(Side.BUY, 30, 100)
    late = Trade(bench.state.symbol, "test", 90, 100, None, 0, 0, sets_last=False)
    bench.paper.on_trade(bench.state, late)
    bench.settle()
    assert bench.traded(order) == []


def test_a_cancel_takes_the_order_off_and_a_second_one_is_too_late() -> None:
    bench = PaperBench()
    bench.quote(100, 101)
    order = bench.send(Side.BUY, 30, 100)
    bench.cancel(order)
    assert bench.last(CancelReport).client_id == order
    bench.cancel(order)
    assert "too late" in bench.last(CancelRejectReport).reason
    bench.trade(90, 1000)
    assert bench.traded(order) == []


def test_a_smaller_size_keeps_the_place_in_the_queue() -> None:
    bench = PaperBench()
    bench.depth({100: 50}, {101: 50})
    order = bench.send(Side.BUY, 30, 100)
    bench.depth({100: 90}, {101: 50})
    bench.amend(order, 20, 100)
    assert bench.last(ReplaceReport).quantity == 20
    assert bench.last(QueueReport).ahead == 50


@pytest.mark.parametrize(("quantity", "limit", "ahead"), [(40, 100, 90), (30, 99, 70)])
def test_a_larger_size_or_a_new_price_goes_to_the_end_of_the_queue(
    quantity: int, limit: int, ahead: int
) -> None:
    bench = PaperBench()
    bench.depth({100: 50, 99: 70}, {101: 50})
    order = bench.send(Side.BUY, 30, 100)
    bench.depth({100: 90, 99: 70}, {101: 50})
    bench.amend(order, quantity, limit)
    assert bench.last(QueueReport).ahead == ahead


def test_an_amendment_that_crosses_takes_at_once() -> None:
    bench = PaperBench()
    bench.depth({100: 50}, {101: 20})
    order = bench.send(Side.BUY, 30, 100)
    bench.amend(order, 30, 101)
    assert bench.traded(order) == [(101, 20)]


def test_a_post_only_order_is_not_amended_to_cross() -> None:
    bench = PaperBench()
    bench.depth({100: 50}, {101: 20})
    order = bench.send(Side.BUY, 30, 100, post_only=True)
    bench.amend(order, 30, 101)
    assert "post-only" in bench.last(CancelRejectReport).reason
    assert bench.kinds(order) == ["Accept", "CancelReject"]


def test_an_amendment_to_less_than_was_filled_ends_the_order_at_what_was_filled() -> None:
    bench = PaperBench()
    bench.quote(100, 101, 0, 50)
    order = bench.send(Side.BUY, 30, 100)
    bench.trade(100, 20, Side.SELL)
    bench.amend(order, 10, 100)
    assert bench.last(ReplaceReport).quantity == 20
    bench.trade(90, 1000)
    assert bench.traded(order) == [(100, 20)]


def test_a_resting_reduce_only_order_is_dropped_when_the_position_is_gone() -> None:
    bench = PaperBench()
    bench.quote(100, 101, 500, 500)
    bench.send(Side.BUY, 30)
    resting = bench.send(Side.SELL, 30, 105, reduce_only=True)
    bench.send(Side.SELL, 20)
    bench.trade(106, 500)
    assert bench.traded(resting) == [(105, 10)]
    assert bench.kinds(resting)[-1] == "Cancel"
    assert bench.paper.position_of(bench.state.symbol) == 0
