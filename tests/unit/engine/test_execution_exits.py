"""Always a way out: cancel everything, flatten, and never turn a position around."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.messages.events import Denial, OrderDenied
from engine.messages.reports import CancelRejectReport, CancelReport, LostReport
from engine.model.instrument import Symbol
from engine.model.order import OrderStatus, OrderType
from engine.model.trade import Side
from tests.unit.engine.execution_bench import ExecutionBench
from tests.unit.engine.paper_bench import SYMBOL


@pytest.fixture
def bench(tmp_path: Path) -> ExecutionBench:
    return ExecutionBench(tmp_path)


def closing(bench: ExecutionBench) -> list[tuple[Side, int]]:
    requests = [request for request in bench.gate.sent if request.origin == "exit"]
    assert all(request.reduce_only and request.type is OrderType.MARKET for request in requests)
    return [(request.side, request.quantity) for request in requests]


def test_cancel_all_asks_for_every_open_order_and_counts(bench: ExecutionBench) -> None:
    bench.working_order("t-1")
    bench.working_order("t-2")
    bench.report(bench.fill(100, "t-2"))
    bench.submit("t-3")
    assert bench.manager.cancel_all() == 2
    assert [sent for sent in bench.venue.sent if sent[0] == "cancel"] == [
        ("cancel", "t-1"),
        ("cancel", "t-3"),
    ]
    assert bench.manager.cancel_all() == 0


def test_cancel_all_of_a_symbol_leaves_the_others(bench: ExecutionBench) -> None:
    bench.working_order("t-1")
    assert bench.manager.cancel_all(Symbol("OTHER")) == 0
    assert bench.manager.cancel_all(SYMBOL) == 1


def test_flatten_without_orders_closes_at_once(bench: ExecutionBench) -> None:
    bench.position.quantity = -70
    bench.manager.flatten(SYMBOL)
    assert closing(bench) == [(Side.BUY, 70)]


def test_flatten_waits_for_the_proof_of_every_cancel(bench: ExecutionBench) -> None:
    bench.position.quantity = 50
    bench.working_order("t-1")
    bench.working_order("t-2")
    bench.manager.flatten()
    assert list(bench.manager.flattening) == [SYMBOL]
    bench.report(CancelReport("t-1", "", 1))
    assert closing(bench) == []
    bench.report(CancelReport("t-2", "", 1))
    assert closing(bench) == [(Side.SELL, 50)]
    assert list(bench.manager.flattening) == []


def test_flatten_closes_what_is_left_after_fills_on_the_way(bench: ExecutionBench) -> None:
    bench.position.quantity = 50
    bench.working_order("t-1")
    bench.manager.flatten()
    bench.report(bench.fill(30), CancelReport("t-1", "", 1))
    assert closing(bench) == [(Side.SELL, 80)]


def test_a_flatten_whose_order_fills_to_flat_sends_nothing_more(bench: ExecutionBench) -> None:
    bench.position.quantity = -100
    bench.working_order("t-1")
    bench.manager.flatten()
    bench.report(bench.fill(100))
    assert closing(bench) == []
    assert bench.manager.flattening == ()


def test_flatten_twice_never_closes_twice(bench: ExecutionBench) -> None:
    bench.position.quantity = 50
    bench.manager.flatten()
    bench.manager.flatten()
    assert closing(bench) == [(Side.SELL, 50)]
    first = next(iter(bench.working))
    assert first.status is OrderStatus.PENDING_CANCEL
    bench.report(bench.fill(50, first.client_id, side=Side.SELL))
    assert closing(bench) == [(Side.SELL, 50)]
    assert bench.position.quantity == 0


def test_flatten_waits_for_an_unknown_order_and_says_so(bench: ExecutionBench) -> None:
    bench.position.quantity = 50
    bench.submit("t-1")
    bench.report(LostReport("t-1", "no answer", 1))
    bench.manager.flatten()
    assert closing(bench) == []
    assert bench.alerts[-1] == "flatten ACME waits for #1 ACME: not proven to be gone"
    bench.report(CancelReport("t-1", "", 1))
    assert closing(bench) == [(Side.SELL, 50)]


def test_flatten_says_so_when_a_cancel_is_refused_and_goes_on_when_the_order_ends(
    bench: ExecutionBench,
) -> None:
    bench.position.quantity = 50
    bench.working_order("t-1")
    bench.manager.flatten()
    bench.report(CancelRejectReport("t-1", "too late", 1))
    assert bench.alerts[-1] == "flatten ACME waits for #1 ACME, which is working"
    assert closing(bench) == []
    bench.report(bench.fill(100))
    assert closing(bench) == [(Side.SELL, 150)]


def test_while_halted_flatten_cancels_and_the_gate_has_the_last_word_on_closing(
    bench: ExecutionBench,
) -> None:
    bench.position.quantity = 50
    bench.working_order("t-1")
    bench.gate.denials = (Denial("trading_state", "trading is halted"),)
    bench.manager.flatten()
    assert bench.venue.sent[-1] == ("cancel", "t-1")
    bench.report(CancelReport("t-1", "", 1))
    assert closing(bench) == []
    assert bench.of(OrderDenied)[0].request.origin == "exit"


def test_flatten_everything_flat_and_idle_does_nothing(bench: ExecutionBench) -> None:
    bench.manager.flatten()
    assert not bench.venue.sent
    assert not bench.events
