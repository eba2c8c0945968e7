from __future__ import annotations

import pytest

from engine.messages.commands import BreakAction, TradingState
from engine.messages.comparison_views import BreakKind, BreakState, ReconcilePhase
from engine.messages.events import BreakResolved, PositionAdjusted
from engine.messages.reports import FillReport, StockReport
from engine.model.fill import Fill
from engine.model.instrument import Symbol
from engine.model.order import OrderStatus, OrderType
from engine.model.trade import Side
from tests.unit.engine.reconcile_bench import ABC, XYZ, Desk, World, settled

_S = OrderStatus
ADOPT, IGNORE, FIX = BreakAction.ADOPT, BreakAction.IGNORE, BreakAction.FIX


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def desk(world: World) -> Desk:
    world.desk.begin()
    world.desk.passes(1)
    return world.desk


def holding(desk: Desk, quantity: int = 100) -> None:
    """Buy and have it filled."""
    order = desk.buy(quantity)
    desk.passes(0.1)
    desk.venue.fill(order.client_id, quantity)
    desk.passes(0.1)


def foreign_fill(desk: Desk, client_id: str = "elsewhere-1", quantity: int = 50) -> None:
    """Let somebody else's order fill, and hear of it."""
    desk.venue.foreign(client_id, quantity)
    desk.venue.fill(client_id, quantity)
    desk.passes(0.1)


# When a difference is a break


def test_a_position_that_differs_is_a_break_once_it_was_seen_twice(desk: Desk) -> None:
    desk.venue.moved[ABC] = 20
    desk.passes(29.5)
    assert not desk.breaks, "seen once"
    desk.passes(2)
    (each,) = desk.breaks
    assert (each.id, each.kind, each.ours, each.theirs) == ("position:ABC", BreakKind.POSITION, 0, 20)
    assert "ABC position: 0 units here, 20 units at the broker" in desk.alerts
    assert desk.phase() is ReconcilePhase.DIFFERS


def test_a_break_locks_its_symbol_and_no_other(desk: Desk) -> None:
    desk.venue.moved[ABC] = 20
    desk.passes(35)
    assert desk.state_of(ABC) is TradingState.REDUCING
    assert desk.state_of(XYZ) is TradingState.ACTIVE
    assert "20 units at the broker" in desk.halts.halt_of(ABC).reason


def test_a_break_heals_by_itself_and_its_symbol_is_unlocked(desk: Desk) -> None:
    desk.venue.moved[ABC] = 20
    desk.passes(35)
    del desk.venue.moved[ABC]
    desk.passes(35)
    assert not desk.breaks
    assert desk.state_of(ABC) is TradingState.ACTIVE
    assert desk.phase() is ReconcilePhase.AGREED


def test_a_stock_that_a_fill_overtook_heals_no_break(desk: Desk) -> None:
    desk.venue.moved[ABC] = 20
    desk.passes(35)
    order = desk.buy(20)
    desk.passes(0.1)
    desk.venue.deaf = {"take_stock"}
    desk.manager.take_stock()
    stock = StockReport(desk.venue.stock(0), desk.venue.question["take_stock"])
    desk.venue.fill(order.client_id, 20)
    desk.passes(0.1)
    assert desk.held() == stock.stock.positions[ABC]
    desk.venue.deliver(stock)
    assert len(desk.breaks) == 1


def test_what_a_report_on_its_way_explains_never_becomes_a_break(desk: Desk) -> None:
    order = desk.buy()
    desk.passes(0.1)
    held_back: list[Fill] = []
    desk.venue.loses = lambda report: isinstance(report, FillReport)
    held_back.append(desk.venue.fill(order.client_id, 100))
    desk.venue.fills, truth = [], desk.venue.fills
    desk.venue.moved[ABC] = 100
    desk.passes(29)
    assert desk.phase() is not ReconcilePhase.OFF
    desk.venue.fills = truth
    del desk.venue.moved[ABC]
    desk.venue.deliver(FillReport(held_back[0]))
    desk.passes(60)
    assert not desk.breaks
    assert not [text for text in desk.alerts if "position" in text]


