"""An account that comes back from its journal: compared with its broker before anything goes out."""

from __future__ import annotations

import pytest

from engine.messages.commands import TradingState
from engine.messages.comparison_views import ReconcilePhase
from engine.messages.events import OrderUnanswered
from engine.model.order import OrderStatus
from tests.unit.engine.reconcile_bench import ABC, XYZ, Desk, World, settled

_S, _P = OrderStatus, ReconcilePhase


@pytest.fixture
def world() -> World:
    return World()


# Crash points


def test_before_the_intent_was_written_nothing_is_known_and_nothing_was_sent(world: World) -> None:
    world.desk.begin()
    desk = world.restart(records=0)
    desk.passes(60)
    assert not desk.manager.orders
    assert not world.venue.times("submit")


def test_an_intent_that_never_reached_the_broker_is_not_found_and_never_sent(world: World) -> None:
    world.desk.begin()
    world.venue.deaf = {"submit"}
    client_id = world.desk.buy().client_id
    world.venue.deaf = set()
    desk = world.restart()
    assert desk.manager.orders[client_id].status is _S.UNKNOWN
    desk.passes(60)
    assert desk.manager.orders[client_id].status is _S.NOT_FOUND
    assert len(world.venue.times("submit")) == 1
    desk.assert_told_by_the_journal()


def test_an_order_that_arrived_before_its_answer_was_written_is_adopted(world: World) -> None:
    world.desk.begin()
    world.venue.loses = lambda _: True
    client_id = world.desk.buy().client_id
    world.desk.passes(1)
    world.venue.loses = lambda _: False
    desk = world.restart()
    desk.passes(1)
    assert desk.manager.orders[client_id].status is _S.WORKING
    assert desk.view.adopted == 1
    assert desk.phase() is _P.AGREED
    desk.assert_told_by_the_journal()


def test_a_fill_that_was_seen_and_not_written_is_made_up_for(world: World) -> None:
    world.desk.begin()
    order = world.desk.buy()
    world.desk.passes(1)
    records = len(world.journal.records)
    world.venue.fill(order.client_id, 30)
    world.venue.fill(order.client_id, 70)
    world.desk.passes(1)
    assert world.desk.held() == 100
    desk = world.restart(records=records)
    assert desk.held() == 0
    desk.passes(1)
    assert desk.held() == 100
    assert desk.manager.orders[order.client_id].status is _S.FILLED
    assert (desk.view.fills, desk.view.ended) == (2, 0)
    assert any("had bought 30 at 1.00" in line for line in desk.view.lines)
    desk.assert_told_by_the_journal()


def test_every_crash_between_two_records_ends_as_the_broker_has_it() -> None:
    whole = _a_busy_session()
    for records in range(len(whole.journal.records) + 1):
        world = _a_busy_session()
        desk = world.restart(records=records)
        desk.passes(90)
        assert list(settled(desk)) == [], f"cut after {records} records"
        desk.assert_told_by_the_journal()


def _a_busy_session() -> World:
    world = World()
    desk, venue = world.desk, world.venue
    desk.begin()
    first, second, third = desk.buy(), desk.buy(symbol=XYZ), desk.buy()
    desk.passes(0.1)
    venue.fill(first.client_id, 40)
    desk.manager.cancel(second.client_id)
    desk.manager.amend(third.client_id, quantity=130)
    desk.passes(0.1)
    venue.fill(first.client_id, 60)
    venue.fill(third.client_id, 10)
    desk.passes(1)
    return world


# The start


def test_an_account_with_a_history_is_locked_until_the_first_comparison(world: World) -> None:
    world.desk.begin()
    world.desk.buy()
    world.desk.passes(1)
    desk = world.restart()
    assert desk.state_of() is TradingState.HALTED
    assert desk.phase() is _P.COMPARING
    desk.passes(1)
    assert desk.state_of() is TradingState.ACTIVE
    assert desk.phase() is _P.AGREED
    assert desk.manager.reconciler.settled


def test_an_account_that_lives_at_the_broker_is_locked_though_nothing_is_known_of_it(world: World) -> None:
    desk, venue = world.desk, world.venue
    venue.moved = {ABC: 1000}
    venue.deaf = {"take_stock"}
    desk.begin(had_history=False)
    desk.passes(60)
    assert (desk.phase(), desk.state_of()) == (_P.LATE, TradingState.HALTED)
    venue.deaf = set()
    desk.passes(80)
    assert (desk.state_of(), desk.state_of(XYZ)) == (TradingState.REDUCING, TradingState.ACTIVE)


def test_a_fresh_account_that_lives_here_alone_is_not_locked(world: World) -> None:
    desk = Desk(world.venue, world.clock, world.journal, elsewhere=False)
    desk.begin(had_history=False)
    assert desk.state_of() is TradingState.ACTIVE


def test_a_silent_broker_keeps_it_locked_and_is_asked_again_while_cancels_go_out(world: World) -> None:
    world.desk.begin()
    order = world.desk.buy()
    world.desk.passes(1)
    world.venue.deaf = {"take_stock"}
    desk = world.restart()
    desk.passes(11)
    assert desk.phase() is _P.LATE
    assert any("has not answered for 10 s" in text for text in desk.alerts)
    assert desk.manager.cancel(order.client_id)
    desk.passes(110)
    assert desk.state_of() is TradingState.HALTED
    asked = [at_s - world.venue.times("take_stock")[1] for at_s in world.venue.times("take_stock")[1:]]
    assert asked == [0, 10, 30, 70]
    world.venue.deaf = set()
    desk.passes(80)
    assert desk.state_of() is TradingState.ACTIVE
    assert desk.manager.orders[order.client_id].status is _S.CANCELED


def test_an_incomplete_stock_does_not_unlock_and_proves_no_absence(world: World) -> None:
    world.desk.begin()
    order = world.desk.buy()
    world.desk.passes(1)
    world.venue.complete = False
    desk = world.restart()
    desk.passes(60)
    assert desk.state_of() is TradingState.HALTED
    assert desk.manager.orders[order.client_id].status is _S.WORKING
    assert not desk.breaks
    world.venue.complete = True
    desk.passes(5)
    assert desk.state_of() is TradingState.ACTIVE


def test_what_was_underway_when_the_desk_died_is_unknown_at_the_start(world: World) -> None:
    world.desk.begin()
    order = world.desk.buy()
    world.desk.passes(1)
    world.venue.deaf = {"cancel"}
    world.desk.manager.cancel(order.client_id)
    desk = world.restart()
    assert desk.manager.orders[order.client_id].status is _S.UNKNOWN
    assert len(world.journal.of(OrderUnanswered)) == 1
    world.venue.deaf = set()
    desk.passes(5)
    assert desk.manager.orders[order.client_id].status is _S.CANCELED, "the cancel was chased"
    desk.assert_told_by_the_journal()
