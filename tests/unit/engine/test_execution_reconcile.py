from __future__ import annotations

import pytest

from engine.clock import NS_PER_S
from engine.messages.commands import TradingState
from engine.messages.comparison_views import ReconcilePhase
from engine.messages.events import OrderAdopted, OrderChanged
from engine.messages.reports import (
    AcceptReport,
    BustReport,
    CancelReport,
    CorrectReport,
    ExpireReport,
    FillReport,
    LostReport,
    ReplaceReport,
    StockReport,
)
from engine.model.order import OrderStatus
from tests.unit.engine.reconcile_bench import ABC, Desk, World, settled, status

_S, _P = OrderStatus, ReconcilePhase


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def desk(world: World) -> Desk:
    world.desk.begin()
    world.desk.passes(1)
    return world.desk


def test_stock_is_taken_every_thirty_seconds(desk: Desk) -> None:
    desk.passes(100)
    assert desk.venue.times("take_stock") == [0, 30, 60, 90]


def test_a_replay_that_passes_days_in_a_moment_takes_no_stock_on_the_way() -> None:
    world = World(steady_is_own=False)
    world.desk.begin()
    world.desk.passes(1)
    asked = len(world.venue.times("take_stock"))
    world.clock.advance_to(world.clock.now_ns() + 86_400 * NS_PER_S)
    assert len(world.venue.times("take_stock")) == asked


def test_stock_is_taken_when_it_is_asked_for_and_when_the_way_opens(desk: Desk) -> None:
    desk.manager.take_stock()
    desk.manager.take_stock()
    assert len(desk.venue.times("take_stock")) == 2, "one at a time"
    desk.passes(1)
    desk.venue.link(connected=False)
    desk.manager.take_stock()
    assert desk.phase() is _P.CUT
    assert len(desk.venue.times("take_stock")) == 2
    desk.venue.link(connected=True)
    assert len(desk.venue.times("take_stock")) == 3


def test_a_link_that_flaps_ends_in_agreement(desk: Desk) -> None:
    order = desk.buy()
    desk.passes(0.1)
    desk.venue.loses = lambda _: True
    for connected in (False, True, True, False, False, True) * 3:
        desk.venue.link(connected=connected)
        desk.passes(0.2)
    desk.venue.fill(order.client_id, 100)
    desk.venue.loses = lambda _: False
    desk.venue.link(connected=True)
    desk.passes(5)
    assert list(settled(desk)) == []
    assert desk.phase() is _P.AGREED


def test_lost_fills_and_ends_are_made_up_for(desk: Desk) -> None:
    one, other = desk.buy(), desk.buy()
    desk.passes(0.1)
    desk.venue.loses = lambda report: isinstance(report, FillReport | ExpireReport)
    desk.venue.fill(one.client_id, 60)
    desk.venue.end(other.client_id, _S.EXPIRED, "the day ended")
    desk.passes(35)
    assert (one.status, one.filled) == (_S.PARTIALLY_FILLED, 60)
    assert (other.status, other.reason) == (_S.EXPIRED, "the day ended")
    assert (desk.view.fills, desk.view.ended) == (1, 1)
    desk.assert_told_by_the_journal()


def test_lost_terms_are_made_up_for(desk: Desk) -> None:
    order = desk.buy()
    desk.passes(0.1)
    desk.venue.loses = lambda report: isinstance(report, ReplaceReport)
    desk.venue.replace(order.client_id, 80, 99)
    desk.passes(35)
    assert (order.quantity, order.leaves, order.limit) == (80, 80, 99)
    desk.assert_told_by_the_journal()


def test_a_fill_behind_an_end_is_the_whole_order_where_word_of_its_smaller_quantity_was_lost(
    desk: Desk,
) -> None:
    order = desk.buy()
    desk.passes(0.1)
    desk.venue.loses = lambda report: isinstance(report, ReplaceReport)
    desk.venue.replace(order.client_id, 1, 99)
    desk.manager.on_report(CancelReport(order.client_id, "", desk.clock.now_ns()))
    desk.venue.fill(order.client_id, 1)
    desk.passes(0.1)
    assert (status(order), order.filled) == (_S.CANCELED, 1)
    desk.passes(35)
    assert (status(order), order.quantity, order.filled) == (_S.FILLED, 1, 1)
    assert desk.phase() is _P.AGREED
    desk.assert_told_by_the_journal()


def test_a_lost_accept_is_made_up_for_by_the_stock(desk: Desk) -> None:
    desk.venue.loses = lambda report: isinstance(report, AcceptReport)
    order = desk.buy()
    desk.passes(0.1)
    desk.manager.take_stock()
    desk.passes(0.1)
    assert status(order) is _S.WORKING


