"""Spans before they leave: what they are part of, what is left out, and a collector that does not answer."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path

import pytest

from engine.bootstrap import simulated_engine
from engine.clock import NS_PER_S, SimulatedClock
from engine.config import Settings
from engine.engine import Engine
from engine.errors import ConfigError
from engine.folders import Folders
from engine.messages.views import HealthState
from engine.model.account import AccountMode
from engine.observe.order_contexts import OrderContexts
from engine.observe.span_export import SpanExport, check_library
from engine.observe.tracing import Tracing
from engine.pace import Pace
from engine.ports.tracing import OFF, Kind
from engine.settings.traces import TracesSettings
from tests.engine_rooms import buying, composed, passes
from tests.otlp_receiver import receiving
from tests.redis_server import free_port
from tests.waiting import wait_until


@pytest.fixture
def tracing() -> Tracing:
    return Tracing(SimulatedClock(NS_PER_S), spans_max=3)


def export_to(endpoint: str, tracing: Tracing) -> SpanExport:
    return SpanExport(TracesSettings(endpoint=endpoint), tracing, {})


def test_what_happens_within_a_span_is_a_part_of_it(tracing: Tracing) -> None:
    with tracing.span("whole") as whole, tracing.span("part", Kind.CLIENT) as part:
        tracing.note("size", 3)
    assert (part.parent, part.context.trace_id) == (whole.context, whole.context.trace_id)
    assert (part.attributes, whole.parent, tracing.current) == ({"size": 3}, None, None)
    assert [span.name for span in tracing.take(9)] == ["part", "whole"]


def test_a_span_goes_along_into_tasks_and_into_calls_of_another_loop(tracing: Tracing) -> None:
    async def play() -> None:
        found = []

        async def look() -> None:
            found.append(tracing.current)

        with tracing.span("whole") as whole:
            await asyncio.create_task(look())
            loop = asyncio.get_running_loop()
            await asyncio.to_thread(loop.call_soon_threadsafe, lambda: found.append(tracing.current))
            await asyncio.sleep(0)
        assert found == [whole.context, whole.context]

    asyncio.run(play())


def test_what_is_raised_is_the_failure_without_its_secrets(tracing: Tracing) -> None:
    with suppress(ValueError), tracing.span("whole"):
        raise ValueError("refused: Authorization: Bearer abcdefghijklmnopqrstuvwxyz123456")
    (span,) = tracing.take(9)
    assert span.failure.startswith("ValueError: refused")
    assert "abcdefghijklmnop" not in span.failure


def test_what_finds_no_room_is_counted_and_left_out(tracing: Tracing) -> None:
    for _ in range(5):
        with tracing.span("one"):
            pass
    assert (len(tracing.take(9)), tracing.dropped) == (3, 2)


def test_orders_known_by_name_are_bounded(tracing: Tracing) -> None:
    orders = OrderContexts(ContextVar("span", default=None), tracing.within, 2)
    for name in ("a", "b", "c"):
        orders.know(name, name)
    assert orders.context("a") is None
    assert orders.context("c") is not None


def test_orders_of_one_correlation_are_one_trace_and_a_part_of_what_asked(tracing: Tracing) -> None:
    with tracing.span("request") as request:
        tracing.orders.know("entry", "key-1")
    tracing.orders.know("stop", "key-1")
    tracing.orders.know("other", "key-2")
    asked, entry = tracing.orders.order("entry")
    assert asked == request.context
    assert tracing.orders.order("stop")[0] == entry
    assert tracing.orders.order("other")[0] is None
    assert tracing.of_order("entry") == entry


def test_a_collector_that_is_gone_delays_no_order_and_prints_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    gone = TracesSettings(endpoint=f"http://127.0.0.1:{free_port()}")
    with composed(tmp_path, traces=gone) as rooms:
        engine = Engine(rooms)
        engine.start()
        command = buying(rooms, 5, 10_002)
        engine.submit(command)
        try:
            wait_until(lambda: command.request.client_id in rooms.orders.orders)
            wait_until(lambda: rooms.health.readings()["traces"].state is HealthState.DEGRADED)
            wait_until(lambda: "dropped" in rooms.health.readings()["traces"].detail)
        finally:
            engine.stop()
        assert rooms.traces is not None
        assert rooms.traces.export.lost > 0
    wait_until(lambda: not _exporting())
    said = capfd.readouterr()
    assert said.out + said.err == ""


def test_a_collector_that_refuses_is_told_of_and_asked_again(tracing: Tracing) -> None:
    with receiving() as receiver:
        receiver.status = 400
        export = export_to(receiver.endpoint, tracing)
        with tracing.span("refused"):
            pass
        export.start()
        wait_until(lambda: export.lost == 1)
        assert export.reading().state is HealthState.DEGRADED
        receiver.status = 200
        with tracing.span("taken"):
            pass
        wait_until(lambda: export.exported == 1)
        assert export.reading().state is HealthState.OK
        export.stop()
    assert [span.name for span in receiver.spans] == ["taken"]


def test_an_end_sends_what_still_waits(tracing: Tracing) -> None:
    with receiving() as receiver:
        export = export_to(receiver.endpoint, tracing)
        export.start()
        wait_until(lambda: export.reading().state is HealthState.OK)
        with tracing.span("last"):
            pass
        export.stop()
        wait_until(lambda: bool(receiver.named("last")))
    wait_until(lambda: not _exporting())


def test_a_fault_of_what_makes_spans_is_told_and_the_next_batch_leaves(tracing: Tracing) -> None:
    faults = [RuntimeError("no such order")]

    def prepare() -> None:
        if faults:
            raise faults.pop()

    with receiving() as receiver:
        export = export_to(receiver.endpoint, tracing)
        export.prepare = prepare
        export.start()
        wait_until(lambda: export.reading().detail.startswith("RuntimeError: no such order"))
        with tracing.span("after"):
            pass
        wait_until(lambda: export.reading().state is HealthState.OK)
        export.stop()
        assert receiver.named("after")


def test_orders_beyond_the_bounds_are_counted_and_the_others_have_their_spans(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.observe.timed_gate.STEPS_MAX", 9)
    monkeypatch.setattr("engine.observe.order_spans.ORDERS_MAX", 1)
    with composed(tmp_path, traces=TracesSettings(endpoint="http://127.0.0.1:9")) as rooms:
        Engine(rooms)
        assert rooms.traces is not None
        for limit in (9_001, 9_002, 9_003, 9_004):
            assert rooms.orders.submit(buying(rooms, 5, limit).request)
            passes(rooms, 0.1)
        assert rooms.traces.export.dropped > 0
        rooms.traces.export.prepare()
        made = [span.name for span in rooms.traces.tracer.take(99)]
    assert made.count("order") >= 2


def test_off_is_one_attribute_and_nothing_else(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        Engine(rooms)
        assert rooms.tracer is OFF
        assert not rooms.health.has("traces")
        assert rooms.orders._intake._gate is rooms.gate
    with OFF.span("nothing") as span:
        OFF.note("nothing", 1)
        OFF.of_order("none")
    assert (OFF.is_on, OFF.current, span.attributes) == (False, None, {})


def test_a_recording_that_is_played_is_not_traced(tmp_path: Path) -> None:
    traces = TracesSettings(endpoint="http://127.0.0.1:9")
    with composed(tmp_path, mode=AccountMode.REPLAY, traces=traces) as rooms:
        assert rooms.traces is None


@pytest.mark.parametrize(
    "endpoint",
    ["http://collector.example:4318", "127.0.0.1:4318", "https://user:word@collector.example"],
    ids=["not encrypted", "no scheme", "a secret"],
)
def test_an_endpoint_that_will_not_do_is_refused_with_a_sentence(tmp_path: Path, endpoint: str) -> None:
    settings = Settings(traces=TracesSettings(endpoint=endpoint))
    folders = Folders(*(tmp_path / name for name in ("config", "data", "cache", "logs")))
    with pytest.raises(ConfigError, match=r"^traces\.endpoint: expected an address"):
        simulated_engine(settings, folders, seed=1, pace=Pace())


def test_without_the_library_a_start_says_how_to_have_it() -> None:
    with pytest.raises(ConfigError, match=r"pip install 'touchline\[traces\]'"):
        check_library(lambda _: None)
    check_library()


def _exporting() -> bool:
    return any(thread.name == "touchline-traces" for thread in threading.enumerate())
