"""What every request passes before anything looks at what it asks for."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator

import pytest
from websockets.asyncio.client import connect

from engine.gateway import connection
from engine.gateway.answers import SECURITY_HEADERS
from engine.gateway.bodies import BYTES_MAX, DEPTH_MAX
from engine.gateway.refusals import MEANINGS
from engine.gateway.stream import PATH as STREAM
from engine.security.operators.roles import Role
from tests.unit.engine.gateway_bench import PAGE, GatewayBench, Told, served
from tests.waiting import wait_until

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayBench]:
    with served(tmp_path_factory.mktemp("gateway")) as bench:
        yield bench


def refused(told: Told, code: str) -> None:
    """Hold an answer against the table of refusals."""
    assert (told.status, told.code) == (MEANINGS[told.body["error"]["code"]].status, code)
    assert told.body["error"]["correlation"] == told.headers["x-correlation-id"]


def test_whether_anybody_answers_is_told_to_everybody_and_nothing_else(gateway: GatewayBench) -> None:
    told = gateway.ask("GET", "/v1/health")
    assert (told.status, told.body) == (200, {"status": "ok"})


def test_every_answer_has_the_headers_that_guard_it(gateway: GatewayBench) -> None:
    answers = [
        gateway.ask("GET", "/v1/health"),
        gateway.ask("GET", "/nothing"),
        gateway.ask("PUT", "/v1/health"),
        gateway.ask("GET", "/v1/health", headers={"Host": "evil.example"}),
        gateway.ask("POST", "/v1/sign-in", b"no json"),
        gateway.ask("POST", "/v1/sign-out"),
    ]
    assert [told.status for told in answers] == [200, 404, 405, 421, 415, 401]
    for told in answers:
        assert {name: told.headers.get(name.lower()) for name, _ in SECURITY_HEADERS} == dict(
            SECURITY_HEADERS
        )
        assert "server" not in told.headers
    assert answers[-1].headers["www-authenticate"] == "Bearer"
    assert answers[2].headers["allow"] == "GET"


def test_what_is_no_http_is_answered_in_the_same_form(gateway: GatewayBench) -> None:
    head, _, body = gateway.say(b"this is no request\r\n\r\n").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert b"X-Frame-Options: DENY" in head
    assert b'"code":"bad_request"' in body


@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("POST", ""),
        ("GET", "Sec-WebSocket-Version: 8"),
        ("GET", "Sec-WebSocket-Key: xx"),
        ("GET", "Content-Length: 5"),
        ("GET", "Transfer-Encoding: chunked"),
    ],
)
def test_a_stream_that_is_not_opened_as_it_has_to_be_is_refused_in_the_same_form(
    gateway: GatewayBench, method: str, more: str
) -> None:
    lines = (
        f"{method} {STREAM} HTTP/1.1\r\nHost: localhost:{gateway.port}\r\nUpgrade: websocket",
        "Connection: Upgrade, close\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13",
        *filter(None, [more]),
    )
    head, _, body = gateway.say(("\r\n".join(lines) + "\r\n\r\n").encode()).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 404")
    assert b"x-frame-options: DENY" in head
    assert b'"code":"not_found"' in body


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", ""])
def test_another_name_than_ours_is_refused_before_anything_is_looked_at(
    gateway: GatewayBench, host: str
) -> None:
    refused(gateway.ask("GET", "/v1/health", headers={"Host": host}), "host")


def test_each_name_of_this_machine_is_ours(gateway: GatewayBench) -> None:
    for name in ("127.0.0.1", "localhost", "LOCALHOST", "[::1]"):
        assert gateway.ask("GET", "/v1/health", headers={"Host": f"{name}:{gateway.port}"}).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": f"{PAGE}.evil.example"},
        {"Origin": PAGE.replace("https", "http")},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_page_that_is_not_listed_gets_nothing(gateway: GatewayBench, headers: dict[str, str]) -> None:
    told = gateway.ask("GET", "/v1/health", headers=headers)
    refused(told, "origin")
    assert "access-control-allow-origin" not in told.headers


def test_a_listed_page_is_told_that_it_may_ask(gateway: GatewayBench) -> None:
    asked = {"Origin": PAGE, "Access-Control-Request-Method": "POST", "Sec-Fetch-Site": "cross-site"}
    told = gateway.ask("OPTIONS", "/v1/sign-in", headers=asked)
    assert told.status == 204
    assert told.headers["access-control-allow-origin"] == PAGE
    assert "Idempotency-Key" in told.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in told.headers
    told = gateway.ask("GET", "/v1/health", headers={"Origin": PAGE})
    assert (told.status, told.headers["access-control-allow-origin"]) == (200, PAGE)
    assert told.headers["vary"] == "Origin"


def test_a_body_is_held_to_its_size_its_depth_and_its_kind(gateway: GatewayBench) -> None:
    def sent(body: bytes, headers: dict[str, str] = JSON) -> Told:
        return gateway.ask(
            "POST", "/v1/refresh", body, headers={**headers, "Host": f"localhost:{gateway.port}"}
        )

    deep = b"[" * (DEPTH_MAX + 1) + b"]" * (DEPTH_MAX + 1)
    refused(sent(b'{"refresh": "%s"}' % (b"x" * BYTES_MAX)), "body_too_large")
    refused(sent(b'{"refresh": %s}' % deep), "body_invalid")
    refused(sent(b"{}", {"Content-Type": "text/plain"}), "content_type")
    refused(sent(b'{"refresh": 1}'), "body_invalid")


@pytest.mark.parametrize(
    "name", ["Authorization", "Idempotency-Key", "Content-Type", "Origin", "Sec-Fetch-Site"]
)
def test_a_header_that_says_one_thing_is_refused_when_it_comes_twice(
    gateway: GatewayBench, name: str
) -> None:
    """What is between us and who asks may read the other one."""
    good = {
        "Authorization": f"Bearer {gateway.token(Role.RISK, 'rita')}",
        "Idempotency-Key": "twice-1",
        "Content-Type": "application/json",
        "Origin": PAGE,
        "Sec-Fetch-Site": "none",
        "Accept": "a",
    }
    lines = [f"{key}: {value}" for key, value in good.items()]
    head = [f"POST /v1/cancel-all HTTP/1.1\r\nHost: localhost:{gateway.port}", "Content-Length: 2", *lines]

    def told(*more: str) -> bytes:
        return gateway.say(("\r\n".join([*head, *more, "Connection: close"]) + "\r\n\r\n{}").encode())

    assert b'"code":"bad_request"' in told(f"{name}: {good[name]}")
    assert told("Accept: b").startswith(b"HTTP/1.1 200")


def test_a_name_for_the_request_is_kept_and_one_that_could_do_harm_is_not(gateway: GatewayBench) -> None:
    told = gateway.ask("GET", "/nothing", headers={"X-Correlation-ID": "order-7"})
    assert told.headers["x-correlation-id"] == told.body["error"]["correlation"] == "order-7"
    told = gateway.ask("GET", "/nothing", headers={"X-Correlation-ID": "<script>"})
    assert "<" not in told.headers["x-correlation-id"]


def test_a_request_that_does_not_come_to_its_end_is_hung_up_on(
    gateway: GatewayBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HEAD_S", 0.1)
    assert gateway.say(b"GET /v1/health HTTP/1.1\r\nHost: ") == b""


def test_an_answer_that_nobody_takes_is_given_up(
    gateway: GatewayBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many requests on one connection whose answers nobody reads: the buffers of both sides fill, and it is cut."""
    monkeypatch.setattr(connection, "TAKING_S", 0.2)
    request = b"GET /v1/openapi.json HTTP/1.1\r\nHost: localhost:%d\r\n\r\n" % gateway.port
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as caller:
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        caller.sendall(request)
        wait_until(lambda: gateway.server.connections == 1)
        caller.sendall(request * 120)
        wait_until(lambda: gateway.server.connections == 0)
    assert gateway.ask("GET", "/v1/health").status == 200


