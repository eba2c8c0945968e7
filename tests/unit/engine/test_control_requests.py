"""What is said on the control socket is told without the screen: commands act at once, and answers say what is proven."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec import structs
from msgspec.structs import astuple

from engine.control.requests import (
    CancelOrders,
    Code,
    Disarm,
    FlattenPositions,
    Request,
    SetState,
    TellStatus,
    read_request,
)
from engine.control.status import JournalStatus
from engine.errors import DataError
from engine.messages.commands import SubmitOrder, TradingState
from engine.messages.comparison_views import BreakKind, BreakState
from engine.messages.events import OrderAdopted
from engine.messages.reports import CancelReport, LinkReport
from engine.messages.risk_views import ArmingView
from engine.messages.views import HealthState
from engine.model.instrument import Symbol
from engine.model.order import OrderStatus
from engine.observe.health import Reading
from tests.engine_rooms import ABC, XYZ, buying
from tests.unit.engine.control_bench import HALT, RESUME, ControlBench, control_bench, heard
from tests.waiting import wait_until


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[ControlBench]:
    with control_bench(tmp_path) as made:
        yield made


def unwritable(bench: ControlBench) -> None:
    """Let the file that keeps the halts be one that can't be written."""
    assert bench.rooms.latch is not None
    bench.rooms.latch.path.mkdir()


def resting(bench: ControlBench, limit: int = 9_900) -> SubmitOrder:
    return buying(bench.rooms, 10, limit)


def test_a_halt_holds_is_journalled_and_says_what_still_works(bench: ControlBench) -> None:
    bench.send(resting(bench))
    bench.works(1)
    answer = bench.ask(HALT)
    assert answer.code is Code.PROVEN
    assert answer.text == "everything is halted: fire; 1 order still working, cancel-all takes them back"
    assert answer.status is not None
    assert answer.status.trading.everything.state is TradingState.HALTED
    denied = resting(bench)
    bench.send(denied)
    wait_until(lambda: denied.request.client_id in bench.rooms.orders.orders)
    assert bench.rooms.orders.orders[denied.request.client_id].status is OrderStatus.DENIED


def test_another_shell_disarms_and_can_not_arm(bench: ControlBench) -> None:
    bench.send(resting(bench))
    bench.works(1)
    answer = bench.ask(Disarm(reason="lunch"))
    assert answer.code is Code.PROVEN
    assert answer.text == "PAPER-1 is disarmed: lunch; 1 order still working, cancel-all takes them back"
    assert answer.status is not None
    assert answer.status.arming == ArmingView(armed=False, reason="lunch")
    bench.ask(RESUME)
    denied = resting(bench)
    bench.send(denied)
    wait_until(lambda: denied.request.client_id in bench.rooms.orders.orders)
    assert bench.rooms.orders.orders[denied.request.client_id].status is OrderStatus.DENIED
    assert bench.says(b'{"ask":"arm","account_name":"PAPER-1"}\n')["code"] == Code.BAD_INPUT


def test_a_disarming_that_waits_for_the_engine_is_not_called_proven(bench: ControlBench) -> None:
    with bench.busy_loop():
        answer = bench.ask(Disarm(reason="lunch"))
        assert answer.code is Code.UNPROVEN
        assert answer.text.endswith("halt holds at once")
    wait_until(lambda: not bench.rooms.arming.armed)


def test_a_resume_lets_orders_through_again(bench: ControlBench) -> None:
    bench.ask(HALT)
    answer = bench.ask(RESUME)
    assert (answer.code, answer.text) == (Code.PROVEN, "everything is active")
    bench.send(resting(bench))
    bench.works(1)


def test_what_the_engine_locked_itself_is_not_resumed_and_that_is_said(bench: ControlBench) -> None:
    bench.on_loop(lambda: bench.rooms.halts.lock(TradingState.HALTED, "reconciling"))
    answer = bench.ask(RESUME)
    assert (answer.code, answer.text) == (Code.UNPROVEN, "everything is halted: reconciling")


@pytest.mark.parametrize("typed", ["ABC", "abc"])
def test_one_symbol_is_halted_as_it_is_listed(bench: ControlBench, typed: str) -> None:
    answer = bench.ask(SetState(state=TradingState.HALTED, reason="news", symbol=typed))
    assert (answer.code, answer.text) == (Code.PROVEN, "ABC is halted: news")
    assert bench.rooms.halts.state_of(ABC) is TradingState.HALTED
    assert bench.rooms.halts.state_of(XYZ) is TradingState.ACTIVE


