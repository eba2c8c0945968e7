"""What leaves, what does not, and what is on disk first."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.messages.commands import AmendOrder, CancelOrder
from engine.messages.events import AmendDenied, Denial, OrderChanged, OrderDenied, OrderSubmitted
from engine.messages.reports import AcceptReport, CancelReport
from engine.model.instrument import Symbol
from engine.model.order import OrderStatus
from tests.journals import records_of
from tests.unit.engine.execution_bench import ExecutionBench, make_request

TOO_BIG = Denial("size", "12,000 shares, limit 10,000")
CLOSED = Denial("session", "the market is closed")


@pytest.fixture
def bench(tmp_path: Path) -> ExecutionBench:
    return ExecutionBench(tmp_path)


def test_an_approved_order_is_on_disk_before_it_is_sent(bench: ExecutionBench) -> None:
    order = bench.submit()
    assert bench.venue.sent == [("submit", "t-1")]
    assert bench.venue.journalled_at_send == [["OrderSubmitted"]]
    assert [event.request for event in bench.of(OrderSubmitted)] == [order.request] == bench.gate.sent
    assert bench.status() is OrderStatus.PENDING_NEW
    assert list(bench.working) == [order]


def test_a_denied_order_keeps_every_reason_and_never_leaves(bench: ExecutionBench) -> None:
    bench.gate.denials = (TOO_BIG, CLOSED)
    order = bench.submit()
    assert bench.status() is OrderStatus.DENIED
    assert order.reason == "12,000 shares, limit 10,000; the market is closed"
    assert bench.of(OrderDenied)[0].denials == (TOO_BIG, CLOSED)
    assert not bench.venue.sent
    assert not bench.gate.sent
    assert not len(bench.working)
    assert bench.journalled == ["OrderDenied"]


def test_an_order_that_cannot_be_journalled_is_denied_but_cancels_still_go_out(bench: ExecutionBench) -> None:
    bench.working_order("t-1")
    bench.disk.full = True
    denied = bench.submit("t-2")
    assert denied.status is OrderStatus.DENIED
    assert "the disk is full" in denied.reason
    assert bench.of(OrderDenied)[0].denials[0].rule == "journal"
    assert bench.manager.cancel("t-1")
    assert bench.venue.sent == [("submit", "t-1"), ("cancel", "t-1")]


def test_a_failing_journal_is_told_once_and_counted_each_time(bench: ExecutionBench) -> None:
    bench.working_order("t-1")
    bench.disk.full = True
    bench.report(bench.fill(10), bench.fill(10))
    assert bench.manager.journal_failures == 2
    assert len([text for text in bench.alerts if text.startswith("journal")]) == 1
    assert bench.manager.orders["t-1"].filled == 20


def test_a_used_order_id_is_denied_and_the_first_order_is_untouched(bench: ExecutionBench) -> None:
    first = bench.submit("t-1")
    assert not bench.manager.submit(make_request("t-1", 7))
    assert bench.manager.orders["t-1"] is first
    assert bench.of(OrderDenied)[0].denials[0].rule == "duplicate_id"
    assert bench.venue.sent == [("submit", "t-1")]


def test_an_order_for_an_unlisted_symbol_is_denied(bench: ExecutionBench) -> None:
    assert not bench.manager.submit(make_request("t-1", symbol=Symbol("NOPE")))
    assert bench.of(OrderDenied)[0].denials == (Denial("instrument", "NOPE is not listed"),)


def test_a_cancel_goes_out_once_and_waits_for_proof(bench: ExecutionBench) -> None:
    order = bench.working_order()
    assert bench.manager.cancel("t-1", "line")
    assert not bench.manager.cancel("t-1")
    assert bench.status() is OrderStatus.PENDING_CANCEL
    assert order.is_open
    assert bench.venue.sent[1:] == [("cancel", "t-1")]
    assert records_of(bench.path)[-1] == CancelOrder("t-1", "line")
    bench.report(CancelReport("t-1", "", 1))
    assert bench.status() is OrderStatus.CANCELED


def test_there_is_nothing_to_cancel_of_an_order_that_ended_or_never_was(bench: ExecutionBench) -> None:
    bench.working_order()
    bench.report(bench.fill(100))
    assert not bench.manager.cancel("t-1")
    assert not bench.manager.cancel("t-9")
    assert bench.alerts == [
        "nothing to cancel: #1 ACME is filled",
        "nothing to cancel: order t-9 is not known",
    ]


def test_an_amendment_is_gated_and_on_disk_before_it_is_sent(bench: ExecutionBench) -> None:
    order = bench.working_order()
    assert bench.manager.amend("t-1", limit=101)
    assert bench.status() is OrderStatus.PENDING_REPLACE
    assert (order.amend_quantity, order.amend_limit) == (100, 101)
    assert (order.quantity, order.limit) == (100, 100)
    assert bench.venue.sent[-1] == ("amend", "t-1", 100, 101, None)
    assert bench.venue.journalled_at_send[-1][-1] == "AmendOrder"
    assert records_of(bench.path)[-1] == AmendOrder("t-1", 100, 101, None, "desk")


def test_a_denied_amendment_leaves_the_order_working(bench: ExecutionBench) -> None:
    bench.working_order()
    bench.gate.amend_denials = (TOO_BIG,)
    assert not bench.manager.amend("t-1", quantity=12_000)
    assert bench.status() is OrderStatus.WORKING
    assert bench.of(AmendDenied)[0].denials == (TOO_BIG,)
    assert bench.venue.sent == [("submit", "t-1")]


def test_an_amendment_that_cannot_be_journalled_is_denied(bench: ExecutionBench) -> None:
    bench.working_order()
    bench.disk.full = True
    assert not bench.manager.amend("t-1", quantity=50)
    assert bench.status() is OrderStatus.WORKING
    assert bench.of(AmendDenied)[0].denials[0].rule == "journal"


@pytest.mark.parametrize("quantity", [0, 30, 40])
def test_an_amendment_to_no_more_than_what_is_filled_is_denied(bench: ExecutionBench, quantity: int) -> None:
    bench.working_order()
    bench.report(bench.fill(40))
    assert not bench.manager.amend("t-1", quantity=quantity)
    assert bench.of(AmendDenied)[0].denials[0].rule == "state"


def test_only_a_working_order_can_be_amended(bench: ExecutionBench) -> None:
    bench.submit()
    assert not bench.manager.amend("t-1", limit=90)
    bench.report(AcceptReport("t-1", "V1", 1))
    assert bench.manager.amend("t-1", limit=90)
    assert not bench.manager.amend("t-1", limit=91)
    assert not bench.manager.amend("t-7", limit=91)
    texts = [event.denials[0].text for event in bench.of(AmendDenied)]
    assert texts == [
        "#1 ACME is pending_new; only a working order can be amended",
        "#1 ACME is pending_replace; only a working order can be amended",
        "order t-7 is not known",
    ]


def test_changed_orders_are_drained_once_in_order_of_last_change(bench: ExecutionBench) -> None:
    first, second, third = bench.submit("t-1"), bench.submit("t-2"), bench.submit("t-3")
    bench.report(AcceptReport("t-1", "V1", 1))
    assert bench.manager.take_changed() == (second, third, first)
    assert bench.manager.take_changed() == ()
    bench.report(AcceptReport("t-3", "V3", 1))
    assert bench.manager.take_changed() == (third,)


def test_every_change_of_state_is_an_event_and_a_newer_version(bench: ExecutionBench) -> None:
    order = bench.submit()
    versions = [order.version]
    for report in (AcceptReport("t-1", "V1", 1), bench.fill(40), bench.fill(60)):
        bench.report(report)
        versions.append(order.version)
    assert [event.status for event in bench.of(OrderChanged)] == [
        OrderStatus.WORKING,
        OrderStatus.PARTIALLY_FILLED,
        OrderStatus.FILLED,
    ]
    assert versions == sorted(set(versions))