def test_a_difference_that_moved_in_between_has_to_be_seen_again(desk: Desk) -> None:
    desk.venue.moved[ABC] = 20
    desk.passes(29.5)
    holding(desk, 10)
    desk.passes(1.9)
    assert not desk.breaks
    desk.passes(3)
    assert desk.breaks


def test_a_difference_that_stays_while_its_symbol_never_rests_is_a_break_all_the_same(desk: Desk) -> None:
    desk.venue.moved[ABC] = 20
    for _ in range(60):
        holding(desk, 1)
        desk.passes(0.8)
    assert desk.breaks


def test_an_account_with_a_difference_opens_only_when_it_was_seen_twice(world: World) -> None:
    world.desk.begin()
    world.desk.buy()
    world.desk.passes(1)
    world.venue.moved[ABC] = 20
    desk = world.restart()
    desk.passes(1)
    assert desk.state_of(XYZ) is TradingState.HALTED
    desk.passes(3)
    assert desk.state_of(XYZ) is TradingState.ACTIVE
    assert desk.state_of(ABC) is TradingState.REDUCING


def test_a_foreign_fill_is_booked_and_is_a_break_at_once(desk: Desk) -> None:
    foreign_fill(desk)
    (each,) = desk.breaks
    assert (each.kind, each.symbol, each.theirs) == (BreakKind.FILL, ABC, 50)
    assert desk.held() == 50
    assert desk.state_of(ABC) is TradingState.REDUCING
    desk.passes(100)
    assert len(desk.breaks) == 1


def test_a_foreign_order_is_a_break_until_it_ends(desk: Desk) -> None:
    desk.venue.foreign("elsewhere-1", 50)
    desk.passes(35)
    assert [each.kind for each in desk.breaks] == [BreakKind.ORDER]
    desk.venue.end("elsewhere-1")
    desk.passes(35)
    assert not desk.breaks


def test_a_fill_that_the_broker_counts_and_never_names_is_a_break(desk: Desk) -> None:
    order = desk.buy()
    desk.passes(0.1)
    desk.venue.loses = lambda report: isinstance(report, FillReport)
    desk.venue.fill(order.client_id, 100)
    desk.venue.fills, desk.venue.moved[ABC] = [], 100
    desk.passes(100)
    assert {each.kind for each in desk.breaks} == {BreakKind.ORDER, BreakKind.POSITION}
    desk.passes(3_600)
    assert {each.kind for each in desk.breaks} == {BreakKind.ORDER, BreakKind.POSITION}, "it is no older news"
    assert desk.state_of(ABC) is TradingState.REDUCING


def test_cash_that_differs_is_said_and_locks_nothing(desk: Desk) -> None:
    desk.cash, desk.venue.cash = {"USD": 1_000_000_000}, {"USD": 1_005_000_000, "EUR": 5}
    desk.passes(35)
    (each,) = desk.breaks
    assert (each.kind, each.symbol) == (BreakKind.CASH, "")
    assert "USD cash: 1,000.00 here, 1,005.00 at the broker" in desk.alerts
    assert desk.halts.all_active


def test_a_cent_of_cash_is_no_difference(desk: Desk) -> None:
    desk.cash, desk.venue.cash = {"USD": 1_000_000_000}, {"USD": 1_000_010_000}
    desk.passes(65)
    assert not desk.breaks


# Adopt