@pytest.mark.parametrize(
    "request_of",
    [
        lambda: SetState(state=TradingState.HALTED, reason="news", symbol="ABD"),
        lambda: SetState(state=TradingState.ACTIVE, reason="news", symbol="ABD"),
        lambda: CancelOrders(symbol="ABD"),
        lambda: FlattenPositions(symbol="ABD"),
    ],
)
def test_a_symbol_that_is_not_listed_is_named_and_nothing_is_done(
    bench: ControlBench, request_of: Callable[[], Request]
) -> None:
    answer = bench.ask(request_of())
    assert (answer.code, answer.text) == (Code.BAD_INPUT, "ABD is not listed here; nothing was done")
    assert not bench.submitted
    assert bench.rooms.halts.all_active


def test_a_halted_symbol_that_is_listed_no_more_can_be_resumed(bench: ControlBench) -> None:
    gone = Symbol("GONE")
    bench.on_loop(lambda: bench.rooms.halts.set(TradingState.HALTED, "news", gone))
    answer = bench.ask(SetState(state=TradingState.ACTIVE, reason="over", symbol="GONE"))
    assert (answer.code, answer.text) == (Code.PROVEN, "GONE is active")


def test_one_strategy_is_reduced_and_resumed(bench: ControlBench) -> None:
    answer = bench.ask(SetState(state=TradingState.REDUCING, reason="drift", strategy="meanrev"))
    assert (answer.code, answer.text) == (Code.PROVEN, "meanrev is reducing: drift")
    assert bench.rooms.halts.state_of(ABC, "meanrev") is TradingState.REDUCING
    assert bench.rooms.halts.state_of(ABC) is TradingState.ACTIVE
    answer = bench.ask(SetState(state=TradingState.ACTIVE, reason="ok", strategy="meanrev"))
    assert (answer.code, answer.text) == (Code.PROVEN, "meanrev is active")


def test_reduce_only_after_a_halt_loosens_it_and_in_order(bench: ControlBench) -> None:
    bench.ask(HALT)
    answer = bench.ask(SetState(state=TradingState.REDUCING, reason="only out"))
    assert (answer.code, answer.text) == (Code.PROVEN, "everything is reducing: only out")


def test_a_symbol_and_a_strategy_at_once_are_refused_and_nothing_is_done(bench: ControlBench) -> None:
    answer = bench.ask(SetState(state=TradingState.HALTED, reason="x", symbol="ABC", strategy="s"))
    assert (answer.code, answer.text) == (Code.BAD_INPUT, "expected a symbol or a strategy, found both")
    assert not bench.submitted
    assert bench.rooms.halts.all_active


def test_what_a_reason_has_of_escapes_loses_its_power(bench: ControlBench) -> None:
    bench.ask(SetState(state=TradingState.HALTED, reason="\x1b[2Jfire\u202e"))
    assert bench.rooms.halts.everything.reason == "[2Jfire"


def test_a_halt_that_neither_journal_nor_file_keeps_holds_and_is_not_called_proven(
    bench: ControlBench,
) -> None:
    unwritable(bench)
    bench.controls.journal = JournalStatus(8, 8, "the disk is full")
    answer = bench.ask(HALT)
    assert answer.code is Code.UNPROVEN
    assert (
        answer.text
        == "everything is halted: fire; a restart may not know it, the journal says: the disk is full"
    )
    assert bench.rooms.halts.everything.state is TradingState.HALTED


@pytest.mark.parametrize("journal", [JournalStatus(8, 8, "the disk is full"), JournalStatus(8, 7, "")])
def test_a_halt_that_its_own_file_keeps_is_proven_whatever_the_journal_says(
    bench: ControlBench, journal: JournalStatus
) -> None:
    bench.controls.journal = journal
    answer = bench.ask(HALT)
    assert (answer.code, answer.text) == (Code.PROVEN, "everything is halted: fire")


def test_an_active_state_has_no_reason(bench: ControlBench) -> None:
    bench.ask(HALT)
    answer = bench.ask(RESUME)
    assert answer.status is not None
    assert answer.status.trading.everything.reason == ""


def test_a_halt_that_is_not_on_the_disk_yet_is_not_called_proven(bench: ControlBench) -> None:
    unwritable(bench)
    bench.controls.journal = JournalStatus(8, 7, "")
    answer = bench.ask(HALT)
    assert answer.code is Code.UNPROVEN
    assert answer.text == "everything is halted: fire; not on the disk yet"