def test_a_body_of_which_nobody_reads_the_rest_ends_its_connection(gateway: GatewayBench) -> None:
    head = b"POST /v1/sign-out HTTP/1.1\r\nHost: localhost:%d\r\nContent-Length: 1000000\r\n\r\n"
    answer = gateway.say(head % gateway.port)
    assert answer.startswith(b"HTTP/1.1 401")
    assert b"connection: close" in answer.lower()


def test_who_has_no_token_that_stands_gets_no_further(gateway: GatewayBench) -> None:
    for authorization in ("", "Basic YTpi", "Bearer ", "Bearer a.b.c", f"Bearer {gateway.token()}x"):
        refused(gateway.ask("POST", "/v1/sign-out", headers={"Authorization": authorization}), "token")


def test_how_the_limits_stand_is_in_the_answer(gateway: GatewayBench) -> None:
    told = gateway.ask("POST", "/v1/sign-out", role=Role.VIEWER, name="lin")
    assert told.status == 204
    assert told.headers["ratelimit-policy"] == '"auth";q=10;w=60, "auth-all";q=120;w=60'
    assert told.headers["ratelimit"].startswith('"auth";r=4;')
    answers = [gateway.ask("POST", "/v1/sign-out", role=Role.VIEWER, name="lin") for _ in range(5)]
    assert [each.status for each in answers] == [204, 204, 204, 204, 429]
    refused(answers[-1], "rate")
    assert int(answers[-1].headers["retry-after"]) > 0


def test_the_gateway_that_is_served_has_the_stream(gateway: GatewayBench) -> None:
    async def talk() -> None:
        headers = {"Authorization": f"Bearer {gateway.token(Role.VIEWER, 'vic')}"}
        async with connect(
            gateway.server.where.replace("http", "ws", 1) + STREAM, additional_headers=headers, proxy=None
        ) as stream:
            await stream.send('{"type":"subscribe","channel":"quotes"}')
            kinds = [json.loads(await stream.recv())["type"] for _ in range(3)]
            assert kinds == ["welcome", "subscribed", "quotes"]

    asyncio.run(talk())
