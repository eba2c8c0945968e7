"""Exits that follow their entry: sized to its fills, each cancelling the other, whatever races."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.execution.protection import Cover, Protected
from engine.messages.events import AmendDenied, Denial
from engine.messages.reports import (
    AcceptReport,
    BustReport,
    CancelRejectReport,
    CancelReport,
    LostReport,
    NotFoundReport,
    Refusal,
    RejectReport,
    ReplaceReport,
)
from engine.model.order import ExitPlan, Leg, Order, OrderStatus, OrderType, TimeInForce
from engine.model.trade import Side
from tests.unit.engine.execution_bench import ExecutionBench, terms_of
from tests.unit.engine.paper_bench import SYMBOL

S = OrderStatus
PLAN = ExitPlan(stop=90, target=120)
STOP, TARGET = "t-1-s1", "t-1-t1"


class BracketBench(ExecutionBench):
    """An order manager whose brackets are awake."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.manager.brackets.connect(self.bus)
        self.manager.brackets.check()

    def enter(self, quantity: int = 100, plan: ExitPlan = PLAN) -> Order:
        return self.working_order("t-1", quantity, plan=plan)

    def accept(self, *client_ids: str) -> None:
        for client_id in client_ids:
            self.report(AcceptReport(client_id, f"V{client_id}", 1))

    def filled(self, quantity: int, client_id: str) -> None:
        self.report(self.fill(quantity, client_id, side=self.manager.orders[client_id].side))

    def protected(self, quantity: int = 100) -> Order:
        """Return an entry that filled whole, with both legs working."""
        order = self.enter(quantity)
        self.filled(quantity, "t-1")
        self.accept(STOP, TARGET)
        return order

    def last_sent(self) -> object:
        return self.venue.sent[-1]

    @property
    def protection(self) -> Protected:
        return self.manager.protection.of(SYMBOL)


@pytest.fixture
def bench(tmp_path: Path) -> BracketBench:
    return BracketBench(tmp_path)


def test_the_legs_are_sent_as_the_entry_fills(bench: BracketBench) -> None:
    bench.enter()
    assert bench.venue.sent == [("submit", "t-1")]
    bench.filled(40, "t-1")
    stop, target = bench.manager.orders[STOP].request, bench.manager.orders[TARGET].request
    assert (stop.type, stop.stop, stop.quantity, stop.side) == (OrderType.STOP, 90, 40, Side.SELL)
    assert (target.type, target.limit, target.quantity) == (OrderType.LIMIT, 120, 40)
    for leg in (stop, target):
        assert (leg.parent, leg.group, leg.origin, leg.tif) == ("t-1", "t-1", "leg", TimeInForce.GTC)
        assert leg.reduce_only
    assert (stop.leg, target.leg) == (Leg.STOP, Leg.TARGET)


def test_a_trailing_plan_becomes_a_trailing_stop(bench: BracketBench) -> None:
    bench.enter(plan=ExitPlan(trail=5))
    bench.filled(100, "t-1")
    stop = bench.manager.orders[STOP].request
    assert (stop.type, stop.trail, stop.stop) == (OrderType.TRAILING, 5, None)
    assert TARGET not in bench.manager.orders


def test_the_legs_grow_with_the_entry(bench: BracketBench) -> None:
    bench.enter()
    bench.filled(40, "t-1")
    bench.accept(STOP, TARGET)
    bench.filled(60, "t-1")
    assert bench.venue.sent[-2:] == [("amend", STOP, 100, None, 90), ("amend", TARGET, 100, 120, None)]


def test_a_leg_that_is_underway_is_sized_once_it_is_answered(bench: BracketBench) -> None:
    bench.enter()
    bench.filled(40, "t-1")
    bench.filled(60, "t-1")
    assert [sent[0] for sent in bench.venue.sent] == ["submit"] * 3
    bench.accept(STOP)
    assert bench.last_sent() == ("amend", STOP, 100, None, 90)


def test_what_one_leg_fills_is_taken_off_the_other(bench: BracketBench) -> None:
    bench.protected()
    bench.filled(30, TARGET)
    assert bench.last_sent() == ("amend", STOP, 70, None, 90)
    bench.report(ReplaceReport(STOP, 70, None, 90, 2))
    bench.filled(70, TARGET)
    assert bench.last_sent() == ("cancel", STOP)
    bench.report(CancelReport(STOP, "", 3))
    assert bench.manager.protection.orphans() == ()
    assert bench.alerts == []