def test_cancel_all_waits_until_every_order_is_proven_gone(bench: ControlBench) -> None:
    for limit in (9_900, 9_901, 9_902):
        bench.send(resting(bench, limit))
    bench.works(3)
    answer = bench.ask(CancelOrders())
    assert (answer.code, answer.text) == (Code.PROVEN, "3 cancels asked; 0 still working")
    assert not len(bench.rooms.working)


def test_cancel_all_of_one_symbol_leaves_the_others(bench: ControlBench) -> None:
    bench.send(resting(bench))
    bench.send(buying(bench.rooms, 5, 9_900, XYZ))
    bench.works(2)
    answer = bench.ask(CancelOrders(symbol="xyz"))
    assert (answer.code, answer.text) == (Code.PROVEN, "1 cancel asked; 0 still working")
    assert [order.symbol for order in bench.rooms.working] == [ABC]


def test_cancel_all_says_what_is_left_when_the_venue_is_silent(bench: ControlBench) -> None:
    bench.send(resting(bench))
    bench.send(buying(bench.rooms, 5, 9_900, XYZ))
    bench.works(2)
    bench.market.held = True
    answer = bench.ask(CancelOrders(wait_s=0.1))
    assert (answer.code, answer.text) == (Code.UNPROVEN, "2 cancels asked; 2 still working: ABC 1, XYZ 1")


def test_cancel_all_is_not_proven_while_an_order_may_work_that_is_not_known_here(bench: ControlBench) -> None:
    wait_until(lambda: bench.rooms.orders.reconciler.current)
    bench.market.held = True
    bench.differs("order:x-1", BreakState.OPEN, BreakKind.ORDER)
    answer = bench.ask(CancelOrders(wait_s=0.1))
    assert answer.code is Code.UNPROVEN
    assert answer.text == "0 cancels asked; 0 still working; not sure that this is all: order:x-1"
    assert bench.ask(CancelOrders(symbol="xyz", wait_s=0.1)).code is Code.PROVEN
    bench.differs("order:x-1", BreakState.IGNORED, BreakKind.ORDER)
    assert bench.ask(CancelOrders()).code is Code.PROVEN


@pytest.mark.parametrize(
    ("break_id", "kind"), [("order:x-1", BreakKind.ORDER), ("position:ABC", BreakKind.POSITION)]
)
def test_flatten_is_not_proven_while_more_may_work_or_be_held_than_is_known_here(
    bench: ControlBench, break_id: str, kind: BreakKind
) -> None:
    wait_until(lambda: bench.rooms.orders.reconciler.current)
    bench.market.held = True
    bench.differs(break_id, BreakState.OPEN, kind)
    answer = bench.ask(FlattenPositions(wait_s=0.1))
    assert answer.code is Code.UNPROVEN
    assert answer.text == (
        f"flatten asked for 0 positions; nothing is held, 0 still working; not sure that this is all: {break_id}"
    )
    assert bench.ask(FlattenPositions(symbol="xyz", wait_s=0.1)).code is Code.PROVEN
    bench.differs(break_id, BreakState.IGNORED, kind)
    assert bench.ask(FlattenPositions()).code is Code.PROVEN


def test_a_position_that_differs_leaves_no_doubt_about_cancels(bench: ControlBench) -> None:
    wait_until(lambda: bench.rooms.orders.reconciler.current)
    bench.market.held = True
    bench.differs("position:ABC", BreakState.OPEN, BreakKind.POSITION)
    assert bench.ask(CancelOrders()).code is Code.PROVEN


def test_cancels_of_a_strategy_are_doubted_for_its_own_orders_alone(bench: ControlBench) -> None:
    sent = structs.replace(resting(bench).request, strategy="meanrev")
    bench.send(SubmitOrder(sent))
    bench.works(1)
    assert bench.ask(CancelOrders()).code is Code.PROVEN
    wait_until(lambda: bench.rooms.orders.reconciler.current)
    bench.market.held = True
    bench.differs(f"order:{sent.client_id}", BreakState.OPEN, BreakKind.ORDER)
    bench.differs("order:x-1", BreakState.OPEN, BreakKind.ORDER)
    assert bench.ask(CancelOrders(strategy="other")).code is Code.PROVEN
    answer = bench.ask(CancelOrders(strategy="meanrev", wait_s=0.1))
    assert answer.code is Code.UNPROVEN
    assert answer.text.endswith(f"not sure that this is all: order:{sent.client_id}")
    told = bench.rooms.orders.on_report
    bench.on_loop(lambda: told(LinkReport(connected=False, reason="cut", event_ns=0)))
    answer = bench.ask(CancelOrders(strategy="other", wait_s=0.1))
    assert "orders were not compared with the broker" in answer.text


