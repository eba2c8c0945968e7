"""Always a way out: cancel everything, flatten, and never turn a position around."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.clock import NS_PER_S
from engine.execution.exits import FLATTEN_S_MAX
from engine.messages.commands import TradingState
from engine.messages.events import Denial, OrderDenied, TradingStateChanged
from engine.messages.reports import (
    AcceptReport,
    CancelRejectReport,
    CancelReport,
    LostReport,
    RejectReport,
)
from engine.model.instrument import Symbol
from engine.model.order import OrderStatus, OrderType
from engine.model.trade import Side
from tests.unit.engine.execution_bench import ExecutionBench
from tests.unit.engine.life_bench import LifeBench
from tests.unit.engine.paper_bench import SYMBOL


@pytest.fixture
def bench(tmp_path: Path) -> ExecutionBench:
    return ExecutionBench(tmp_path)


def closing(bench: ExecutionBench) -> list[tuple[Side, int]]:
    requests = [request for request in bench.gate.sent if request.origin == "exit"]
    assert all(request.reduce_only and request.type is OrderType.MARKET for request in requests)
    return [(request.side, request.quantity) for request in requests]


def close(bench: ExecutionBench, side: Side, quantity: int) -> None:
    """Let the order that closes fill."""
    (order,) = bench.working
    assert order.request.origin == "exit"
    bench.report(bench.fill(quantity, order.client_id, side=side))


def flattens(bench: ExecutionBench) -> list[tuple[str, tuple[str, ...]]]:
    return [(each.symbol, each.waits) for each in bench.manager.exits.view().flattening]


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
    assert flattens(bench)[-1] == ("ACME", ("#1 ACME",))
    close(bench, Side.SELL, 50)
    assert not flattens(bench)
    assert not bench.alerts


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


def test_a_flatten_ends_when_a_cancel_is_refused_and_nothing_of_it_acts_later(bench: ExecutionBench) -> None:
    bench.position.quantity = 50
    bench.working_order("t-1")
    bench.manager.flatten()
    bench.report(CancelRejectReport("t-1", "too late", 1))
    assert bench.alerts[-1] == (
        "flatten ACME ended: the cancel of #1 ACME was refused; 50 held, #1 ACME is working; "
        "F6 or flat ACME asks again"
    )
    assert not flattens(bench)
    bench.clock.advance_to(bench.clock.now_ns() + 3 * 3600 * NS_PER_S)
    bench.manager.cancel("t-1")
    bench.report(CancelReport("t-1", "", 3))
    assert closing(bench) == []


def test_asked_again_after_a_refusal_it_cancels_again_and_closes(bench: ExecutionBench) -> None:
    bench.position.quantity = 50
    bench.working_order("t-1")
    bench.manager.flatten()
    bench.report(CancelRejectReport("t-1", "busy", 1))
    bench.manager.flatten()
    bench.report(CancelReport("t-1", "", 2))
    assert closing(bench) == [(Side.SELL, 50)]


def test_an_order_that_waits_for_the_disk_is_withdrawn_and_the_flatten_goes_on(tmp_path: Path) -> None:
    bench = ExecutionBench(tmp_path, "strict")
    bench.position.quantity = 50
    bench.submit("t-1")
    bench.manager.flatten()
    assert bench.status("t-1") is OrderStatus.CANCELED
    bench.journal.on_durable(bench.manager.dispatch.on_durable)
    bench.journal.sync_now()
    assert [sent[0] for sent in bench.venue.sent] == ["submit"]
    assert closing(bench) == [(Side.SELL, 50)]
    close(bench, Side.SELL, 50)
    assert not flattens(bench)


def test_a_closing_order_that_the_disk_does_not_keep_ends_the_flatten_with_a_sentence(tmp_path: Path) -> None:
    bench = ExecutionBench(tmp_path, "strict")
    bench.manager.dispatch._blotter.steady_ns = bench.clock.now_ns
    bench.position.quantity = 50
    bench.manager.flatten()
    assert flattens(bench) == [("ACME", ("#1 ACME",))]
    bench.clock.advance_to(bench.clock.now_ns() + 10 * NS_PER_S)
    bench.manager.dispatch.give_up()
    assert not bench.venue.sent
    assert not flattens(bench)
    assert any(
        "its closing order #1 ACME is canceled: the disk did not keep it" in text for text in bench.alerts
    )


def test_an_order_that_appears_meanwhile_is_taken_back_too(bench: ExecutionBench) -> None:
    bench.position.quantity = 50
    bench.working_order("t-1")
    bench.manager.flatten()
    bench.submit("t-2")
    bench.report(CancelReport("t-1", "", 1))
    assert bench.venue.sent[-1] == ("cancel", "t-2")
    assert closing(bench) == []
    bench.report(CancelReport("t-2", "", 1))
    assert closing(bench) == [(Side.SELL, 50)]


def test_an_order_that_appears_while_it_closes_is_taken_back_and_its_fills_closed_too(
    bench: ExecutionBench,
) -> None:
    bench.position.quantity = 50
    bench.manager.flatten()
    (first,) = bench.working
    bench.working_order("t-2", 5)
    bench.report(bench.fill(50, first.client_id, side=Side.SELL))
    assert bench.venue.sent[-1] == ("cancel", "t-2")
    assert [symbol for symbol, _ in flattens(bench)] == [SYMBOL]
    bench.report(bench.fill(4, "t-2"), CancelReport("t-2", "", 1))
    assert closing(bench) == [(Side.SELL, 50), (Side.SELL, 4)]
    close(bench, Side.SELL, 4)
    assert flattens(bench) == []
    assert bench.alerts == []


def test_a_flatten_that_takes_too_long_ends_and_says_what_stands(bench: ExecutionBench) -> None:
    bench.manager.dispatch._blotter.steady_ns = bench.clock.now_ns
    bench.position.quantity = 50
    bench.working_order("t-1")
    bench.manager.flatten()
    bench.clock.advance_to(bench.clock.now_ns() + FLATTEN_S_MAX * NS_PER_S - 1)
    bench.manager.exits.give_up()
    assert flattens(bench) == [("ACME", ("#1 ACME",))]
    bench.clock.advance_to(bench.clock.now_ns() + 1)
    bench.manager.exits.give_up()
    assert bench.alerts == [
        (
            "flatten ACME ended: it was not done within 60 s; 50 held, #1 ACME is pending_cancel; "
            "F6 or flat ACME asks again"
        )
    ]
    bench.report(CancelReport("t-1", "", 1))
    assert closing(bench) == []
    (given_up,) = bench.manager.exits.view().given_up
    assert (given_up.symbol, given_up.reason) == ("ACME", "it was not done within 60 s")
    bench.manager.flatten()
    assert bench.manager.exits.view().given_up == (), "it was asked again"


@pytest.mark.parametrize(
    ("event", "ends"),
    [
        (TradingStateChanged(TradingState.ACTIVE, "", None, 1), True),
        (TradingStateChanged(TradingState.ACTIVE, "", SYMBOL, 1), True),
        (TradingStateChanged(TradingState.ACTIVE, "", Symbol("OTHER"), 1), False),
        (TradingStateChanged(TradingState.ACTIVE, "", None, 1, strategy="meanrev"), False),
        (TradingStateChanged(TradingState.REDUCING, "", None, 1), False),
        (TradingStateChanged(TradingState.HALTED, "", None, 1), False),
    ],
)
def test_a_flatten_ends_when_its_symbol_is_resumed(
    bench: ExecutionBench, event: TradingStateChanged, ends: bool
) -> None:
    bench.position.quantity = 50
    bench.working_order("t-1")
    bench.manager.flatten()
    bench.bus.publish(event)
    assert bool(flattens(bench)) is not ends
    assert any("ended: trading was resumed; 50 held" in text for text in bench.alerts) is ends


def test_a_closing_order_that_the_venue_refuses_ends_the_flatten_with_a_sentence(
    bench: ExecutionBench,
) -> None:
    bench.position.quantity = 50
    bench.manager.flatten()
    (order,) = bench.working
    bench.report(RejectReport(order.client_id, "closing only", 1))
    assert bench.alerts == [
        (
            "flatten ACME ended: its closing order #1 ACME is rejected: closing only; 50 held; "
            "F6 or flat ACME asks again"
        )
    ]
    assert not flattens(bench)


def test_what_is_asked_and_how_it_ended_is_in_the_journal(tmp_path: Path) -> None:
    bench = LifeBench(tmp_path)
    bench.submit("t-1")
    bench.report(AcceptReport("t-1", "V1", 1), bench.fill(40))
    bench.manager.flatten()
    assert list(bench.read_back().history.flattens) == [SYMBOL]
    assert bench.read_back().digest() == bench.live.digest()
    bench.report(CancelReport("t-1", "", 2))
    close(bench, Side.SELL, 40)
    assert bench.journalled.count("FlattenAsked") == bench.journalled.count("FlattenEnded") == 1
    assert not bench.read_back().history.flattens
    assert bench.read_back().digest() == bench.live.digest()


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
    assert bench.alerts[-1] == (
        "flatten ACME ended: its closing order was denied: trading is halted; 50 held; "
        "F6 or flat ACME asks again"
    )
    assert not flattens(bench)


def test_flatten_everything_flat_and_idle_does_nothing(bench: ExecutionBench) -> None:
    bench.manager.flatten()
    assert not bench.venue.sent
    assert not bench.events