def test_adopting_a_position_books_the_difference_at_the_mark(desk: Desk) -> None:
    holding(desk)
    desk.venue.moved[ABC], desk.marks[ABC] = -30, 123
    desk.passes(35)
    desk.decide(ADOPT)
    assert desk.held() == 70
    (adjusted,) = desk.journal.of(PositionAdjusted)
    assert (adjusted.fill.quantity, adjusted.fill.price, adjusted.fill.client_id) == (30, 123, "")
    assert adjusted.fill.fill_id.startswith("adjust-")
    assert not desk.breaks
    assert desk.state_of(ABC) is TradingState.ACTIVE
    desk.passes(100)
    assert list(settled(desk)) == []
    desk.assert_told_by_the_journal()


def test_adopting_a_position_without_a_mark_books_it_at_its_cost(desk: Desk) -> None:
    holding(desk)
    desk.venue.moved[ABC], desk.marks[ABC] = -30, 0
    desk.passes(35)
    desk.decide(ADOPT)
    assert desk.journal.of(PositionAdjusted)[0].fill.price == 100


def test_a_position_without_any_price_is_not_adopted(desk: Desk) -> None:
    desk.venue.moved[ABC], desk.marks[ABC] = 30, 0
    desk.passes(35)
    desk.decide(ADOPT)
    assert desk.held() == 0
    assert desk.breaks
    assert "no price is known" in desk.alerts[-1]


def test_a_position_in_a_symbol_that_is_not_listed_is_not_adopted(desk: Desk) -> None:
    desk.venue.moved[Symbol("ELSE")] = 30
    desk.passes(35)
    desk.decide(ADOPT)
    assert [each.symbol for each in desk.breaks] == ["ELSE"]
    assert "not listed" in desk.alerts[-1]


def test_two_adoptions_never_share_a_fill_id(desk: Desk) -> None:
    for quantity in (30, 60):
        desk.venue.moved[ABC] = quantity
        desk.passes(35)
        desk.decide(ADOPT)
    assert desk.held() == 60
    assert len({each.fill.fill_id for each in desk.journal.of(PositionAdjusted)}) == 2


def test_adopting_a_foreign_order_lets_it_and_its_fills_be(desk: Desk) -> None:
    desk.venue.foreign("elsewhere-1", 50)
    desk.passes(35)
    desk.decide(ADOPT)
    assert not desk.breaks
    desk.venue.fill("elsewhere-1", 50)
    desk.passes(60)
    assert not desk.breaks
    assert desk.state_of(ABC) is TradingState.ACTIVE


# Ignore


def test_an_ignored_break_unlocks_its_symbol_until_it_changes(desk: Desk) -> None:
    desk.venue.moved[ABC] = 20
    desk.passes(35)
    desk.decide(IGNORE)
    assert [each.state for each in desk.breaks] == [BreakState.IGNORED]
    assert desk.state_of(ABC) is TradingState.ACTIVE
    holding(desk, 10)
    desk.passes(60)
    assert desk.state_of(ABC) is TradingState.ACTIVE, "the difference is the same"
    desk.venue.moved[ABC] = 25
    desk.passes(35)
    assert [each.state for each in desk.breaks] == [BreakState.OPEN]
    assert desk.state_of(ABC) is TradingState.REDUCING


def test_an_ignored_break_stays_ignored_over_a_restart(world: World) -> None:
    world.desk.begin()
    world.venue.moved[ABC] = 20
    world.desk.passes(35)
    world.desk.decide(IGNORE)
    world.desk.assert_told_by_the_journal()
    desk = world.restart()
    desk.passes(60)
    assert [each.state for each in desk.breaks] == [BreakState.IGNORED]
    assert desk.state_of(ABC) is TradingState.ACTIVE


def test_a_difference_that_comes_back_after_it_was_gone_is_not_ignored(world: World) -> None:
    world.desk.begin()
    for goes_while_the_desk_is_gone in (False, True):
        world.venue.moved[ABC] = 20
        world.desk.passes(35)
        world.desk.decide(IGNORE)
        del world.venue.moved[ABC]
        desk = world.restart() if goes_while_the_desk_is_gone else world.desk
        desk.passes(35)
        assert not desk.breaks
        world.venue.moved[ABC] = 20
        desk.passes(35)
        assert [each.state for each in desk.breaks] == [BreakState.OPEN]
        desk.assert_told_by_the_journal()