def test_the_status_names_what_is_not_well_and_why(bench: ControlBench) -> None:
    reading = Reading(HealthState.DOWN, "7 behind", "disk is full")
    bench.on_loop(lambda: bench.rooms.health.register("projection", "projection", lambda: reading))
    bench.on_loop(bench.rooms.health.sample)
    told = bench.ask(TellStatus()).status
    assert told is not None
    assert ("projection", "down", "7 behind", "disk is full") in [astuple(each) for each in told.unwell]
    assert "journal" not in {each.name for each in told.unwell}


def test_a_foreign_order_that_is_followed_leaves_no_doubt_once_it_is_gone(bench: ControlBench) -> None:
    sent = resting(bench).request
    foreign = structs.replace(sent, origin="external")
    event = OrderAdopted(foreign, "V1", 0)
    bench.on_loop(lambda: bench.rooms.orders.history.adopt(event))
    bench.on_loop(lambda: bench.rooms.orders.on_report(CancelReport(foreign.client_id, "", 0)))
    wait_until(lambda: bench.rooms.orders.reconciler.current)
    bench.market.held = True
    bench.differs(f"order:{foreign.client_id}", BreakState.OPEN, BreakKind.ORDER)
    assert bench.ask(CancelOrders()).code is Code.PROVEN


def test_cancel_all_is_not_proven_while_the_broker_is_away_and_not_compared_with_since(
    bench: ControlBench,
) -> None:
    bench.market.held = True
    told = bench.rooms.orders.on_report
    bench.on_loop(lambda: told(LinkReport(connected=False, reason="cut", event_ns=0)))
    answer = bench.ask(CancelOrders(wait_s=0.1))
    assert answer.code is Code.UNPROVEN
    assert "orders were not compared with the broker" in answer.text
    bench.on_loop(lambda: told(LinkReport(connected=True, reason="", event_ns=0)))
    assert bench.ask(CancelOrders(wait_s=0.1)).code is Code.UNPROVEN
    bench.market.held = False
    assert bench.ask(CancelOrders(wait_s=20)).code is Code.PROVEN


def test_orders_whose_fate_is_unknown_are_named(bench: ControlBench) -> None:
    sent = resting(bench)
    bench.send(sent)
    bench.works(1)
    bench.market.held = True
    (order,) = bench.rooms.working
    bench.on_loop(lambda: setattr(order, "status", OrderStatus.UNKNOWN))
    answer = bench.ask(CancelOrders(wait_s=0))
    assert answer.code is Code.UNPROVEN
    assert answer.text.endswith(f"1 still working: ABC 1; fate unknown: #{sent.request.number} ABC")
    assert answer.status is not None
    assert answer.status.unknown == (f"#{sent.request.number} ABC",)


def test_an_order_sent_after_a_cancel_all_is_not_counted_as_left(bench: ControlBench) -> None:
    bench.send(resting(bench))
    bench.works(1)
    with bench.connected() as connection:
        with bench.busy_loop():
            connection.sendall(b'{"ask":"cancel-all"}\n')
            wait_until(lambda: len(bench.submitted) == 1)
            bench.send(resting(bench, 9_901))
        assert heard(connection)["text"] == "1 cancel asked; 0 still working"
    wait_until(lambda: [order.request.number for order in bench.rooms.working] == [2])


def test_flatten_waits_until_nothing_is_held_and_nothing_works(bench: ControlBench) -> None:
    bench.send(buying(bench.rooms, 100))
    bench.send(resting(bench))
    wait_until(lambda: ABC in bench.rooms.ledger.positions and len(bench.rooms.working) == 1)
    answer = bench.ask(FlattenPositions())
    assert answer.code is Code.PROVEN
    assert answer.text == "flatten asked for 1 position; nothing is held, 0 still working"
    assert bench.rooms.ledger.positions[ABC].quantity == 0