def test_legs_whose_position_was_closed_otherwise_are_taken_off(bench: BracketBench) -> None:
    bench.protected()
    bench.submit("t-9", 60, side=Side.SELL)
    bench.filled(60, "t-9")
    assert bench.venue.sent[-2:] == [("amend", STOP, 40, None, 90), ("amend", TARGET, 40, 120, None)]
    bench.submit("t-10", 40, side=Side.SELL)
    bench.report(ReplaceReport(STOP, 40, None, 90, 2))
    bench.filled(40, "t-10")
    assert ("cancel", STOP) in bench.venue.sent
    assert ("cancel", TARGET) in bench.venue.sent


def test_an_entry_cancelled_after_a_part_keeps_the_legs_of_that_part(bench: BracketBench) -> None:
    bench.enter()
    bench.filled(40, "t-1")
    bench.accept(STOP, TARGET)
    bench.manager.cancel("t-1")
    bench.report(CancelReport("t-1", "", 2))
    assert terms_of(bench.manager.orders[STOP]) == (S.WORKING, 40, 0, 40)
    bench.filled(10, "t-1")
    assert ("amend", STOP, 50, None, 90) in bench.venue.sent, "a late fill is protected too"


def test_a_fill_after_the_entrys_cancel_has_its_legs_at_once(bench: BracketBench) -> None:
    bench.enter()
    bench.report(CancelReport("t-1", "", 2))
    bench.filled(40, "t-1")
    legs = [bench.manager.orders[each] for each in (STOP, TARGET)]
    assert [(leg.status, leg.quantity) for leg in legs] == [(S.PENDING_NEW, 40), (S.PENDING_NEW, 40)]


def test_both_legs_filling_is_booked_and_told(bench: BracketBench) -> None:
    bench.protected()
    bench.filled(100, TARGET)
    bench.filled(100, STOP)
    assert bench.position.quantity == -100
    assert bench.alerts[-1] == "the legs of #1 ACME filled 100 more than it; the position is real"
    assert [alert for alert in bench.alerts if "more than it" in alert] == bench.alerts[-1:]


def test_a_rejected_leg_is_told_and_sent_again_only_for_another_size_or_by_a_person(
    bench: BracketBench,
) -> None:
    bench.enter()
    bench.filled(40, "t-1")
    bench.report(RejectReport(STOP, "no stops here", 2))
    assert bench.alerts == ["the stop of #1 ACME was rejected: no stops here; 40 are without it"]
    assert bench.protection == Protected(Cover.MISSING, 40, 0, 0)
    bench.accept(TARGET)
    assert "t-1-s2" not in bench.manager.orders
    bench.filled(10, "t-1")
    assert bench.manager.orders["t-1-s2"].quantity == 50
    bench.report(RejectReport("t-1-s2", "no stops here", 2))
    bench.manager.brackets.retry(SYMBOL)
    assert bench.manager.orders["t-1-s3"].quantity == 50


def test_a_denied_leg_is_told_once(bench: BracketBench) -> None:
    bench.enter()
    bench.gate.denials = (Denial("trading_halted", "trading is halted"),)
    bench.filled(40, "t-1")
    assert bench.alerts == [
        "the stop of #1 ACME was denied: trading is halted; 40 are without it",
        "the target of #1 ACME was denied: trading is halted; 40 are without it",
    ]
    assert [sent[0] for sent in bench.venue.sent] == ["submit"]


def test_a_leg_that_a_person_took_away_stays_away(bench: BracketBench) -> None:
    bench.protected()
    bench.manager.cancel(STOP)
    bench.report(CancelReport(STOP, "", 2))
    assert "the stop of #1 ACME was canceled" in bench.alerts[-1]
    bench.accept(TARGET)
    assert "t-1-s2" not in bench.manager.orders


def test_a_leg_that_is_to_be_cancelled_and_found_working_is_not_resized(bench: BracketBench) -> None:
    bench.protected()
    bench.manager.cancel(STOP)
    bench.report(LostReport(STOP, "no answer", 2), AcceptReport(STOP, "V9", 3))
    assert bench.status(STOP) is S.WORKING
    sent = len(bench.venue.sent)
    bench.filled(30, TARGET)
    assert len(bench.venue.sent) == sent
    assert not bench.manager.amend(STOP, quantity=70)
    reason = bench.of(AmendDenied)[-1].denials[0].text
    assert reason.endswith("ACME is to be cancelled; it can't be amended any more")


def test_a_refused_amendment_is_told_and_not_asked_again_for_the_same_size(bench: BracketBench) -> None:
    bench.protected()
    bench.filled(30, TARGET)
    bench.report(CancelRejectReport(STOP, "too late", 2))
    assert bench.alerts[-1].endswith("ACME should be 70 and could not be changed")
    sent = len(bench.venue.sent)
    bench.report(AcceptReport(TARGET, "again", 3))
    assert len(bench.venue.sent) == sent
    bench.filled(10, TARGET)
    assert bench.last_sent() == ("amend", STOP, 60, None, 90)


