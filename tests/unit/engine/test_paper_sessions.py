"""Stops, halts, and the ends of days."""

from __future__ import annotations

import pytest

from engine.messages.reports import CancelReport, ExpireReport, ReplaceReport, TrailReport, TriggerReport
from engine.model.market_status import Session
from engine.model.order import OrderType, TimeInForce
from engine.model.trade import Side
from tests.unit.engine.paper_bench import START_NS, PaperBench

NS_PER_DAY = 86_400_000_000_000


def test_a_stop_is_triggered_by_the_last_trade_and_then_takes() -> None:
    bench = PaperBench()
    bench.quote(100, 101)
    bench.trade(101, 5)
    order = bench.send(Side.BUY, 10, type=OrderType.STOP, stop=103)
    bench.quote(104, 105)
    assert bench.kinds(order) == ["Accept"]
    bench.trade(103, 5)
    assert bench.kinds(order) == ["Accept", "Trigger", "Fill"]
    assert bench.traded(order) == [(105, 10)]


def test_without_trades_a_stop_is_triggered_by_the_touch_it_would_take() -> None:
    bench = PaperBench()
    bench.quote_without_sizes(100, 102)
    order = bench.send(Side.SELL, 10, type=OrderType.STOP, stop=98)
    bench.quote_without_sizes(99, 101)
    assert bench.kinds(order) == ["Accept"]
    bench.quote_without_sizes(97, 99)
    assert bench.traded(order) == [(97, 10)]


def test_a_stop_limit_becomes_a_limit_that_may_rest() -> None:
    bench = PaperBench()
    bench.quote(100, 101)
    bench.trade(100, 5)
    order = bench.send(Side.BUY, 10, 104, type=OrderType.STOP_LIMIT, stop=103)
    bench.quote(104, 106)
    bench.trade(105, 5)
    assert bench.kinds(order) == ["Accept", "Trigger"]
    bench.quote(102, 104)
    assert bench.traded(order) == [(104, 10)]


def test_a_trailing_stop_follows_the_best_price_and_never_goes_back() -> None:
    bench = PaperBench()
    bench.quote(100, 101)
    bench.trade(100, 5)
    order = bench.send(Side.SELL, 10, type=OrderType.TRAILING, trail=5)
    for price in (104, 101, 110, 106):
        bench.trade(price, 5)
    told = [report.stop for report in bench.reports if isinstance(report, TrailReport)]
    assert told == [95, 99, 105]
    bench.amend(order, 9, None, None)
    assert bench.last(ReplaceReport).stop is None
    bench.quote(105, 106)
    bench.trade(105, 5)
    assert bench.traded(order) == [(105, 9)]


def test_amending_a_stop_price_is_looked_at_again() -> None:
    bench = PaperBench()
    bench.quote(100, 101)
    bench.trade(101, 5)
    order = bench.send(Side.BUY, 10, type=OrderType.STOP, stop=110)
    bench.amend(order, 10, None, 101)
    assert bench.last(TriggerReport).client_id == order
    assert bench.traded(order) == [(101, 10)]


@pytest.mark.parametrize("session", [Session.HALTED, Session.CLOSED, Session.PRE])
def test_orders_are_held_unfilled_while_the_market_does_not_trade(session: Session) -> None:
    bench = PaperBench()
    bench.quote(100, 101)
    resting = bench.send(Side.BUY, 10, 100, tif=TimeInForce.GTC)
    bench.session(session)
    market = bench.send(Side.BUY, 10, tif=TimeInForce.GTC)
    crossing = bench.send(Side.BUY, 10, 101, tif=TimeInForce.GTC)
    bench.trade(90, 500)
    bench.quote(89, 90)
    assert bench.fills() == []
    assert [bench.kinds(each) for each in (resting, market, crossing)] == [["Accept"]] * 3
    bench.session(Session.OPEN)
    assert bench.traded(market) == [(90, 10)]
    assert bench.traded(crossing) == [(90, 10)]
    assert bench.traded(resting) == [(100, 10)]


def test_an_immediate_order_is_not_held_by_a_halt() -> None:
    bench = PaperBench()
    bench.quote(100, 101)
    bench.session(Session.HALTED)
    order = bench.send(Side.BUY, 10, 101, tif=TimeInForce.IOC)
    assert bench.kinds(order) == ["Accept", "Cancel"]
    assert bench.last(CancelReport).reason == "the market is halted"


def test_a_post_only_order_held_by_a_halt_does_not_take_at_the_opening() -> None:
    bench = PaperBench()
    bench.quote(100, 101)
    bench.session(Session.HALTED)
    order = bench.send(Side.BUY, 10, 101, post_only=True)
    bench.session(Session.OPEN)
    assert bench.kinds(order) == ["Accept", "Cancel"]


@pytest.mark.parametrize("end", [Session.CLOSED, Session.POST])
def test_day_orders_expire_at_the_sessions_end_and_others_stay(end: Session) -> None:
    bench = PaperBench()
    bench.quote(100, 101)
    day = bench.send(Side.BUY, 10, 99)
    good = bench.send(Side.BUY, 10, 99, tif=TimeInForce.GTC)
    bench.session(end)
    assert bench.kinds(day) == ["Accept", "Expire"]
    assert bench.kinds(good) == ["Accept"]


def test_a_day_order_sent_after_the_close_waits_for_the_next_session() -> None:
    bench = PaperBench()
    bench.quote(100, 101)
    bench.send(Side.BUY, 1, 50, tif=TimeInForce.GTC)
    bench.session(Session.POST)
    order = bench.send(Side.BUY, 10)
    bench.session(Session.CLOSED)
    assert bench.kinds(order) == ["Accept"]
    bench.session(Session.OPEN)
    assert bench.traded(order) == [(101, 10)]


def test_a_halt_does_not_expire_day_orders() -> None:
    bench = PaperBench()
    bench.quote(100, 101)
    order = bench.send(Side.BUY, 10, 99)
    bench.session(Session.HALTED)
    bench.session(Session.OPEN)
    assert bench.kinds(order) == ["Accept"]


def test_where_the_market_never_closes_the_day_ends_at_midnight_utc() -> None:
    bench = PaperBench(calendar="24/7")
    bench.quote(100, 101)
    midnight_ns = (START_NS // NS_PER_DAY + 1) * NS_PER_DAY
    day = bench.send(Side.BUY, 10, 99)
    good = bench.send(Side.BUY, 10, 99, tif=TimeInForce.GTC)
    bench.clock.advance_to(midnight_ns - 1)
    assert bench.kinds(day) == ["Accept"]
    bench.settle()
    assert bench.kinds(day) == ["Accept", "Expire"]
    assert bench.last(ExpireReport).event_ns == midnight_ns
    assert bench.kinds(good) == ["Accept"]
    next_day = bench.send(Side.BUY, 10, 99)
    bench.settle(NS_PER_DAY)
    assert bench.kinds(next_day) == ["Accept", "Expire"]
