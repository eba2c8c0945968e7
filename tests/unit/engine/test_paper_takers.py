"""Orders that take: market orders, crossing limits, IOC, FOK, post-only, slippage, fees."""

from __future__ import annotations

from decimal import Decimal

from engine.config import PaperSettings
from engine.messages.reports import AcceptReport, CancelReport, RejectReport
from engine.model.fill import Liquidity
from engine.model.instrument import Symbol
from engine.model.order import OrderType, TimeInForce
from engine.model.trade import Side
from tests.unit.engine.paper_bench import START_NS, PaperBench


def test_a_market_order_walks_the_levels_best_first() -> None:
    bench = PaperBench()
    bench.depth({99: 50}, {100: 30, 101: 40, 103: 100})
    order = bench.send(Side.BUY, 100)
    assert bench.traded(order) == [(100, 30), (101, 40), (103, 30)]
    assert {fill.liquidity for fill in bench.fills()} == {Liquidity.TAKER}


def test_a_market_order_larger_than_the_book_is_cancelled_for_the_rest() -> None:
    bench = PaperBench()
    bench.depth({99: 50}, {100: 30})
    order = bench.send(Side.BUY, 100)
    assert bench.traded(order) == [(100, 30)]
    assert bench.kinds(order) == ["Accept", "Fill", "Cancel"]


def test_without_a_synced_book_the_touch_size_is_all_there_is() -> None:
    bench = PaperBench()
    bench.depth({99: 50}, {100: 1000})
    bench.book.synced = False
    bench.quote(99, 101, 70, 80)
    order = bench.send(Side.SELL, 100)
    assert bench.traded(order) == [(99, 70)]


def test_where_no_sizes_are_published_a_market_order_fills_whole_at_the_touch() -> None:
    bench = PaperBench()
    bench.quote_without_sizes(99, 101)
    assert bench.traded(bench.send(Side.BUY, 5_000_000)) == [(101, 5_000_000)]


def test_two_market_orders_do_not_use_the_same_size_twice() -> None:
    bench = PaperBench()
    bench.depth({99: 50}, {100: 30, 101: 40})
    bench.send(Side.BUY, 20)
    second = bench.send(Side.BUY, 20)
    assert bench.traded(second) == [(100, 10), (101, 10)]


def test_a_level_that_went_and_came_back_can_be_taken_again() -> None:
    bench = PaperBench()
    bench.depth({99: 50}, {100: 30})
    bench.send(Side.BUY, 30)
    bench.depth({99: 50}, {101: 10})
    bench.send(Side.BUY, 10, 99)  # keeps the broker looking at this symbol
    bench.depth({98: 50}, {101: 10})
    bench.depth({98: 50}, {100: 30})
    assert bench.traded(bench.send(Side.BUY, 30)) == [(100, 30)]


def test_slippage_is_added_against_a_market_order_but_not_a_limit() -> None:
    bench = PaperBench(PaperSettings(slippage_ticks=2))
    bench.depth({99: 50}, {100: 30})
    assert bench.traded(bench.send(Side.BUY, 10)) == [(102, 10)]
    assert bench.traded(bench.send(Side.SELL, 10)) == [(97, 10)]
    assert bench.traded(bench.send(Side.BUY, 10, 100)) == [(100, 10)]


def test_a_crossing_limit_takes_what_it_reaches_then_rests() -> None:
    bench = PaperBench()
    bench.depth({99: 50}, {100: 30, 101: 40})
    order = bench.send(Side.BUY, 50, 100)
    assert bench.traded(order) == [(100, 30)]
    assert bench.kinds(order) == ["Accept", "Fill"]


def test_a_post_only_order_that_would_cross_is_rejected() -> None:
    bench = PaperBench()
    bench.quote(99, 101)
    order = bench.send(Side.BUY, 10, 101, post_only=True)
    assert bench.kinds(order) == ["Reject"]
    assert "post-only" in bench.last(RejectReport).reason


def test_a_post_only_order_below_the_touch_rests() -> None:
    bench = PaperBench()
    bench.quote(99, 101)
    assert bench.kinds(bench.send(Side.BUY, 10, 100, post_only=True)) == ["Accept"]


def test_an_immediate_order_takes_what_it_can_and_cancels_the_rest() -> None:
    bench = PaperBench()
    bench.depth({99: 50}, {100: 30, 101: 40})
    order = bench.send(Side.BUY, 50, 100, tif=TimeInForce.IOC)
    assert bench.traded(order) == [(100, 30)]
    assert bench.kinds(order)[-1] == "Cancel"


def test_a_fill_or_kill_order_is_all_or_nothing() -> None:
    bench = PaperBench()
    bench.depth({99: 50}, {100: 30, 101: 40})
    killed = bench.send(Side.BUY, 71, 101, tif=TimeInForce.FOK)
    whole = bench.send(Side.BUY, 70, 101, tif=TimeInForce.FOK)
    assert bench.kinds(killed) == ["Accept", "Cancel"]
    assert bench.traded(whole) == [(100, 30), (101, 40)]