def test_a_stock_does_not_undo_what_happened_after_it_was_made(desk: Desk) -> None:
    order = desk.buy()
    desk.passes(0.1)
    made = desk.venue.stock(0)
    desk.venue.deaf = {"take_stock"}
    desk.manager.take_stock()
    stock = StockReport(made, desk.venue.question["take_stock"])
    desk.venue.replace(order.client_id, 150, 99)
    desk.venue.fill(order.client_id, 50)
    desk.passes(0.1)
    desk.venue.deliver(stock)
    assert (order.status, order.quantity, order.filled) == (_S.PARTIALLY_FILLED, 150, 50)
    assert desk.held() == 50
    assert not desk.breaks
    desk.venue.deaf = set()
    desk.passes(60)
    assert not desk.breaks


def test_a_stock_that_was_not_asked_for_is_not_believed(desk: Desk) -> None:
    order = desk.buy()
    desk.passes(0.1)
    stock = desk.venue.stock(0)
    desk.venue.fill(order.client_id, 100)
    desk.passes(0.1)
    for _ in range(3):
        desk.venue.deliver(StockReport(stock, desk.venue.question["take_stock"] + 1))
    assert not desk.breaks


def test_a_late_answer_counts_for_the_question_that_it_names_and_once(desk: Desk) -> None:
    desk.venue.deaf = {"take_stock"}
    desk.manager.take_stock()
    early = StockReport(desk.venue.stock(0), desk.venue.question["take_stock"])
    order = desk.buy()
    desk.passes(12)
    desk.venue.fill(order.client_id, 10)
    desk.passes(0.1)
    desk.venue.deliver(early)
    desk.venue.deliver(early)
    assert status(order) is _S.PARTIALLY_FILLED
    assert not desk.breaks


def test_the_same_answers_again_change_nothing(desk: Desk) -> None:
    order = desk.buy()
    desk.passes(0.1)
    desk.venue.fill(order.client_id, 100)
    desk.passes(0.1)
    before, records = desk.replica.digest(), len(desk.journal.records)
    for _ in range(5):
        desk.manager.take_stock()
        desk.passes(1)
    assert desk.replica.digest() == before
    assert len(desk.journal.records) == records


def test_a_foreign_order_is_taken_in_and_followed(desk: Desk) -> None:
    desk.venue.foreign("elsewhere-1", 70)
    desk.passes(35)
    order = desk.manager.orders["elsewhere-1"]
    assert (order.status, order.quantity, order.request.origin) == (_S.WORKING, 70, "external")
    assert order.request.number > 0
    assert sum(each.request.number == order.request.number for each in desk.manager.orders.values()) == 1
    assert len(desk.journal.of(OrderAdopted)) == 1
    desk.venue.fill("elsewhere-1", 70)
    desk.passes(1)
    assert (order.status, desk.held()) == (_S.FILLED, 70)
    desk.assert_told_by_the_journal()


def test_a_foreign_order_that_was_filled_meanwhile_is_taken_in_with_its_fills(desk: Desk) -> None:
    desk.venue.loses = lambda _: True
    desk.venue.foreign("elsewhere-1", 70)
    desk.venue.fill("elsewhere-1", 70)
    desk.venue.loses = lambda _: False
    desk.passes(35)
    order = desk.manager.orders["elsewhere-1"]
    assert (order.status, order.quantity, desk.held()) == (_S.FILLED, 70, 70)


def test_a_foreign_order_that_ended_without_a_fill_is_of_no_interest(desk: Desk) -> None:
    desk.venue.foreign("elsewhere-1", 70)
    desk.venue.end("elsewhere-1")
    desk.passes(35)
    assert not desk.manager.orders
    assert not desk.breaks


def test_timers_that_the_clock_dropped_begin_anew(desk: Desk) -> None:
    desk.clock.rewind_to(desk.clock.now_ns())
    desk.manager.reconciler.rearm()
    asked = len(desk.venue.times("take_stock"))
    desk.passes(65)
    assert len(desk.venue.times("take_stock")) == asked + 2
    assert desk.state_of(ABC) is TradingState.ACTIVE


def test_a_lost_bust_and_a_lost_correction_are_made_up_for(desk: Desk) -> None:
    order = desk.buy()
    desk.passes(0.1)
    busted, corrected = desk.venue.fill(order.client_id, 30), desk.venue.fill(order.client_id, 40)
    desk.passes(0.1)
    desk.venue.loses = lambda report: isinstance(report, BustReport | CorrectReport)
    desk.venue.bust(busted)
    desk.venue.correct(corrected, 101, 40)
    desk.passes(40)
    assert (order.filled, desk.held()) == (40, 40)
    assert [fill.price for fill in order.fills] == [101]
    assert not desk.breaks
    desk.assert_told_by_the_journal()


def test_a_lost_bust_is_made_up_for_before_a_lost_fill_that_the_same_word_names(desk: Desk) -> None:
    order, seen = desk.buy(), list[int]()
    desk.passes(0.1)
    busted = desk.venue.fill(order.client_id, 60)
    desk.passes(0.1)
    desk.bus.subscribe(OrderChanged, lambda event: seen.append(event.order.filled))
    desk.venue.loses = lambda report: isinstance(report, BustReport | FillReport)
    desk.venue.bust(busted)
    desk.venue.fill(order.client_id, 100)
    desk.venue.loses = lambda _: False
    desk.manager.on_report(LostReport(order.client_id, "reset", desk.clock.now_ns()))
    desk.passes(40)
    assert (status(order), order.filled, desk.held()) == (_S.FILLED, 100, 100)
    assert max(seen) == 100