def test_a_leg_that_will_not_go_is_asked_three_times_and_told(bench: BracketBench) -> None:
    bench.protected()
    bench.filled(100, TARGET)
    for _ in range(4):
        bench.report(CancelRejectReport(STOP, "busy", 2))
    assert bench.venue.sent.count(("cancel", STOP)) == 3
    assert bench.alerts[-1].endswith("ACME should be gone and is working after 3 cancels")
    assert [order.client_id for order in bench.manager.protection.orphans()] == [STOP]


def test_the_bust_of_an_entrys_fill_shrinks_its_legs(bench: BracketBench) -> None:
    bench.enter()
    bench.report(bench.fill(60, fill_id="A"), bench.fill(40, fill_id="B"))
    bench.accept(STOP, TARGET)
    bench.report(ReplaceReport(STOP, 100, None, 90, 2), ReplaceReport(TARGET, 100, 120, None, 2))
    bench.report(BustReport("t-1", "B", "erroneous", 3))
    assert bench.venue.sent[-2:] == [("amend", STOP, 60, None, 90), ("amend", TARGET, 60, 120, None)]


def test_the_bust_of_a_legs_fill_protects_again(bench: BracketBench) -> None:
    bench.protected()
    bench.report(bench.fill(100, TARGET, side=Side.SELL, fill_id="T"))
    bench.report(CancelReport(STOP, "", 2))
    bench.report(BustReport(TARGET, "T", "erroneous", 3))
    assert bench.position.quantity == 100
    assert bench.manager.orders["t-1-s2"].quantity == 100
    assert bench.status(TARGET) is S.WORKING


def test_a_leg_whose_fate_is_unknown_is_not_sent_again(bench: BracketBench) -> None:
    bench.enter()
    bench.filled(100, "t-1")
    bench.report(LostReport(STOP, "no answer", 2))
    bench.accept(TARGET)
    assert "t-1-s2" not in bench.manager.orders
    assert bench.protection == Protected(Cover.HERE, 100, 0, 100)
    bench.manager.believe(NotFoundReport(STOP, 3))
    assert "the stop of #1 ACME was not_found" in bench.alerts[-1]
    assert bench.protection.state is Cover.MISSING


def test_a_leg_whose_id_the_broker_had_before_is_not_told_to_be_missing_and_not_sent_again(
    bench: BracketBench,
) -> None:
    bench.enter()
    bench.filled(100, "t-1")
    bench.report(RejectReport(STOP, "we have had this id", 2, Refusal.DUPLICATE_ID))
    bench.accept(TARGET)
    assert bench.status(STOP) is S.UNKNOWN
    assert "t-1-s2" not in bench.manager.orders
    assert not [text for text in bench.alerts if "without it" in text]
    bench.accept(STOP)
    assert bench.protection == Protected(Cover.VENUE, 100, 100, 0)


def test_a_leg_that_had_ended_with_its_bracket_and_works_again_is_taken_off_again(
    bench: BracketBench,
) -> None:
    bench.protected()
    bench.filled(100, TARGET)
    assert bench.last_sent() == ("cancel", STOP)
    bench.report(CancelReport(STOP, "", 3))
    assert bench.manager.brackets.of(SYMBOL) == ()
    bench.manager.believe(AcceptReport(STOP, "V9", 4, again=True))
    assert bench.last_sent() == ("cancel", STOP)
    assert bench.status(STOP) is S.PENDING_CANCEL


def test_an_order_of_a_group_that_works_again_after_another_filled_is_taken_off_again(
    bench: BracketBench,
) -> None:
    bench.working_order("t-1", 100, group="g")
    bench.working_order("t-2", 100, limit=80, group="g")
    bench.filled(100, "t-1")
    bench.report(CancelReport("t-2", "", 3))
    bench.manager.believe(AcceptReport("t-2", "V9", 4, again=True))
    assert [sent for sent in bench.venue.sent if sent[0] == "cancel"] == [("cancel", "t-2")] * 2


def test_a_stop_that_is_asked_to_go_protects_nothing_until_that_was_refused(bench: BracketBench) -> None:
    bench.protected()
    bench.manager.cancel(STOP)
    assert bench.protection == Protected(Cover.MISSING, 100, 0, 0)
    bench.report(LostReport(STOP, "no answer", 2))
    assert bench.protection == Protected(Cover.MISSING, 100, 0, 0)
    bench.accept(STOP)
    bench.manager.cancel(STOP)
    bench.report(CancelRejectReport(STOP, "busy", 3))
    assert bench.protection == Protected(Cover.VENUE, 100, 100, 0)


