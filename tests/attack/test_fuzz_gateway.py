"""What programs say to the gateway, bent in a few places, byte by byte: it is answered in our own form, or the connection ends."""

from __future__ import annotations

import asyncio
import http.client
import socket
from collections.abc import Iterator, MutableMapping
from contextlib import closing, suppress
from http.client import HTTPMessage
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.gateway import connection
from engine.gateway.hanging_up import HungUp, heard
from engine.messages.commands import TradingState
from engine.observe.logs import GATEWAY_NAME
from engine.security.audit.entry import Act, AuditBroken, read_entry, sealed
from engine.security.operators.roles import Role
from tests.attack.effort import IS_SAMPLE, effort
from tests.attack.test_fuzz import EDITS, bent
from tests.unit.engine.gateway_bench import GatewayBench, served

Edits = list[tuple[int, int, bytes]]
FUZZED = settings(
    deadline=None, max_examples=effort(60), derandomize=IS_SAMPLE, suppress_health_check=list(HealthCheck)
)
SILENCE_S = 0.2
"""How long an answer is waited for where a bent request may want more of itself."""
REQUESTS = (
    "GET /v1/quotes?symbol=ABC HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n",
    (
        "POST /v1/orders HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: a-1\r\n"
        'Content-Type: application/json\r\nContent-Length: 26\r\n\r\n{{"line": "b 1 ABC 100.0" }}'
    ),
    (
        "POST /v1/halt HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: a-2\r\n"
        'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{{"reason": "a" }}\r\n0\r\n\r\n'
    ),
    (
        "OPTIONS /v1/orders HTTP/1.1\r\nHost: {host}\r\nOrigin: https://page.example\r\n"
        "Access-Control-Request-Method: POST\r\n\r\n"
    ),
    (
        "GET /v1/stream HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ),
)
SAID = (
    '{"type":"subscribe","channel":"quotes","symbols":["ABC"]}',
    '{"type":"authenticate","token":"a.b.c"}',
    '{"type":"ping","id":7}',
)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayBench]:
    root = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch, served(root) as bench:
        patch.setattr(connection, "HEAD_S", SILENCE_S)
        yield bench
        assert not bench.rooms.orders.orders
        assert bench.rooms.halts.everything.state is TradingState.ACTIVE
    log = (root / "logs" / GATEWAY_NAME).read_text(encoding="utf-8")
    assert '"event": "request"' in log
    assert '"event": "fault"' not in log


def answer_to(gateway: GatewayBench, raw: bytes) -> tuple[int, HTTPMessage] | None:
    """Return the status and the headers of what is answered to bytes, None where the connection ends, or nothing comes."""
    with (
        socket.create_connection(("127.0.0.1", gateway.port), timeout=SILENCE_S) as link,
        closing(http.client.HTTPResponse(link)) as answer,
    ):
        try:
            link.sendall(raw)
            answer.begin()
        except (OSError, http.client.HTTPException):
            return None
        return answer.status, answer.headers


def request_of(gateway: GatewayBench, choice: int) -> bytes:
    token = gateway.token(Role.VIEWER, "vic")
    told = REQUESTS[choice].format(host=f"localhost:{gateway.port}", token=token)
    return told.encode()


@pytest.mark.parametrize(
    ("choice", "status"),
    [(0, 200), (1, 403), (2, 403), (3, 204), (4, 101)],
    ids=["quotes", "order", "halt", "page", "stream"],
)
def test_each_request_is_one_before_it_is_bent(gateway: GatewayBench, choice: int, status: int) -> None:
    answer = answer_to(gateway, request_of(gateway, choice))
    assert answer is not None
    assert answer[0] == status


@given(choice=st.integers(0, len(REQUESTS) - 1), edits=EDITS)
@example(choice=0, edits=[(0, 3, b"POST"), (16, 0, b"\x00")])
@FUZZED
def test_a_bent_request_is_answered_in_our_form_or_not_at_all(
    gateway: GatewayBench, choice: int, edits: Edits
) -> None:
    answer = answer_to(gateway, bent(request_of(gateway, choice), edits))
    status, headers = answer or (101, None)
    if headers is not None and status != 101:
        assert status < 500
        assert headers["x-content-type-options"] == "nosniff"
        assert headers.get("content-type", "application/json") == "application/json"


@given(choice=st.integers(0, len(SAID) - 1), edits=EDITS)
@FUZZED
def test_a_bent_message_of_the_stream_is_read_or_ends_it(choice: int, edits: Edits) -> None:
    text = bent(SAID[choice].encode(), edits).decode("utf-8", "replace")

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "websocket.receive", "text": text}

    with suppress(HungUp):
        asyncio.run(heard(receive))


@given(edits=EDITS)
@FUZZED
def test_a_bent_entry_of_the_audit_log_is_never_taken_for_another(edits: Edits) -> None:
    line = sealed(Act(who="ann", what="halt", origin="desk", after="halted"), 7, 1, "0" * 64).line()[:-1]
    changed = bent(line, edits)
    if changed == line:
        assert read_entry(changed, "entry 7").who == "ann"
        return
    with pytest.raises(AuditBroken):
        read_entry(changed, "entry 7")
