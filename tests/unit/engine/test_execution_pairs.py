"""Exits at a broker that holds a stop and a target as one: sent together, sized by pairs, alone only where they must."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.execution.pairing import PIECES_MAX
from engine.execution.protection import Cover, Protected
from engine.messages.events import OrderAdopted
from engine.messages.reports import (
    AcceptReport,
    CancelReport,
    ExpireReport,
    NotFoundReport,
    RejectReport,
    ReplaceReport,
)
from engine.model.order import ExitPlan, Order, OrderStatus
from engine.model.trade import Side
from engine.store.journal import Durability
from tests.unit.engine.execution_bench import make_request
from tests.unit.engine.life_bench import LifeBench
from tests.unit.engine.paper_bench import SYMBOL

S = OrderStatus
PLAN = ExitPlan(stop=90, target=120)
STOP, TARGET = "t-1-s1", "t-1-t1"
STOP_2, TARGET_2 = "t-1-s2", "t-1-t2"


class PairBench(LifeBench):
    """Brackets at a broker that holds pairs."""

    def __init__(self, folder: Path, durability: Durability = "process") -> None:
        super().__init__(folder, durability)
        self.venue.holds_pairs = True
        self.manager.brackets.connect(self.bus)
        self.manager.brackets.check()

    def enter(self, quantity: int = 100, plan: ExitPlan = PLAN) -> Order:
        order = self.submit("t-1", quantity, plan=plan)
        self.journal.sync_now()
        self.accept("t-1")
        return order

    def accept(self, *client_ids: str) -> None:
        for client_id in client_ids:
            self.report(AcceptReport(client_id, f"V{client_id}", 1))

    def filled(self, quantity: int, client_id: str) -> None:
        self.report(self.fill(quantity, client_id, side=self.manager.orders[client_id].side))

    def protected(self) -> None:
        """Have an entry that filled whole, with its pair working."""
        self.enter()
        self.filled(100, "t-1")
        self.accept(STOP, TARGET)

    def closed_by_hand(self, quantity: int) -> None:
        self.submit("t-900", quantity, side=Side.SELL)
        self.filled(quantity, "t-900")

    def last_sent(self) -> object:
        return self.venue.sent[-1]

    @property
    def protection(self) -> Protected:
        return self.manager.protection.of(SYMBOL)

    def rejected(self, *client_ids: str) -> None:
        for client_id in client_ids:
            self.report(RejectReport(client_id, "refused", 1))

    def cancelled(self, *client_ids: str) -> None:
        for client_id in client_ids:
            self.report(CancelReport(client_id, "", 1))

    def since(self, count: int) -> list[tuple[object, ...]]:
        return self.venue.sent[count:]

    def size(self, client_id: str) -> int:
        return self.manager.orders[client_id].request.quantity


@pytest.fixture
def bench(tmp_path: Path) -> PairBench:
    return PairBench(tmp_path)


def test_a_stop_and_a_target_leave_as_one_after_one_record_of_both(bench: PairBench) -> None:
    bench.protected()
    assert bench.since(1) == [("submit_pair", STOP, TARGET)]
    assert bench.venue.journalled_at_send[-1][-1] == "PairSubmitted"
    stop, target = bench.manager.orders[STOP].request, bench.manager.orders[TARGET].request
    assert stop.group == target.group != "t-1"
    assert (stop.is_paired, target.is_paired) == (True, True)
    assert bench.protection.state is Cover.VENUE


def test_what_the_entry_fills_more_gets_a_pair_of_its_own_and_what_stands_stays(bench: PairBench) -> None:
    bench.enter()
    bench.filled(40, "t-1")
    bench.accept(STOP, TARGET)
    bench.filled(60, "t-1")
    assert bench.last_sent() == ("submit_pair", STOP_2, TARGET_2)
    assert [bench.size(each) for each in (STOP, STOP_2)] == [40, 60]
    assert (bench.protection.covered, bench.protection.planned) == (40, 60)


def test_beyond_a_few_pairs_the_newest_is_taken_back_and_a_larger_one_takes_its_place(
    bench: PairBench,
) -> None:
    bench.enter()
    for piece in range(1, PIECES_MAX + 1):
        bench.filled(10, "t-1")
        bench.accept(f"t-1-s{piece}", f"t-1-t{piece}")
    before = len(bench.venue.sent)
    bench.filled(10, "t-1")
    newest = f"t-1-s{PIECES_MAX}", f"t-1-t{PIECES_MAX}"
    assert bench.since(before) == [("cancel", newest[0]), ("cancel", newest[1])]
    assert bench.protection.covered == 30
    bench.cancelled(*newest)
    assert bench.last_sent() == ("submit_pair", "t-1-s5", "t-1-t5")
    assert bench.size("t-1-s5") == 20
    assert bench.alerts == []


def test_no_pair_is_sent_before_the_one_that_goes_is_proven_to_be_gone(bench: PairBench) -> None:
    bench.protected()
    bench.closed_by_hand(30)
    before = len(bench.venue.sent)
    bench.cancelled(STOP)
    assert not [sent for sent in bench.since(before) if sent[0] != "cancel"]
    bench.cancelled(TARGET)
    assert bench.last_sent() == ("submit_pair", STOP_2, TARGET_2)
    assert (bench.size(STOP_2), bench.size(TARGET_2)) == (70, 70)


@pytest.mark.parametrize("heard", ["fill first", "size first"])
def test_what_one_fills_the_broker_takes_off_the_other_and_nothing_is_asked(
    bench: PairBench, heard: str
) -> None:
    bench.protected()
    before = len(bench.venue.sent)
    if heard == "size first":
        bench.report(ReplaceReport(STOP, 70, None, 90, 2))
    bench.filled(30, TARGET)
    if heard == "fill first":
        bench.report(ReplaceReport(STOP, 70, None, 90, 2))
    assert bench.since(before) == []
    assert bench.protection.covered == 70
    assert bench.alerts == []


@pytest.mark.parametrize("filled", [STOP, TARGET])
@pytest.mark.parametrize("end_first", [False, True])
def test_the_end_of_the_other_is_expected_once_one_has_filled(
    bench: PairBench, filled: str, end_first: bool
) -> None:
    bench.protected()
    other = TARGET if filled == STOP else STOP
    if end_first:
        bench.cancelled(other)
    bench.filled(100, filled)
    if not end_first:
        bench.cancelled(other)
    assert bench.alerts == []
    assert not [sent for sent in bench.venue.sent if str(sent[0]).startswith("submit")][2:]
    assert bench.manager.brackets.of(SYMBOL) == ()


def test_a_venue_that_ends_the_stop_at_the_first_fill_of_the_target_gets_a_new_pair(bench: PairBench) -> None:
    bench.protected()
    bench.filled(30, TARGET)
    bench.report(ExpireReport(STOP, "", 2))
    assert bench.last_sent() == ("cancel", TARGET)
    assert bench.protection.state is Cover.MISSING
    bench.cancelled(TARGET)
    assert bench.last_sent() == ("submit_pair", STOP_2, TARGET_2)
    assert bench.size(STOP_2) == 70
    assert bench.alerts == []


@pytest.mark.parametrize("order", [(STOP, TARGET), (TARGET, STOP)])
def test_where_a_pair_is_refused_the_stop_is_sent_alone_and_the_target_is_told(
    bench: PairBench, order: tuple[str, str]
) -> None:
    bench.enter()
    bench.filled(100, "t-1")
    bench.rejected(*order)
    assert bench.since(2) == [("submit", STOP_2)]
    bench.accept(STOP_2)
    assert bench.protection.state is Cover.VENUE
    assert bench.alerts == ["the target of #1 ACME was rejected: refused; 100 are without it"]


def test_a_stop_that_is_refused_alone_too_is_told_and_sent_no_more(bench: PairBench) -> None:
    bench.enter()
    bench.filled(100, "t-1")
    bench.rejected(STOP, TARGET, STOP_2)
    assert len(bench.venue.sent) == 3
    assert "the stop of #1 ACME was rejected: refused; 100 are without it" in bench.alerts


def test_a_pair_that_was_refused_is_sent_again_once_a_person_asks(bench: PairBench) -> None:
    bench.enter()
    bench.filled(100, "t-1")
    bench.rejected(STOP, TARGET, STOP_2)
    bench.manager.brackets.retry(SYMBOL)
    assert bench.last_sent() == ("submit_pair", "t-1-s3", "t-1-t3")


def test_a_pair_that_never_arrived_leaves_the_stop_to_be_sent_alone(bench: PairBench) -> None:
    bench.enter()
    bench.filled(100, "t-1")
    for each in (STOP, TARGET):
        bench.manager.give_up_waiting(bench.manager.orders[each], "no answer")
    bench.manager.believe(NotFoundReport(STOP, 1))
    assert bench.alerts[-1] == "100 of #1 ACME are without the stop until #2 ACME is proven to be gone"
    bench.manager.believe(NotFoundReport(TARGET, 1))
    assert bench.since(2) == [("submit", STOP_2)]


def test_what_the_gate_refuses_of_a_pair_is_judged_leg_by_leg(bench: PairBench) -> None:
    bench.enter()
    bench.gate.refused = lambda request: request.limit is not None
    bench.filled(100, "t-1")
    assert bench.since(1) == [("submit", STOP)]
    assert bench.status(TARGET) is S.DENIED
    assert len(bench.alerts) == 1


def test_a_person_who_takes_the_target_back_keeps_the_stop(bench: PairBench) -> None:
    bench.protected()
    bench.manager.cancel(TARGET)
    bench.cancelled(STOP, TARGET)
    assert bench.last_sent() == ("submit", STOP_2)
    assert [text.split(":")[0] for text in bench.alerts] == ["the target of #1 ACME was canceled"]


def test_a_person_who_takes_everything_back_gets_nothing_again(bench: PairBench) -> None:
    bench.protected()
    bench.manager.cancel_all()
    bench.cancelled(STOP, TARGET)
    assert [sent[0] for sent in bench.venue.sent] == ["submit", "submit_pair", "cancel", "cancel"]


@pytest.mark.parametrize("order", [(STOP, TARGET), (TARGET, STOP)])
def test_a_pair_that_somebody_else_takes_away_is_told(bench: PairBench, order: tuple[str, str]) -> None:
    bench.protected()
    bench.cancelled(*order)
    assert any("of #1 ACME was canceled" in text and "without it" in text for text in bench.alerts)
    assert not [sent for sent in bench.since(2) if sent[0] == "submit_pair"]


def test_a_price_that_a_person_gave_a_stop_is_kept_by_the_pair_that_follows(bench: PairBench) -> None:
    bench.protected()
    bench.manager.amend(STOP, stop=95)
    bench.report(ReplaceReport(STOP, 100, None, 95, 2))
    bench.closed_by_hand(30)
    bench.cancelled(STOP, TARGET)
    assert (bench.manager.orders[STOP_2].stop, bench.manager.orders[TARGET_2].limit) == (95, 120)


@pytest.mark.parametrize("plan", [ExitPlan(stop=90), ExitPlan(target=120), ExitPlan(trail=5, target=120)])
def test_what_is_no_pair_of_a_stop_and_a_target_is_sent_leg_by_leg(bench: PairBench, plan: ExitPlan) -> None:
    bench.enter(plan=plan)
    bench.filled(100, "t-1")
    assert {sent[0] for sent in bench.venue.sent} == {"submit"}


def test_a_halt_while_a_pair_waits_for_the_disk_lets_none_of_it_leave(tmp_path: Path) -> None:
    bench = PairBench(tmp_path, "strict")
    bench.enter()
    bench.filled(100, "t-1")
    bench.gate.halted = "trading is halted: fire"
    bench.journal.sync_now()
    assert bench.since(1) == []
    assert (bench.status(STOP), bench.status(TARGET)) == (S.CANCELED, S.CANCELED)


@pytest.mark.parametrize(("taken", "left"), [(STOP, TARGET), (TARGET, STOP)])
def test_what_is_left_of_a_pair_that_waits_goes_alone(tmp_path: Path, taken: str, left: str) -> None:
    bench = PairBench(tmp_path, "strict")
    bench.enter()
    bench.filled(100, "t-1")
    bench.manager.cancel(taken)
    assert bench.since(1) == []
    bench.journal.sync_now()
    assert bench.since(1) == [("submit", left)]


def test_a_pair_is_read_back_from_its_one_record(bench: PairBench) -> None:
    bench.protected()
    assert bench.read_back().digest() == bench.live.digest()


def test_what_fills_of_a_pair_from_elsewhere_is_left_to_the_broker(bench: PairBench) -> None:
    theirs: dict[str, Any] = {"side": Side.SELL, "group": "list-1", "origin": "external"}
    for client_id in ("web-1", "web-2"):
        bench.manager.history.adopt(OrderAdopted(make_request(client_id, **theirs), f"V{client_id}", 1))
    bench.filled(30, "web-1")
    bench.filled(70, "web-1")
    assert bench.venue.sent == []
    assert bench.alerts == []


def test_a_target_guards_a_position_where_it_would_take_the_stop_with_it(bench: PairBench) -> None:
    bench.protected()
    guards = bench.manager.protection.guards()
    assert [order.client_id for order in guards] == [STOP, TARGET]
    bench.manager.cancel(STOP)
    assert bench.manager.protection.guards() == ()