def test_nothing_is_sent_before_the_account_is_reconciled_and_then_what_is_missing_once(
    tmp_path: Path,
) -> None:
    bench = ExecutionBench(tmp_path)
    bench.manager.brackets.connect(bench.bus)
    bench.working_order("t-1", plan=PLAN)
    bench.report(bench.fill(40))
    assert STOP not in bench.manager.orders
    bench.manager.brackets.check()
    bench.manager.brackets.check()
    assert [sent for sent in bench.venue.sent if sent[0] == "submit"] == [
        ("submit", "t-1"),
        ("submit", STOP),
        ("submit", TARGET),
    ]


def test_protection_says_where_the_stop_is(bench: BracketBench) -> None:
    assert bench.protection == Protected(Cover.FLAT)
    bench.enter()
    bench.filled(100, "t-1")
    assert bench.protection == Protected(Cover.HERE, 100, 0, 100)
    bench.accept(STOP)
    assert bench.protection == Protected(Cover.VENUE, 100, 100, 0)
    bench.position.quantity = 130
    assert bench.protection == Protected(Cover.MISSING, 130, 100, 0)


def test_a_leg_of_an_entry_nobody_knows_shrinks_with_the_position_and_goes_with_it(
    bench: BracketBench,
) -> None:
    bench.position.quantity = 50
    bench.working_order("t-5", 50, side=Side.SELL, parent="gone", leg=Leg.STOP, group="gone")
    bench.submit("t-6", 50, side=Side.SELL)
    bench.filled(20, "t-6")
    assert bench.last_sent() == ("amend", "t-5", 30, 100, None)
    bench.report(ReplaceReport("t-5", 30, 100, None, 2))
    bench.filled(30, "t-6")
    assert bench.last_sent() == ("cancel", "t-5")


def test_orders_of_a_group_shrink_by_what_one_fills_and_end_with_it(bench: BracketBench) -> None:
    bench.working_order("t-1", 100, group="g")
    bench.working_order("t-2", 100, limit=80, group="g")
    bench.filled(30, "t-1")
    assert bench.last_sent() == ("amend", "t-2", 70, 80, None)
    bench.report(ReplaceReport("t-2", 70, 80, None, 2))
    bench.filled(70, "t-1")
    assert bench.last_sent() == ("cancel", "t-2")


def test_orders_of_a_group_that_both_fill_are_told(bench: BracketBench) -> None:
    bench.working_order("t-1", 100, group="g")
    bench.working_order("t-2", 100, group="g")
    bench.report(bench.fill(100, "t-1"), bench.fill(100, "t-2"))
    assert bench.position.quantity == 200
    assert bench.alerts[-1] == "#1 ACME and #2 ACME cancel each other, and filled 100 too much together"


def test_a_group_member_amended_by_a_person_is_left_as_it_is_until_another_fills(
    bench: BracketBench,
) -> None:
    bench.working_order("t-1", 100, group="g")
    bench.working_order("t-2", 100, group="g")
    bench.manager.amend("t-2", 150)
    bench.report(ReplaceReport("t-2", 150, 100, None, 2))
    assert bench.last_sent() == ("amend", "t-2", 150, 100, None)


def test_an_old_plan_protects_no_later_position(bench: BracketBench) -> None:
    bench.protected()
    bench.submit("t-9", 100, side=Side.SELL)
    bench.filled(100, "t-9")
    bench.report(CancelReport(STOP, "", 2), CancelReport(TARGET, "", 2))
    sent = len(bench.venue.sent)
    bench.submit("t-10", 100)
    bench.filled(100, "t-10")
    bench.manager.brackets.check()
    assert [each[0] for each in bench.venue.sent[sent:]] == ["submit"]
    assert bench.protection == Protected(Cover.MISSING, 100, 0, 0)


def test_a_bracket_that_was_over_before_a_restart_stays_over_and_what_it_left_bare_is_told(
    tmp_path: Path,
) -> None:
    bench = ExecutionBench(tmp_path)
    bench.working_order("t-1", plan=PLAN)
    bench.report(bench.fill(100))
    bench.working_order(STOP.replace("s1", "1"), 100, side=Side.SELL, parent="t-1", leg=Leg.STOP, group="t-1")
    bench.report(CancelReport("t-1-1", "", 2))
    bench.manager.brackets.connect(bench.bus)
    sent = len(bench.venue.sent)
    bench.manager.brackets.check()
    assert len(bench.venue.sent) == sent
    assert any("up to 100 are without" in text for text in bench.alerts)
