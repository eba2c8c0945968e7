"""Who only takes up room at the gateway keeps nobody else out, and takes no more of it than there is."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.gateway import accepting
from engine.gateway.crowd import Crowd
from engine.security.operators.roles import Role
from engine.settings.gateway import GatewaySettings
from tests.tls_pair import Pair
from tests.unit.engine.gateway_bench import GatewayBench, served
from tests.waiting import wait_until

ROOM = 8
HALF_A_HEAD = b"GET /v1/health HTTP/1.1\r\nHost: "


def test_of_the_address_that_has_most_the_one_that_waits_longest_goes() -> None:
    crowd, gone = Crowd(), list[str]()
    for who, address in (("guest", "a"), ("first", "b"), ("second", "b"), ("third", "b")):
        crowd.wait(who, address, lambda who=who: gone.append(who))  # type: ignore[misc]  # mypy infers no type for its default
    crowd.wait("first", "b", lambda: None)
    assert crowd.make_room()
    assert crowd.make_room()
    assert gone == ["first", "second"], "to wait again is to go on waiting"
    crowd.leave("third", "b")
    crowd.leave("nobody", "c")
    assert crowd.make_room()
    assert gone[-1] == "guest"
    assert not crowd.make_room(), "nobody waits"
    assert (len(crowd), crowd.hung_up, crowd.leaving) == (0, 3, 3)
    crowd.wait("first", "b", lambda: None)
    assert not crowd.make_room(), "who was hung up on does not wait again"
    crowd.end("first", "b")
    crowd.wait("first", "b", lambda: None)
    assert (len(crowd), crowd.leaving) == (1, 2)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayBench]:
    with pytest.MonkeyPatch.context() as small, served(tmp_path_factory.mktemp("gateway")) as bench:
        small.setattr(accepting, "CONNECTIONS_MAX", ROOM)
        yield bench


@contextmanager
def crowding(port: int, count: int, said: bytes = HALF_A_HEAD) -> Iterator[list[socket.socket]]:
    """Hold so many connections on which nothing more comes."""
    with ExitStack() as stack:
        links = []
        for _ in range(count):
            link = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
            link.sendall(said)
            links.append(link)
        yield links


@pytest.mark.parametrize("said", [b"", HALF_A_HEAD], ids=["nothing", "half a head"])
def test_who_asks_is_answered_while_the_silent_hold_all_the_room(gateway: GatewayBench, said: bytes) -> None:
    before = gateway.server.crowded_out
    with crowding(gateway.port, 3 * ROOM, said) as silent:
        for _ in range(3):
            assert gateway.ask("GET", "/v1/account", role=Role.VIEWER).status == 200
        assert silent[0].recv(1) == b"", "who waited longest was hung up on"
        wait_until(lambda: gateway.server.connections <= ROOM)
    assert gateway.server.crowded_out - before >= 2 * ROOM


def test_who_is_served_stays_while_others_come(gateway: GatewayBench) -> None:
    token, body = gateway.token(Role.RISK, "rita"), b'{"reason": "drill"}'
    head = (
        f"POST /v1/halt HTTP/1.1\r\nHost: localhost:{gateway.port}\r\nAuthorization: Bearer {token}\r\n"
        f"Idempotency-Key: crowd-1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    ).encode()
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as served_one:
        served_one.sendall(head + body[:1])
        wait_until(lambda: gateway.server.connections == 1 and not waiting(gateway))
        with crowding(gateway.port, 3 * ROOM) as silent:
            assert silent[0].recv(1) == b""
            served_one.sendall(body[1:])
            answer = b"".join(iter(lambda: served_one.recv(65_536), b""))
    assert answer.startswith(b"HTTP/1.1 200")


def test_a_connection_that_is_kept_gives_way_only_where_there_is_no_room(gateway: GatewayBench) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=20)) as kept:

        def is_answered() -> bool:
            kept.request("GET", "/v1/health")
            return kept.getresponse().read() == b'{"status":"ok"}'

        assert is_answered()
        wait_until(lambda: gateway.server.connections == 1)
        link = kept.sock
        with crowding(gateway.port, ROOM - 2):
            wait_until(lambda: gateway.server.connections == ROOM - 1)
            assert is_answered()
            assert kept.sock is link
        with crowding(gateway.port, 2 * ROOM):
            assert link.recv(1) == b""


def test_those_who_never_greet_as_tls_does_are_bounded_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is a file of the program that trades: without an end to them its journal could open no other."""
    monkeypatch.setattr(accepting, "CONNECTIONS_MAX", ROOM)
    pair = Pair(tmp_path)
    pair.make(now_ns=SystemClock().now_ns())
    settings = GatewaySettings(
        listen="127.0.0.1:0", certificate_file=str(pair.path), key_file=str(pair.key_path)
    )
    with served(tmp_path / "home", settings) as bench:
        before = open_files()
        with crowding(bench.port, 5 * ROOM, b"") as silent:
            assert silent[0].recv(1) == b""
            wait_until(lambda: bench.server.crowded_out == 4 * ROOM)
            assert open_files() - before - len(silent) <= 2 * ROOM
        wait_until(lambda: bench.server.connections == 0)


def waiting(gateway: GatewayBench) -> int:
    assert gateway.server._server is not None
    return len(gateway.server._server.crowd)


def open_files() -> int:
    return sum(1 for _ in Path("/dev/fd").iterdir())