def test_a_lost_correction_of_the_price_alone_is_made_up_for(desk: Desk) -> None:
    order = desk.buy()
    desk.passes(0.1)
    fill = desk.venue.fill(order.client_id, 100)
    desk.passes(0.1)
    desk.venue.loses = lambda report: isinstance(report, CorrectReport)
    desk.venue.correct(fill, 101, 100)
    desk.passes(40)
    assert [each.price for each in order.fills] == [101]


def test_a_word_that_does_not_name_all_fills_takes_none_back(desk: Desk) -> None:
    order = desk.buy()
    desk.passes(0.1)
    desk.venue.fill(order.client_id, 30)
    desk.passes(0.1)
    desk.venue.fills, desk.venue.moved[ABC] = [], 30
    desk.manager.on_report(LostReport(order.client_id, "reset", desk.clock.now_ns()))
    desk.passes(40)
    assert (status(order), order.filled) == (_S.PARTIALLY_FILLED, 30)


def test_an_end_waits_for_the_fills_that_the_broker_counts_and_did_not_name(desk: Desk) -> None:
    order = desk.buy()
    desk.passes(0.1)
    desk.venue.loses = lambda report: isinstance(report, FillReport | CancelReport)
    desk.venue.fill(order.client_id, 40)
    desk.venue.end(order.client_id)
    desk.venue.fills, unnamed = [], desk.venue.fills
    desk.venue.deaf = {"inquire"}
    desk.passes(35)
    assert status(order) is _S.WORKING
    desk.venue.fills, desk.venue.deaf = unnamed, set()
    desk.passes(35)
    assert (status(order), order.filled) == (_S.CANCELED, 40)


@pytest.mark.parametrize("end", [_S.CANCELED, _S.EXPIRED])
def test_an_end_that_counts_a_fill_which_was_lost_is_asked_for_at_once_and_counts_both_ways_until_then(
    end: OrderStatus, desk: Desk
) -> None:
    order = desk.buy()
    desk.passes(0.1)
    desk.venue.loses = lambda report: isinstance(report, FillReport)
    desk.venue.deaf = {"inquire"}
    desk.venue.fill(order.client_id, 40)
    desk.venue.end(order.client_id, end)
    desk.passes(0.1)
    assert (status(order), order.filled, order.leaves) == (_S.UNKNOWN, 0, 100)
    desk.venue.deaf = set()
    desk.passes(5)
    assert (status(order), order.filled) == (end, 40)
    desk.assert_told_by_the_journal()


def test_an_end_that_does_not_say_how_much_was_filled_is_asked_for(desk: Desk) -> None:
    order = desk.buy()
    desk.passes(0.1)
    desk.venue.loses = lambda report: isinstance(report, FillReport | CancelReport)
    desk.venue.fill(order.client_id, 40)
    desk.venue.end(order.client_id)
    desk.manager.on_report(CancelReport(order.client_id, "", desk.clock.now_ns()))
    assert (status(order), order.filled) == (_S.CANCELED, 0)
    desk.passes(5)
    assert (status(order), order.filled) == (_S.CANCELED, 40)
    desk.assert_told_by_the_journal()


def test_other_terms_are_not_believed_while_new_ones_are_on_their_way(desk: Desk) -> None:
    order = desk.buy()
    desk.passes(0.1)
    desk.venue.deaf = {"amend"}
    desk.manager.amend(order.client_id, quantity=150)
    desk.venue.loses = lambda report: isinstance(report, ReplaceReport)
    desk.venue.replace(order.client_id, 80, 100)
    desk.passes(0.1)
    desk.manager.take_stock()
    desk.passes(0.1)
    assert (status(order), order.quantity) == (_S.PENDING_REPLACE, 100)
    desk.passes(15)
    assert (status(order), order.quantity) == (_S.WORKING, 80)


def test_an_order_that_filled_before_word_of_more_quantity_works_again(desk: Desk) -> None:
    for ends in (False, True):
        order = desk.buy()
        desk.passes(0.1)
        desk.venue.loses = lambda report: isinstance(report, CancelReport | ReplaceReport)
        desk.venue.replace(order.client_id, 150, 100)
        desk.venue.fill(order.client_id, 100)
        desk.passes(0.1)
        assert status(order) is _S.FILLED
        if ends:
            desk.venue.end(order.client_id)
        desk.passes(40)
        assert (order.quantity, order.filled) == (150, 100)
        assert status(order) is (_S.CANCELED if ends else _S.PARTIALLY_FILLED)
    desk.assert_told_by_the_journal()