def test_a_foreign_fill_that_was_decided_is_no_break_after_a_restart(world: World) -> None:
    world.desk.begin()
    foreign_fill(world.desk)
    desk = world.restart()
    desk.passes(5)
    assert len(desk.breaks) == 1, "nobody decided yet"
    desk.decide(ADOPT)
    desk = world.restart()
    desk.passes(5)
    assert not desk.breaks


# Fix


def test_fixing_a_foreign_order_cancels_it_at_the_venue(desk: Desk) -> None:
    desk.venue.foreign("elsewhere-1", 50)
    desk.passes(35)
    desk.decide(FIX)
    desk.passes(35)
    assert desk.venue.orders["elsewhere-1"].status is _S.CANCELED
    assert not desk.breaks


def test_fixing_a_position_trades_the_difference_away(desk: Desk) -> None:
    holding(desk)
    desk.venue.moved[ABC] = 20
    desk.passes(35)
    desk.decide(FIX)
    (sent,) = [each for each in desk.gate.sent if each.reduce_only]
    assert (sent.side, sent.quantity, sent.type) == (Side.SELL, 20, OrderType.MARKET)
    desk.passes(60)
    assert (desk.held(), desk.venue.positions()[ABC]) == (100, 100)
    assert not desk.breaks
    desk.assert_told_by_the_journal()


def test_fixing_a_foreign_fill_trades_it_away(desk: Desk) -> None:
    foreign_fill(desk)
    desk.decide(FIX)
    desk.passes(60)
    assert (desk.held(), desk.venue.positions()) == (0, {})
    assert not desk.breaks


def test_nothing_is_traded_away_beside_a_flatten_that_closes_it(desk: Desk) -> None:
    foreign_fill(desk)
    desk.manager.flatten(ABC, "desk")
    sent = len(desk.gate.sent)
    desk.decide(FIX)
    assert "is being flattened" in desk.alerts[-1]
    assert len(desk.gate.sent) == sent
    assert desk.breaks


def test_a_position_is_not_fixed_by_making_it_larger(desk: Desk) -> None:
    holding(desk)
    desk.venue.moved[ABC] = -20
    desk.passes(35)
    desk.decide(FIX)
    assert "would not make the position smaller" in desk.alerts[-1]
    assert desk.breaks
    assert not desk.journal.of(PositionAdjusted)


def test_cash_is_not_fixed_and_not_adopted(desk: Desk) -> None:
    desk.cash, desk.venue.cash = {"USD": 1_000_000_000}, {"USD": 1_005_000_000}
    desk.passes(35)
    for action in (ADOPT, FIX):
        desk.decide(action)
        assert "cash follows from fills" in desk.alerts[-1]
    assert desk.breaks


# Decisions


def test_every_decision_is_a_record(desk: Desk) -> None:
    desk.venue.moved[ABC] = 20
    desk.passes(35)
    desk.decide(IGNORE)
    (resolved,) = desk.journal.of(BreakResolved)
    assert (resolved.break_id, resolved.action, resolved.difference) == ("position:ABC", IGNORE, 20)


def test_a_decision_that_cannot_be_written_does_not_hold(desk: Desk) -> None:
    holding(desk)
    desk.venue.moved[ABC] = 20
    desk.passes(35)
    desk.journal.refusal = "the disk is full"
    for action in (ADOPT, IGNORE, FIX):
        desk.decide(action)
        assert "the disk is full" in desk.alerts[-1]
    assert desk.held() == 100
    assert desk.breaks[0].state is BreakState.OPEN


def test_a_decision_about_no_break_says_so(desk: Desk) -> None:
    desk.decide(ADOPT, "position:NONE")
    assert "no break position:NONE" in desk.alerts[-1]
