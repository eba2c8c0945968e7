"""What is asked and not answered in time is told once, and only while it still waits."""

from __future__ import annotations

from pathlib import Path

from engine.clock import NS_PER_S, SimulatedClock
from engine.execution.watch import AnswerWatch
from engine.model.order import Order, OrderStatus
from tests.unit.engine.execution_bench import ExecutionBench

_S = OrderStatus
TIMEOUT_NS = 10 * NS_PER_S


def test_an_order_that_another_ones_silence_ends_is_not_told_of(tmp_path: Path) -> None:
    bench = ExecutionBench(tmp_path)
    first, second = bench.submit("t-1"), bench.submit("t-2")
    clock = SimulatedClock(0)
    told: list[str] = []

    def on_silence(order: Order, _: str) -> None:
        told.append(order.client_id)
        second.status = _S.CANCELED

    watch = AnswerWatch(clock, TIMEOUT_NS, on_silence)
    watch.note(first)
    watch.note(second)
    clock.advance_to(2 * TIMEOUT_NS)
    assert told == ["t-1"]
