"""Calls to venues and to Redis as spans: what is asked, what was answered, and which order it was about."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from msgspec.structs import replace
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from engine.clock import SystemClock
from engine.desk.redis_firm import RedisFirm
from engine.desk.redis_link import RedisLink, RedisUnusable
from engine.desk.redis_script import Script
from engine.errors import RejectedError
from engine.messages.circuits import Operation
from engine.messages.commands import TradingState
from engine.messages.firm import FirmState
from engine.model.order import OrderStatus
from engine.model.trace_context import read_traceparent
from engine.model.trade import Side
from engine.observe.tracing import Tracing
from engine.ports.tracing import Kind
from engine.settings.redis import RedisSettings
from engine.settings.traces import TracesSettings
from engine.transport.breaker import Breaker
from engine.transport.http import HttpReader
from engine.transport.once import HttpOnce
from tests.contract.test_shared_kill_switch import KEY as SWITCH
from tests.contract.test_shared_kill_switch import Desk, Meeting
from tests.otlp_receiver import receiving, values
from tests.redis_server import CREDENTIAL, RedisServer, free_port, needs_redis
from tests.unit.engine.test_alpaca_engine import COIN, desk_at
from tests.venue_accounts import at_alpaca, folders_in
from tests.venues.alpaca.venue import AlpacaVenue


class Heard:
    """An address that answers everything, and keeps what it was told."""

    def __init__(self) -> None:
        self.traceparents: list[str | None] = []
        self.url = ""


@pytest.fixture
def heard() -> Iterator[Heard]:
    told = Heard()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.traceparents.append(self.headers["traceparent"])
            self.rfile.read(int(self.headers["Content-Length"] or 0))
            self.send_response(404 if self.path.startswith("/none") else 200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ask(url: str, tracing: Tracing, *, path: str = "/v1/orders") -> None:
    """Send one request that changes something, and read once."""

    async def play() -> None:
        circuit = Breaker("venue", Operation.SUBMIT, SystemClock())
        circuit.tracer = tracing
        once, reader = HttpOnce(url, circuit), HttpReader(url, circuit)
        try:
            await once.send("POST", path, b"{}", {"signature": "abc"}, about="order-1")
            await reader.get(path, {"signature": "abc"})
        finally:
            await once.close()
            await reader.close()

    asyncio.run(play())


def test_a_call_is_a_part_of_the_order_it_is_about_and_tells_no_venue(heard: Heard) -> None:
    tracing = Tracing(SystemClock())
    tracing.orders.know("order-1", "order-1")
    order = tracing.of_order("order-1")
    ask(heard.url, tracing)
    sent, read = tracing.take(9)
    assert (sent.parent, sent.kind, sent.name) == (order, Kind.CLIENT, "venue submit")
    assert (sent.attributes["http.request.method"], read.attributes["http.request.method"]) == ("POST", "GET")
    assert (sent.attributes["url.path"], sent.attributes["http.response.status_code"]) == ("/v1/orders", 200)
    assert "abc" not in str((sent, read))
    assert heard.traceparents == [None, None]


def test_a_venue_is_told_of_the_trace_where_the_settings_say_so(heard: Heard) -> None:
    tracing = Tracing(SystemClock(), tells_venues=True)
    ask(heard.url, tracing)
    spans = tracing.take(9)
    assert [read_traceparent(each or "") for each in heard.traceparents] == [span.context for span in spans]


def test_a_call_that_is_refused_says_so(heard: Heard) -> None:
    tracing = Tracing(SystemClock())
    with pytest.raises(RejectedError):
        ask(heard.url, tracing, path="/none")
    sent, read = tracing.take(9)
    assert (sent.failure, sent.attributes["http.response.status_code"]) == ("", 404)
    assert read.failure.startswith("RefusedAnswer: /none")


def test_an_order_at_a_venue_is_one_trace_from_the_gate_to_the_fill(tmp_path: Path) -> None:
    folders = folders_in(tmp_path)
    with receiving() as receiver, AlpacaVenue() as venue:
        venue.do(lambda: venue.floor.quote("BTC/USD", "60999", "61001", "5", "5"))
        settings = replace(at_alpaca(venue, folders), traces=TracesSettings(endpoint=receiver.endpoint))
        with desk_at(venue, folders, settings) as desk:
            client_id = desk.send(Side.BUY, COIN // 2, 61_002)
            desk.becomes(client_id, OrderStatus.FILLED)
            order, call, fill = receiver.wait_for("order", "alpaca submit", "order fill")
    assert (call.parent_span_id, fill.parent_span_id) == (order.span_id, order.span_id)
    assert {call.trace_id, fill.trace_id} == {order.trace_id}
    assert values(call.attributes)["touchline.client_id"] == client_id
    assert values(order.attributes)["touchline.correlation"] == client_id
    assert (call.kind, values(call.attributes)["url.path"]) == (Span.SPAN_KIND_CLIENT, "/v2/orders")
    assert order.start_time_unix_nano <= call.start_time_unix_nano


@needs_redis
def test_a_question_to_redis_is_a_span_and_so_is_one_without_an_answer(tmp_path: Path) -> None:
    tracing = Tracing(SystemClock())

    async def play(settings: RedisSettings) -> None:
        link = RedisLink(settings, CREDENTIAL, SystemClock())
        link.tracer = tracing
        try:
            await link.call("SET", "desk:a", "secret")
        finally:
            await link.close()

    with RedisServer(tmp_path) as server:
        asyncio.run(play(server.settings))
    with pytest.raises(RedisUnusable):
        asyncio.run(play(RedisSettings(address=f"tcp:127.0.0.1:{free_port()}")))
    answered, lost = tracing.take(9)
    assert (answered.name, answered.attributes["db.system.name"]) == ("redis SET", "redis")
    assert answered.failure == ""
    assert lost.failure.startswith("RedisUnusable: redis")
    assert "secret" not in str(answered)


@needs_redis
def test_a_look_that_found_nothing_has_no_trace_of_its_own_but_a_part_in_another(tmp_path: Path) -> None:
    tracing = Tracing(SystemClock())

    async def play(settings: RedisSettings) -> None:
        link = RedisLink(settings, CREDENTIAL, SystemClock())
        link.tracer = tracing
        look = Script("return redis.call('LRANGE', KEYS[1], 0, -1)")
        try:
            assert await link.run(look, ["desk:told"], [], is_quiet=_is_empty) == []
            assert not tracing.take(9)
            with tracing.span("asked for"):
                await link.run(look, ["desk:told"], [], is_quiet=_is_empty)
            await link.call("RPUSH", "desk:told", "something")
            await link.run(look, ["desk:told"], [], is_quiet=_is_empty)
        finally:
            await link.close()

    with RedisServer(tmp_path) as server:
        asyncio.run(play(server.settings))
    names = [span.name for span in tracing.take(9)]
    assert names == ["redis EVALSHA", "asked for", "redis RPUSH", "redis EVALSHA"]


def _is_empty(answer: list[str]) -> bool:
    return not answer


@needs_redis
def test_looks_at_the_switch_of_every_desk_have_a_trace_only_when_it_changed(tmp_path: Path) -> None:
    tracing = Tracing(SystemClock())
    halted = FirmState(1, TradingState.HALTED, "by ann at a: enough", "ann at a")

    async def play(settings: RedisSettings) -> None:
        link = RedisLink(settings, CREDENTIAL, SystemClock())
        link.tracer = tracing
        firm = RedisFirm(link, SystemClock().now_ns)
        try:
            for _ in range(3):
                assert await firm.switch(halted) == halted
        finally:
            await link.close()

    with RedisServer(tmp_path) as server:
        asyncio.run(play(server.settings))
    assert [span.name for span in tracing.take(9)] == ["redis EVALSHA"]


@needs_redis
@pytest.mark.parametrize("is_spoilt", [False, True], ids=["as it was said", "spoilt by others"])
def test_a_halt_of_every_desk_goes_through_redis_with_its_trace(tmp_path: Path, *, is_spoilt: bool) -> None:
    with RedisServer(tmp_path) as server:
        meeting = Meeting(server.settings)
        try:
            ann, bob = Desk(meeting, "tower"), Desk(meeting, "bridge")
            here, there = Tracing(SystemClock()), Tracing(SystemClock())
            ann.switch.tracer, bob.switch.tracer = here, there
            with here.span("request") as request:
                ann.switch.say(TradingState.HALTED, "bad fills", correlation="key-1")
            ann.looks()
            if is_spoilt:
                with server.own() as own:
                    said = str(own.hget(SWITCH, "said")).replace('"traceparent":"00-', '"traceparent":"ff-')
                    own.hset(SWITCH, "said", said)
            bob.looks()
        finally:
            meeting.ends()
    said_span = next(span for span in here.take(9) if span.kind is Kind.PRODUCER)
    (heard_span,) = there.take(9)
    assert said_span.parent == request.context
    assert (heard_span.kind, heard_span.name) == (Kind.CONSUMER, "every desk halted")
    assert heard_span.attributes == {"touchline.desk": "bridge", "touchline.correlation": "key-1"}
    assert heard_span.parent == (None if is_spoilt else said_span.context)
    assert bob.state is TradingState.HALTED
