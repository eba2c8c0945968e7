"""The paper venue after a restart of the desk: it begins from what the journal says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.messages.reports import (
    AcceptReport,
    CancelRejectReport,
    FillReport,
    NotFoundReport,
    StatusReport,
    StockReport,
)
from engine.model.fill import Fill
from engine.model.instrument import Symbol
from engine.model.market_state import MarketState
from engine.model.order import Order, OrderStatus, OrderType, TimeInForce
from engine.model.trade import Side
from tests.unit.engine.paper_bench import START_NS, SYMBOL, PaperBench, make_instrument

S = OrderStatus
DAY_NS = 86_400_000_000_000


class Earlier:
    """What the journal has of an earlier run on a market that is not open yet."""

    def __init__(self, calendar: str = "XNYS") -> None:
        self.bench = PaperBench(calendar=calendar, run="r2")
        self.state = self.bench.market.states.pop(SYMBOL)
        self.orders: list[Order] = []
        self.fills: list[Fill] = []

    def order(self, side: Side, quantity: int, limit: int | None = None, **terms: Any) -> Order:
        status: OrderStatus = terms.pop("status", S.WORKING)
        request = self.bench.request(side, quantity, limit, **terms)
        order = Order(request, self.state.instrument)
        order.status = status
        order.venue_id = f"V-r1-{request.number}"
        order.updated_ns = START_NS
        self.orders.append(order)
        return order

    def filled(self, order: Order, quantity: int, price: int = 101) -> None:
        fill = Fill(
            fill_id=f"P-r1-{len(self.fills) + 1}",
            client_id=order.client_id,
            account=order.request.account,
            symbol=SYMBOL,
            side=order.side,
            price=price,
            quantity=quantity,
            event_ns=START_NS,
        )
        self.fills.append(fill)
        order.filled += quantity
        order.leaves -= quantity

    def restart(self) -> PaperBench:
        position = sum(fill.side * fill.quantity for fill in self.fills)
        self.bench.paper.restore(self.orders, self.fills, {SYMBOL: position})
        return self.bench

    def listed(self) -> PaperBench:
        """Restart, and let the symbol be listed and quoted."""
        bench = self.restart()
        bench.market.states[SYMBOL] = self.state
        bench.paper.on_listed(SYMBOL)
        bench.quote(99, 101)
        return bench


@pytest.fixture
def earlier() -> Earlier:
    return Earlier()


def status_of(bench: PaperBench, client_id: str) -> StatusReport:
    bench.broker.inquire(client_id, 1)
    bench.settle()
    return bench.last(StatusReport)


def test_a_working_order_rests_again_at_the_back_of_the_queue(earlier: Earlier) -> None:
    order = earlier.order(Side.BUY, 30, 99)
    bench = earlier.listed()
    bench.trade(99, 120, Side.SELL)
    assert bench.traded(order.client_id) == [(99, 20)]
    assert not [report for report in bench.reports if isinstance(report, AcceptReport)]


def test_a_partly_filled_order_trades_only_what_was_left(earlier: Earlier) -> None:
    order = earlier.order(Side.BUY, 30, 98, status=S.PARTIALLY_FILLED)
    earlier.filled(order, 20)
    bench = earlier.listed()
    bench.quote(97, 98)
    assert bench.traded(order.client_id) == [(98, 10)]
    status = status_of(bench, order.client_id)
    assert (status.order.status, status.order.filled) == (S.FILLED, 30)
    assert [fill.quantity for fill in status.fills] == [20, 10]
    assert bench.paper.position_of(SYMBOL) == 30


def test_an_amended_order_comes_back_with_the_terms_that_hold(earlier: Earlier) -> None:
    order = earlier.order(Side.BUY, 30, 90, status=S.PENDING_REPLACE)
    order.quantity, order.limit = 12, 98
    bench = earlier.listed()
    bench.quote(97, 98)
    assert bench.traded(order.client_id) == [(98, 12)]


def test_a_cancel_that_was_underway_never_came_and_the_order_works(earlier: Earlier) -> None:
    order = earlier.order(Side.BUY, 30, 95, status=S.PENDING_CANCEL)
    assert status_of(earlier.listed(), order.client_id).order.status is S.WORKING


@pytest.mark.parametrize("status", [S.PENDING_NEW, S.UNKNOWN, S.DENIED, S.NOT_FOUND])
def test_an_order_that_never_reached_the_venue_is_unknown_to_it(
    earlier: Earlier, status: OrderStatus
) -> None:
    order = earlier.order(Side.BUY, 30, 95, status=status)
    order.venue_id = ""
    bench = earlier.listed()
    bench.broker.inquire(order.client_id, 1)
    bench.settle()
    assert bench.last(NotFoundReport).client_id == order.client_id
    bench.quote(90, 91)
    assert not bench.fills()


@pytest.mark.parametrize("status", [S.FILLED, S.CANCELED, S.EXPIRED, S.REJECTED])
def test_an_ended_order_is_remembered_and_stays_ended(earlier: Earlier, status: OrderStatus) -> None:
    order = earlier.order(Side.BUY, 30, 95, status=status)
    bench = earlier.listed()
    assert status_of(bench, order.client_id).order.status is status
    bench.quote(90, 91)
    assert not bench.fills()


def test_ids_never_repeat_those_of_another_run(earlier: Earlier) -> None:
    earlier.filled(earlier.order(Side.BUY, 30, 101, status=S.FILLED), 30)
    bench = earlier.listed()
    bench.send(Side.SELL, 5)
    assert bench.last(FillReport).fill.fill_id == "P-r2-1"
    assert bench.last(AcceptReport).venue_id.startswith("V-r2-")


def test_an_id_of_an_earlier_run_is_not_taken_again(earlier: Earlier) -> None:
    order = earlier.order(Side.BUY, 30, 95)
    bench = earlier.listed()
    bench.broker.submit(order.request)
    bench.settle()
    assert bench.kinds(order.client_id) == ["Reject"]


def test_the_stock_after_a_restart_has_what_the_journal_has(earlier: Earlier) -> None:
    working = earlier.order(Side.BUY, 30, 95)
    done = earlier.order(Side.BUY, 30, 101, status=S.FILLED)
    earlier.filled(done, 30)
    for bench in (earlier.restart(), earlier.listed()):
        bench.broker.take_stock(0, 1)
        bench.settle()
        stock = bench.last(StockReport).stock
        assert {order.client_id for order in stock.orders} == {working.client_id, done.client_id}
        assert stock.fills == tuple(earlier.fills)
        assert stock.positions == {SYMBOL: 30}


def test_before_its_symbol_is_listed_an_order_can_be_cancelled_but_not_amended(earlier: Earlier) -> None:
    order = earlier.order(Side.BUY, 30, 95)
    bench = earlier.restart()
    bench.amend(order.client_id, 40)
    assert bench.last(CancelRejectReport).reason == "its market is not listed yet"
    bench.cancel(order.client_id)
    assert bench.kinds(order.client_id) == ["CancelReject", "Cancel"]
    assert status_of(bench, order.client_id).order.status is S.CANCELED


def wake_by_quote(bench: PaperBench, state: MarketState) -> None:
    state.bid, state.ask, state.bid_size, state.ask_size = 99, 101, 100, 100
    bench.paper.on_quote(state)


def wake_by_status(bench: PaperBench, state: MarketState) -> None:
    bench.paper.on_status(state)


def wake_by_order(bench: PaperBench, _state: MarketState) -> None:
    bench.send(Side.SELL, 1, 120)


@pytest.mark.parametrize("wake", [wake_by_quote, wake_by_status, wake_by_order])
def test_whatever_shows_that_the_symbol_is_there_wakes_its_orders(
    earlier: Earlier, wake: Callable[[PaperBench, MarketState], None]
) -> None:
    order = earlier.order(Side.BUY, 30, 98)
    bench = earlier.restart()
    bench.market.states[SYMBOL] = earlier.state
    wake(bench, earlier.state)
    bench.quote(97, 98)
    assert bench.traded(order.client_id) == [(98, 30)]


def test_only_the_listed_symbols_orders_wake(earlier: Earlier) -> None:
    order = earlier.order(Side.BUY, 30, 98)
    bench = earlier.restart()
    bench.paper.on_listed(Symbol("OTHER"))
    other = MarketState(make_instrument(Symbol("OTHER")))
    bench.paper.on_status(other)
    assert status_of(bench, order.client_id).order.status is S.WORKING
    assert not bench.fills()


@pytest.mark.parametrize("calendar", ["24/7", "XNYS"])
def test_a_day_order_whose_day_ended_between_the_runs_expires(calendar: str) -> None:
    earlier = Earlier(calendar)
    old = earlier.order(Side.BUY, 30, 98)
    kept = earlier.order(Side.BUY, 30, 97, tif=TimeInForce.GTC)
    earlier.bench.clock.advance_to(START_NS + DAY_NS)
    bench = earlier.listed()
    assert bench.kinds(old.client_id) == ["Expire"]
    assert bench.kinds(kept.client_id) == []


def test_a_day_order_of_today_ends_at_midnight_after_a_restart_too() -> None:
    earlier = Earlier("24/7")
    order = earlier.order(Side.BUY, 30, 98)
    bench = earlier.listed()
    bench.settle(DAY_NS)
    bench.settle()
    assert bench.kinds(order.client_id) == ["Expire"]


def test_an_immediate_order_whose_moment_passed_is_cancelled(earlier: Earlier) -> None:
    order = earlier.order(Side.BUY, 30, 101, tif=TimeInForce.IOC)
    bench = earlier.listed()
    assert bench.kinds(order.client_id) == ["Cancel"]


def test_a_stop_that_was_triggered_stays_triggered(earlier: Earlier) -> None:
    triggered = earlier.order(Side.BUY, 30, 98, type=OrderType.STOP_LIMIT, stop=105)
    triggered.triggered = True
    waiting = earlier.order(Side.BUY, 30, 98, type=OrderType.STOP_LIMIT, stop=105)
    bench = earlier.listed()
    bench.quote(97, 98)
    assert bench.traded(triggered.client_id) == [(98, 30)]
    assert bench.traded(waiting.client_id) == []


def test_a_reduce_only_order_counts_on_the_position_of_the_earlier_run(earlier: Earlier) -> None:
    earlier.filled(earlier.order(Side.BUY, 20, 101, status=S.FILLED), 20)
    order = earlier.order(Side.SELL, 50, 102, reduce_only=True)
    bench = earlier.listed()
    bench.quote(102, 103)
    assert bench.traded(order.client_id) == [(102, 20)]


def test_a_jump_of_the_replay_cancels_what_still_waits_for_its_symbol(earlier: Earlier) -> None:
    order = earlier.order(Side.BUY, 30, 95)
    bench = earlier.restart()
    bench.paper.reset("the replay jumped")
    assert bench.kinds(order.client_id) == ["Cancel"]


def test_among_themselves_orders_keep_the_order_in_which_they_came(earlier: Earlier) -> None:
    first = earlier.order(Side.BUY, 10, 98)
    earlier.bench.settle()
    second = earlier.order(Side.BUY, 10, 98)
    first.updated_ns = second.updated_ns + 1
    bench = earlier.listed()
    bench.quote(97, 98, 100, 10)
    assert bench.traded(first.client_id) == [(98, 10)]
    assert bench.traded(second.client_id) == []


def test_a_market_order_that_was_held_waits_for_a_price(earlier: Earlier) -> None:
    order = earlier.order(Side.BUY, 30)
    bench = earlier.restart()
    bench.market.states[SYMBOL] = earlier.state
    bench.paper.on_listed(SYMBOL)
    bench.settle()
    assert bench.kinds(order.client_id) == []
    bench.quote(99, 101)
    assert bench.traded(order.client_id) == [(101, 30)]
