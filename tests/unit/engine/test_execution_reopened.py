"""What ended here and works at the broker is open again, and nothing that works there is out of reach."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from engine.messages.commands import BreakAction, TradingState
from engine.messages.comparison_views import BreakKind
from engine.messages.reports import (
    AcceptReport,
    BustReport,
    CancelRejectReport,
    CancelReport,
    CorrectReport,
    FillReport,
    NotFoundReport,
    Refusal,
    RejectReport,
    StockReport,
)
from engine.model.fill import Fill
from engine.model.instrument import Symbol
from engine.model.order import Order, OrderStatus, TimeInForce
from engine.replica import KEEP_NS
from tests.unit.engine.reconcile_bench import ABC, XYZ, Desk, World, settled, status

_S = OrderStatus
DAYS_S = 86_400.0


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def desk(world: World) -> Desk:
    world.desk.begin()
    world.desk.passes(1)
    return world.desk


def rejected(desk: Desk, kind: Refusal = Refusal.OTHER) -> Order:
    """Send an order that arrives, and hear that it was refused."""
    desk.venue.loses = lambda report: isinstance(report, AcceptReport)
    order = desk.buy()
    desk.passes(0.1)
    desk.venue.loses = lambda _: False
    desk.venue.deliver(RejectReport(order.client_id, "a used id", desk.clock.now_ns(), kind))
    return order


def works_again(desk: Desk, order: Order) -> None:
    """Let the venue work an order that it had ended, without a word."""
    desk.venue._change(order.client_id, status=_S.PARTIALLY_FILLED if order.filled else _S.WORKING)


def out_of_sight(desk: Desk) -> None:
    """Let days pass, and the orders that ended before them be put away."""
    desk.passes(4 * DAYS_S)
    desk.manager.history.forget(desk.clock.now_ns() - KEEP_NS)
    assert not desk.manager.orders


# A used id


def test_an_order_whose_id_was_used_is_asked_for_and_found(desk: Desk) -> None:
    order = rejected(desk, Refusal.DUPLICATE_ID)
    assert status(order) is _S.UNKNOWN
    assert order in list(desk.working), "it counts as live"
    desk.passes(1)
    assert (order.status, order.venue_id) == (_S.WORKING, f"V-{order.client_id}")
    assert not desk.breaks
    desk.assert_told_by_the_journal()


def test_an_order_whose_id_was_used_by_another_that_ended_has_ended(desk: Desk) -> None:
    order = desk.buy()
    desk.passes(0.1)
    desk.venue.end(order.client_id)
    desk.passes(0.1)
    desk.venue.deliver(RejectReport(order.client_id, "", desk.clock.now_ns(), Refusal.DUPLICATE_ID))
    assert status(order) is _S.CANCELED
    assert list(settled(desk)) == []


def test_a_used_id_that_the_broker_does_not_know_is_not_found_only_by_proof(desk: Desk) -> None:
    desk.venue.deaf = {"submit"}
    order = desk.buy()
    desk.venue.deliver(RejectReport(order.client_id, "", desk.clock.now_ns(), Refusal.DUPLICATE_ID))
    desk.passes(1)
    assert status(order) is _S.UNKNOWN
    desk.passes(60)
    assert status(order) is _S.NOT_FOUND
    assert len(desk.venue.times("submit")) == 1


# What had ended


def test_a_rejected_order_that_the_next_stock_has_is_open_again(desk: Desk) -> None:
    order = rejected(desk)
    assert status(order) is _S.REJECTED
    desk.passes(31)
    assert (order.status, order.leaves, order.reason) == (_S.WORKING, 100, "")
    assert order in list(desk.working)
    assert "#1 ABC was rejected here and works at the broker: it is open again" in desk.alerts
    assert not desk.breaks
    desk.venue.fill(order.client_id, 40)
    desk.passes(0.1)
    assert (order.status, order.leaves, desk.held()) == (_S.PARTIALLY_FILLED, 60, 40)
    assert desk.manager.cancel_all() == 1
    desk.passes(1)
    assert list(settled(desk)) == []
    desk.assert_told_by_the_journal()


def test_a_gtc_that_was_done_for_the_day_is_asked_for_when_it_is_accepted_again(desk: Desk) -> None:
    order = desk.buy(tif=TimeInForce.GTC)
    desk.passes(0.1)
    desk.venue.fill(order.client_id, 30)
    desk.venue.end(order.client_id, _S.EXPIRED, "done for the day")
    desk.passes(31)
    assert status(order) is _S.EXPIRED
    works_again(desk, order)
    desk.venue.report(AcceptReport(order.client_id, "V2", desk.clock.now_ns()))
    desk.passes(0.1)
    assert status(order) is _S.EXPIRED, "the word alone may be an old one"
    desk.passes(1)
    assert (order.status, order.filled, order.leaves) == (_S.PARTIALLY_FILLED, 30, 70)
    desk.assert_told_by_the_journal()


def test_an_accept_that_comes_after_the_end_opens_nothing(desk: Desk) -> None:
    desk.venue.loses = lambda report: isinstance(report, AcceptReport)
    order = desk.buy()
    desk.passes(0.1)
    desk.venue.end(order.client_id)
    desk.passes(0.1)
    desk.venue.deliver(AcceptReport(order.client_id, "V1", desk.clock.now_ns()))
    desk.passes(60)
    assert status(order) is _S.CANCELED
    assert [at for at in desk.venue.times("inquire") if at < 3] == [1.7], "asked once, and answered"
    assert not desk.breaks


def test_a_word_from_before_the_end_does_not_open_what_ended(desk: Desk) -> None:
    order = desk.buy()
    desk.passes(0.1)
    desk.venue.loses = lambda report: not isinstance(report, CancelReport)
    desk.manager.take_stock()
    asked = desk.venue.stock(0)
    desk.passes(0.1)
    desk.venue.end(order.client_id)
    desk.passes(0.1)
    desk.venue.deliver(StockReport(asked, desk.venue.question["take_stock"]))
    assert status(order) is _S.CANCELED
    assert not desk.breaks


def test_what_was_cancelled_from_here_and_works_again_is_cancelled_again(desk: Desk) -> None:
    order = desk.buy()
    desk.passes(0.1)
    assert desk.manager.cancel(order.client_id)
    desk.passes(0.1)
    assert status(order) is _S.CANCELED
    works_again(desk, order)
    desk.passes(31)
    assert status(order) is _S.CANCELED
    assert len(desk.venue.times("cancel")) == 2
    assert list(settled(desk)) == []
    desk.assert_told_by_the_journal()


def test_a_restart_finds_what_works_and_had_ended(world: World, desk: Desk) -> None:
    order = rejected(desk)
    again = world.restart()
    again.passes(1)
    assert again.manager.orders[order.client_id].status is _S.WORKING
    assert list(settled(again)) == []
    again.assert_told_by_the_journal()


def test_an_order_that_is_out_of_sight_and_works_is_taken_in_with_its_fills(desk: Desk) -> None:
    order = desk.buy(tif=TimeInForce.GTC)
    desk.passes(0.1)
    desk.venue.fill(order.client_id, 30)
    desk.venue.end(order.client_id, _S.EXPIRED, "done for the day")
    desk.passes(1)
    out_of_sight(desk)
    works_again(desk, order)
    desk.passes(40)
    back = desk.manager.orders[order.client_id]
    assert (back.status, back.filled, back.leaves, desk.held()) == (_S.PARTIALLY_FILLED, 30, 70, 30)
    (each,) = desk.breaks
    assert "an order that had ended long ago" in each.text
    assert desk.manager.cancel_all() == 1
    desk.passes(1)
    assert list(settled(desk)) == []


# A refused cancel


def test_an_order_that_the_broker_does_not_know_when_it_is_cancelled_is_unknown(desk: Desk) -> None:
    order = desk.buy()
    desk.passes(0.1)
    del desk.venue.orders[order.client_id]
    desk.venue.deaf = {"cancel"}
    desk.manager.cancel(order.client_id)
    desk.venue.deliver(
        CancelRejectReport(order.client_id, "no such order", desk.clock.now_ns(), Refusal.UNKNOWN_ORDER)
    )
    assert status(order) is _S.UNKNOWN
    desk.passes(60)
    assert status(order) is _S.NOT_FOUND
    desk.assert_told_by_the_journal()


def test_an_order_whose_cancel_was_refused_is_asked_for_whatever_the_reason(desk: Desk) -> None:
    order = desk.buy()
    desk.passes(0.1)
    desk.venue.deaf = {"cancel"}
    desk.manager.cancel(order.client_id)
    desk.venue.loses = lambda _: True
    desk.venue.fill(order.client_id, 100)
    desk.venue.loses = lambda _: False
    desk.venue.deliver(CancelRejectReport(order.client_id, "too late", desk.clock.now_ns()))
    desk.passes(1)
    assert (order.status, desk.held()) == (_S.FILLED, 100)


# How long the broker may take to show an order


@pytest.mark.parametrize(("visible_s", "gone_by_s"), [(2.0, 6), (60.0, 100)])
def test_what_is_not_found_within_the_brokers_window_proves_nothing(
    visible_s: float, gone_by_s: float
) -> None:
    desk = World(visible_s=visible_s).desk
    desk.begin()
    desk.passes(1)
    desk.venue.deaf = {"submit"}
    order = desk.buy()
    desk.venue.deliver(RejectReport(order.client_id, "", desk.clock.now_ns(), Refusal.DUPLICATE_ID))
    desk.passes(min(visible_s, gone_by_s))
    assert status(order) is _S.UNKNOWN
    desk.passes(gone_by_s)
    assert status(order) is _S.NOT_FOUND
    (found,) = [at_ns for record, at_ns in desk.journal.records if isinstance(record, NotFoundReport)]
    assert found >= order.request.created_ns + round(visible_s * 1e9)


# What no report explains


def test_fixing_an_order_of_ours_cancels_it_at_the_broker(desk: Desk) -> None:
    order = desk.buy()
    desk.passes(0.1)
    desk.venue._change(order.client_id, filled=40)
    desk.passes(40)
    assert [each.kind for each in desk.breaks] == [BreakKind.ORDER]
    desk.decide(BreakAction.FIX)
    desk.passes(0.1)
    assert desk.venue.orders[order.client_id].status is _S.CANCELED
    assert "only reports of the broker change it" not in desk.alerts[-1]


def test_fixing_an_order_that_is_filled_here_and_works_there_cancels_it_there(desk: Desk) -> None:
    order = desk.buy()
    desk.passes(0.1)
    desk.venue.fill(order.client_id, 100)
    desk.passes(0.1)
    assert status(order) is _S.FILLED
    works_again(desk, order)
    desk.passes(40)
    (each,) = desk.breaks
    assert each.text == "#1 ABC: filled here, partially_filled at the broker"
    assert desk.state_of(ABC) is TradingState.REDUCING
    desk.decide(BreakAction.ADOPT)
    assert "fix cancels it there" in desk.alerts[-1]
    desk.decide(BreakAction.FIX)
    desk.passes(0.1)
    assert desk.venue.orders[order.client_id].status is _S.CANCELED
    desk.passes(40)
    assert not desk.breaks
    assert desk.state_of(ABC) is TradingState.ACTIVE
    desk.assert_told_by_the_journal()


def test_fixing_an_order_of_a_symbol_that_is_not_listed_cancels_it_at_the_broker(desk: Desk) -> None:
    desk.venue.foreign("elsewhere-1", 50, Symbol("ELSE"))
    desk.passes(35)
    desk.decide(BreakAction.FIX)
    desk.passes(0.1)
    assert desk.venue.orders["elsewhere-1"].status is _S.CANCELED
    desk.passes(35)
    assert not desk.breaks
    desk.assert_told_by_the_journal()


# Fills of orders that are out of sight


def filled_long_ago(desk: Desk) -> Fill:
    order = desk.buy()
    desk.passes(0.1)
    fill = desk.venue.fill(order.client_id, 100)
    desk.passes(0.1)
    out_of_sight(desk)
    assert desk.held() == 100
    return fill


def test_the_bust_of_a_fill_whose_order_is_out_of_sight_is_booked(desk: Desk) -> None:
    fill = filled_long_ago(desk)
    desk.venue.loses = lambda _: False
    desk.venue.bust(fill)
    desk.venue.end(fill.client_id)
    desk.passes(0.1)
    assert desk.held() == 0
    assert "fill F1 of ABC, of an order that ended long ago, was taken back: an error" in desk.alerts
    desk.passes(60)
    assert not desk.breaks


def test_the_correction_of_a_fill_whose_order_is_out_of_sight_is_booked(desk: Desk) -> None:
    fill = filled_long_ago(desk)
    desk.venue.correct(fill, price=90, quantity=80)
    desk.venue.end(fill.client_id)
    desk.passes(0.1)
    assert desk.held() == 80
    desk.passes(60)
    assert not desk.breaks


@pytest.mark.parametrize("taken_back", [True, False])
def test_a_fill_that_was_out_of_sight_can_change_after_a_late_one_of_its_order(
    desk: Desk, *, taken_back: bool
) -> None:
    fill = filled_long_ago(desk)
    desk.venue.deliver(FillReport(replace(fill, fill_id="F2", quantity=30)))
    assert desk.held() == 130
    if taken_back:
        desk.venue.deliver(BustReport(fill.client_id, fill.fill_id, "an error", desk.clock.now_ns()))
    else:
        desk.venue.deliver(CorrectReport(replace(fill, quantity=60)))
    assert desk.held() == (30 if taken_back else 90)
    (order,) = desk.manager.orders.values()
    assert [each.fill_id for each in order.fills] == ["F2"]


def test_a_bust_of_a_fill_that_never_came_still_waits_for_it(desk: Desk) -> None:
    order = desk.buy(symbol=XYZ)
    desk.passes(0.1)
    desk.venue.loses = lambda _: True
    fill = desk.venue.fill(order.client_id, 100)
    desk.venue.loses = lambda _: False
    desk.venue.bust(fill)
    desk.passes(0.1)
    assert desk.held(XYZ) == 0
    assert "fill F1 was busted before it came; it will not be booked" in desk.alerts
