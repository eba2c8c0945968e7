"""Where the account lives in the machine's time, the log and traces have it from an order's events, and read no clock for it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from engine.clock import NS_PER_MS, NS_PER_S, SystemClock
from engine.duties.leaving import Leaving
from engine.frames.frame_builder import FrameBuilder
from engine.handlers import Handlers
from engine.messages.events import OrderChanged, OrderDenied, OrderFilled, OrderSubmitted
from engine.messages.order_path import CommandTaken, OrderSent
from engine.model.instrument import Symbol
from engine.model.quote import Quote
from engine.observe.logs import NAME
from engine.ports.tracing import Span
from engine.readings.observation import Observation
from engine.rooms import Rooms
from engine.settings.traces import TracesSettings
from tests.benchmarks.composed import rooms as composed
from tests.benchmarks.world_clock import WorldClock
from tests.engine_rooms import buying, passes
from tests.engine_rooms import composed as in_market_time

ACME = Symbol("ACME")
TRACES = TracesSettings(endpoint="http://127.0.0.1:9")


class Bench(NamedTuple):
    """Rooms in the machine's time that are watched as the program watches them, and when what happened there did."""

    rooms: Rooms
    clock: WorldClock
    handlers: Handlers
    observation: Observation
    at_ns: dict[str, int]

    def sends(self, quantity: int) -> None:
        """Give the market a quote, and carry a command out."""
        rooms, now_ns = self.rooms, self.clock.begin()
        rooms.market.on_quote(Quote(ACME, "hand", 10_000, 10_001, 500, 500, now_ns, now_ns))
        self.handlers.handle(buying(rooms, quantity, symbol=ACME))
        self.clock.run_due()

    def spans(self) -> dict[str, Span]:
        """Return the spans of what happened."""
        assert self.rooms.traces is not None
        self.rooms.traces.export.prepare()
        return {span.name: span for span in self.rooms.traces.tracer.take(99)}

    def lines(self) -> dict[str, str]:
        """Return when each event happened by the log."""
        path = self.rooms.folders.logs / NAME
        self.observation.end()
        told = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return {f"{line['event']} {line.get('status', '')}".strip(): line["at"] for line in told}


def hear(rooms: Rooms, at_ns: dict[str, int]) -> None:
    """Note when an order's events happened, in our time."""

    def noted(name: str, when_ns: int) -> None:
        at_ns[name] = when_ns

    bus = rooms.bus
    bus.subscribe(CommandTaken, lambda event: noted("command", event.event_ns))
    bus.subscribe(OrderSubmitted, lambda event: noted("order submitted", event.event_ns))
    bus.subscribe(OrderDenied, lambda event: noted("order denied", event.event_ns))
    bus.subscribe(OrderSent, lambda event: noted("order sent", event.event_ns))
    bus.subscribe(OrderFilled, lambda event: noted("order filled", event.order.updated_ns))
    bus.subscribe(OrderChanged, lambda event: noted(f"order changed {event.status.value}", event.event_ns))


@contextmanager
def watched(clock: WorldClock) -> Iterator[Bench]:
    at_ns = dict[str, int]()
    with composed(clock, [ACME], traces=TRACES) as rooms:
        hear(rooms, at_ns)
        yield Bench(
            rooms, clock, Handlers(rooms, Leaving(rooms)), Observation(rooms, FrameBuilder(rooms)), at_ns
        )


@pytest.fixture
def bench() -> Iterator[Bench]:
    with watched(WorldClock()) as each:
        yield each


def test_the_lines_of_an_order_have_the_times_of_its_events() -> None:
    clock = WorldClock()
    clock.now_ns = lambda: time.time_ns() - 3_600 * NS_PER_S  # what reads another clock is an hour off
    with watched(clock) as bench:
        bench.sends(100)
        bench.sends(1_000_000)
        lines = bench.lines()
    assert bench.at_ns.keys() == {
        "command",
        "order submitted",
        "order sent",
        "order changed working",
        "order filled",
        "order changed filled",
        "order denied",
    }
    for name, at_ns in bench.at_ns.items():
        told_ms = datetime.fromisoformat(lines[name]).timestamp() * 1_000
        assert abs(told_ms - at_ns / NS_PER_MS) <= 1, name
    assert lines["fill booked"] == lines["order filled"]


def test_the_spans_of_an_order_begin_and_end_as_its_events_say(bench: Bench) -> None:
    bench.sends(100)
    spans, at_ns = bench.spans(), bench.at_ns
    assert spans["order"].began_ns == at_ns["command"]
    assert at_ns["order submitted"] <= spans["gate"].began_ns <= spans["gate"].ended_ns
    assert spans["journal"].began_ns == spans["gate"].ended_ns
    assert spans["journal"].ended_ns == spans["broker"].began_ns == at_ns["order sent"]
    assert spans["broker"].ended_ns == spans["order"].ended_ns == at_ns["order changed working"]
    assert spans["order fill"].ended_ns == at_ns["order filled"]


def test_a_refused_order_has_the_time_of_its_check(bench: Bench) -> None:
    bench.sends(1_000_000)
    spans, at_ns = bench.spans(), bench.at_ns
    assert spans["order"].began_ns == at_ns["command"] <= spans["gate"].began_ns
    assert spans["gate"].ended_ns == spans["order"].ended_ns <= at_ns["order denied"]


def test_a_simulated_market_has_a_time_of_its_own_and_the_log_the_machine_s(tmp_path: Path) -> None:
    began_ns = SystemClock().now_ns()
    with in_market_time(tmp_path) as rooms:
        observation = Observation(rooms, FrameBuilder(rooms))
        assert rooms.orders.submit(buying(rooms, 10).request)
        passes(rooms, 0.1)
        observation.end()
        told = (rooms.folders.logs / NAME).read_text(encoding="utf-8").splitlines()
    times = [datetime.fromisoformat(json.loads(line)["at"]).timestamp() for line in told]
    assert len(times) == 7
    assert all(began_ns / NS_PER_S - 1 < each < SystemClock().now_ns() / NS_PER_S + 1 for each in times)