def test_fees_are_basis_points_of_notional_rounded_half_to_even() -> None:
    bench = PaperBench(PaperSettings(taker_fee_bps=Decimal("0.5"), maker_fee_bps=Decimal("-0.25")))
    bench.quote(9_999, 10_001, 100, 100)
    taker = bench.send(Side.BUY, 100)
    maker = bench.send(Side.BUY, 7, 10_000)
    bench.trade(9_990, 7)
    assert [fill.fee_micros for fill in bench.fills(taker)] == [500_050]  # 10,001.00 x 0.5 bp
    assert [fill.fee_micros for fill in bench.fills(maker)] == [-17_500]  # 700.00 x -0.25 bp
    assert bench.fills(maker)[0].fee_currency == "USD"


def test_every_answer_takes_the_latency_both_ways() -> None:
    bench = PaperBench(PaperSettings(latency_ms=3))
    bench.quote(99, 101)
    start_ns = bench.clock.now_ns()
    request = bench.request(Side.BUY, 10)
    bench.broker.submit(request)
    bench.clock.advance_to(start_ns + 5_999_999)
    assert not bench.reports
    bench.clock.advance_to(start_ns + 6_000_000)
    assert bench.kinds(request.client_id) == ["Accept", "Fill"]
    assert bench.last(AcceptReport).event_ns == start_ns + 3_000_000
    assert bench.fills()[0].receive_ns == start_ns + 6_000_000


def test_the_price_is_the_one_shown_when_the_order_arrives() -> None:
    bench = PaperBench()
    bench.quote(99, 101)
    bench.broker.submit(request := bench.request(Side.BUY, 10))
    bench.state.ask = 105
    bench.settle()
    assert bench.traded(request.client_id) == [(105, 10)]


def test_fill_ids_never_repeat() -> None:
    bench = PaperBench()
    bench.depth({99: 50}, {100: 10, 101: 10, 102: 10})
    bench.send(Side.BUY, 30)
    assert [fill.fill_id for fill in bench.fills()] == ["P-1", "P-2", "P-3"]


def test_a_market_order_with_nothing_shown_is_cancelled() -> None:
    bench = PaperBench()
    order = bench.send(Side.BUY, 10)
    assert bench.kinds(order) == ["Accept", "Cancel"]
    assert "nothing more" in bench.last(CancelReport).reason


def test_an_incomplete_order_is_rejected_in_words() -> None:
    bench = PaperBench()
    bench.send(Side.BUY, 10, type=OrderType.LIMIT)
    assert bench.last(RejectReport).reason == "a limit order needs a limit"
    bench.send(Side.BUY, 10, type=OrderType.STOP)
    assert bench.last(RejectReport).reason == "a stop order needs a stop price"
    bench.send(Side.BUY, 10, type=OrderType.TRAILING)
    assert bench.last(RejectReport).reason == "a trailing order needs a distance"
    bench.send(Side.BUY, 0)
    assert "above 0" in bench.last(RejectReport).reason
    bench.send(Side.BUY, 1, symbol=Symbol("NOPE"))
    assert bench.last(RejectReport).reason == "NOPE is not listed here"


def test_a_used_order_id_is_rejected() -> None:
    bench = PaperBench()
    bench.quote(99, 101)
    bench.send(Side.BUY, 10, client_id="same")
    bench.send(Side.BUY, 10, client_id="same")
    assert "used before" in bench.last(RejectReport).reason
    assert bench.paper.position_of(bench.state.symbol) == 10


def test_a_reduce_only_order_never_turns_the_position_around() -> None:
    bench = PaperBench()
    bench.quote(99, 101, 1000, 1000)
    bench.send(Side.BUY, 30)
    order = bench.send(Side.SELL, 50, reduce_only=True)
    assert bench.traded(order) == [(99, 30)]
    assert bench.paper.position_of(bench.state.symbol) == 0
    assert "left to reduce" in bench.last(CancelReport).reason


def test_a_jump_of_the_replay_ends_every_order_and_keeps_the_fills() -> None:
    bench = PaperBench()
    bench.quote(99, 101)
    resting = bench.send(Side.BUY, 10, 98)
    bench.broker.submit(reported := bench.request(Side.BUY, 10))
    bench.clock.advance_to(bench.clock.now_ns() + 2_000_000)
    bench.broker.submit(underway := bench.request(Side.BUY, 10))
    bench.paper.reset("the replay jumped")
    bench.clock.rewind_to(START_NS)
    assert bench.kinds(resting) == ["Accept", "Cancel"]
    assert bench.kinds(reported.client_id) == ["Accept", "Fill"]
    assert bench.kinds(underway.client_id) == ["Reject"]
    assert bench.kinds(bench.send(Side.BUY, 10, 98)) == ["Accept"]
