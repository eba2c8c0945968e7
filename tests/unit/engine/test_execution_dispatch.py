"""Under strict durability nothing leaves before its record is safe; what waits can still be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.clock import NS_PER_S
from engine.execution import dispatch
from engine.execution.dispatch import GIVEN_UP_AFTER_NS
from engine.messages.events import OrderDenied
from engine.messages.reports import AcceptReport
from engine.model.order import OrderStatus
from tests.journals import records_of
from tests.unit.engine.execution_bench import ExecutionBench

S = OrderStatus


@pytest.fixture
def bench(tmp_path: Path) -> ExecutionBench:
    bench = ExecutionBench(tmp_path, "strict")
    bench.journal.on_durable(bench.manager.dispatch.on_durable)
    return bench


def _later(bench: ExecutionBench, monkeypatch: pytest.MonkeyPatch, wait_ns: int) -> None:
    """Let steady time pass."""
    now_ns = bench.clock.monotonic_ns()
    monkeypatch.setattr(bench.manager.history.blotter, "steady_ns", lambda: now_ns + wait_ns)


def test_an_order_leaves_when_its_record_is_safe_and_not_before(bench: ExecutionBench) -> None:
    bench.submit()
    assert bench.venue.sent == []
    assert bench.status() is S.PENDING_NEW
    bench.journal.sync_now()
    assert bench.venue.sent == [("submit", "t-1")]


def test_orders_leave_in_the_order_in_which_they_were_sent(bench: ExecutionBench) -> None:
    for number in range(1, 5):
        bench.submit(f"t-{number}")
    bench.journal.sync_now()
    assert bench.venue.sent == [("submit", f"t-{number}") for number in range(1, 5)]


def test_a_cancel_of_what_waits_takes_it_back_and_nothing_leaves(bench: ExecutionBench) -> None:
    bench.submit()
    assert bench.manager.cancel("t-1")
    bench.journal.sync_now()
    assert bench.venue.sent == []
    assert bench.status() is S.CANCELED
    assert bench.journalled[-1] == "OrderAbandoned"


def test_a_cancel_of_what_left_does_not_wait(bench: ExecutionBench) -> None:
    bench.submit()
    bench.journal.sync_now()
    bench.report(AcceptReport("t-1", "V1", 1))
    bench.manager.cancel("t-1")
    assert bench.venue.sent[-1] == ("cancel", "t-1")


def test_an_order_that_is_halted_while_it_waits_never_leaves(bench: ExecutionBench) -> None:
    order = bench.submit()
    bench.gate.halted = "trading is halted: fire"
    bench.journal.sync_now()
    assert bench.venue.sent == []
    assert (bench.status(), order.reason) == (S.CANCELED, "trading is halted: fire")


class Fence:
    """Says that the account is another's once it is closed."""

    closed = False

    def refusal(self) -> str:
        return "another desk has it" if self.closed else ""


def test_an_order_that_waits_while_another_desk_takes_the_account_never_leaves(bench: ExecutionBench) -> None:
    fence = bench.manager.dispatch.fence = Fence()
    waiting = bench.submit()
    fence.closed = True
    bench.journal.sync_now()
    denied = bench.submit("t-2")
    assert bench.venue.sent == []
    assert (waiting.status, waiting.reason) == (S.CANCELED, "another desk has it")
    assert (denied.status, denied.reason) == (S.DENIED, "another desk has it")


def test_a_cancel_passes_the_fence_and_an_amendment_does_not(bench: ExecutionBench) -> None:
    fence = bench.manager.dispatch.fence = Fence()
    bench.submit()
    bench.journal.sync_now()
    bench.report(AcceptReport("t-1", "V1", 1))
    fence.closed = True
    assert not bench.manager.amend("t-1", limit=101)
    assert bench.manager.cancel("t-1")
    assert bench.venue.sent == [("submit", "t-1"), ("cancel", "t-1")]


def test_an_amendment_that_is_halted_while_it_waits_leaves_the_order_as_it_was(bench: ExecutionBench) -> None:
    bench.submit()
    bench.journal.sync_now()
    bench.report(AcceptReport("t-1", "V1", 1))
    assert bench.manager.amend("t-1", limit=101)
    bench.gate.halted = "trading is halted: fire"
    bench.journal.sync_now()
    assert [what for what, *_ in bench.venue.sent] == ["submit"]
    assert bench.status() is S.WORKING
    assert bench.journalled[-1] == "AmendAbandoned"


def test_what_the_disk_keeps_waiting_is_given_up_and_said(
    bench: ExecutionBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.submit()
    _later(bench, monkeypatch, GIVEN_UP_AFTER_NS - NS_PER_S)
    bench.manager.dispatch.give_up()
    assert bench.status() is S.PENDING_NEW
    _later(bench, monkeypatch, GIVEN_UP_AFTER_NS + NS_PER_S)
    bench.manager.dispatch.give_up()
    bench.journal.sync_now()
    assert bench.status() is S.CANCELED
    assert bench.venue.sent == []
    assert "did not keep it in time" in bench.alerts[-1]


def test_when_too_many_wait_one_more_is_denied(
    bench: ExecutionBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "WAITING_MAX", 2)
    for number in range(1, 4):
        bench.submit(f"t-{number}")
    assert [event.denials[0].rule for event in bench.of(OrderDenied)] == ["journal"]
    assert bench.status("t-3") is S.DENIED


def test_what_a_failing_disk_refuses_is_written_when_it_works_again_in_order(tmp_path: Path) -> None:
    bench = ExecutionBench(tmp_path)
    bench.working_order()
    before = len(records_of(bench.path))
    bench.disk.full = True
    bench.report(bench.fill(10), bench.fill(20))
    bench.submit("t-2")
    assert bench.status("t-2") is S.DENIED
    assert len(records_of(bench.path)) == before
    bench.disk.full = False
    assert bench.manager.scribe.catch_up() == ""
    assert bench.journalled[-3:] == ["FillReport", "FillReport", "OrderDenied"]


def test_what_finds_no_room_to_wait_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.execution.scribe.UNWRITTEN_MAX", 1)
    bench = ExecutionBench(tmp_path)
    bench.working_order()
    bench.disk.full = True
    bench.report(bench.fill(10), bench.fill(20))
    assert bench.manager.scribe.lost == 1