def test_flatten_says_what_is_still_held(bench: ControlBench) -> None:
    bench.send(buying(bench.rooms, 100))
    wait_until(lambda: ABC in bench.rooms.ledger.positions)
    bench.market.held = True
    answer = bench.ask(FlattenPositions(symbol="ABC", wait_s=0.1))
    assert answer.code is Code.UNPROVEN
    assert answer.text == (
        "flatten asked for 1 position; still held: ABC 100, 1 still working: ABC 1; it goes on"
    )
    assert answer.status is not None
    assert [(each.symbol, each.waits) for each in answer.status.flattening] == [("ABC", ("#2 ABC",))]


def test_a_flatten_that_is_given_up_is_answered_at_once(bench: ControlBench) -> None:
    bench.send(buying(bench.rooms, 100))
    wait_until(lambda: ABC in bench.rooms.ledger.positions)
    bench.on_loop(lambda: setattr(bench.rooms.journal, "_trouble", "the disk is gone"))
    answer = bench.ask(FlattenPositions(wait_s=600))
    assert answer.code is Code.UNPROVEN
    assert answer.text.endswith("still held: ABC 100, 0 still working; it was given up, the desk says why")
    assert answer.status is not None
    assert not answer.status.flattening


def test_the_status_tells_everything_at_one_moment(bench: ControlBench) -> None:
    bench.send(buying(bench.rooms, 100))
    bench.send(resting(bench))
    wait_until(lambda: ABC in bench.rooms.ledger.positions and len(bench.rooms.working) == 1)
    bench.ask(SetState(state=TradingState.HALTED, reason="news", symbol="XYZ"))
    bench.differs("ABC: we have 100, the broker 90", BreakState.OPEN)
    bench.differs("XYZ: we have 0, the broker 1", BreakState.IGNORED)
    answer = bench.ask(TellStatus())
    assert answer.code is Code.PROVEN
    told = answer.status
    assert told is not None
    assert (told.mode, told.account, told.run) == ("sim", bench.rooms.account.name, bench.rooms.ids.run)
    assert told.positions == {"ABC": "100"}
    assert (told.working.count, told.working.by_symbol) == (1, {"ABC": 1})
    assert told.trading.everything.state is TradingState.ACTIVE
    assert [(scope.name, scope.reason) for scope in told.trading.symbols] == [("XYZ", "news")]
    assert (told.breaks, told.unknown) == (("ABC: we have 100, the broker 90",), ())
    assert told.journal.durable <= told.journal.sequence
    assert told.state_hash is None
    assert told.feed.source == "hand"


def test_the_hash_of_the_state_is_told_where_it_is_asked_for(bench: ControlBench) -> None:
    told = bench.ask(TellStatus(hashed=True)).status
    assert told is not None
    assert told.state_hash == bench.on_loop(bench.rooms.replica.digest)


def test_a_status_that_can_not_be_taken_is_said(bench: ControlBench) -> None:
    bench.on_loop(bench.rooms.health._rows.clear)
    for request in (TellStatus(), HALT, CancelOrders(), FlattenPositions()):
        answer = bench.ask(request)
        assert answer.code is Code.UNPROVEN
        assert answer.text.endswith("the engine can't say how it is: KeyError: 'feed'")
    assert bench.rooms.halts.everything.state is TradingState.HALTED
    assert len(bench.submitted) == 3


def test_the_orders_of_one_strategy_are_taken_back_and_no_others(bench: ControlBench) -> None:
    kept, meant = resting(bench), resting(bench, 9_800)
    bench.send(kept)
    bench.send(SubmitOrder(structs.replace(meant.request, strategy="meanrev")))
    bench.works(2)
    answer = bench.ask(CancelOrders(strategy="meanrev"))
    assert (answer.code, answer.text) == (Code.PROVEN, "1 cancel asked; 0 still working")
    assert [order.client_id for order in bench.rooms.working] == [kept.request.client_id]


def test_a_cancel_of_a_symbol_and_a_strategy_at_once_is_refused(bench: ControlBench) -> None:
    answer = bench.ask(CancelOrders(symbol="ABC", strategy="s"))
    assert (answer.code, answer.text) == (Code.BAD_INPUT, "expected a symbol or a strategy, found both")


def test_what_is_no_request_is_told_in_a_short_sentence_however_long_it_is() -> None:
    with pytest.raises(DataError, match="expected one request as a line of JSON") as told:
        read_request(b'{"ask":"' + b"[" * 5_000 + b'"}')
    assert len(str(told.value)) < 300
