"""Where a gateway listens, and when it may be opened and closed."""

from __future__ import annotations

import asyncio
import http.client
import os
import socket
import stat
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.clock import SystemClock
from engine.config import CredentialSettings
from engine.engine import Engine
from engine.errors import ConfigError
from engine.gateway import standing
from engine.gateway.listening import Address, address_in, bound
from engine.gateway.names import Names
from engine.gateway.pages import Pages
from engine.gateway.refusals import Refused
from engine.gateway.server import names_of
from engine.gateway.standing import REFUSED_MAX, Standing
from engine.messages.views import HealthState
from engine.observe.logs import EventLog
from engine.security.operators.roles import Role
from engine.security.signing import load_or_make_signing_keys, rotate_signing_keys
from engine.security.signing_ring import SigningRing
from engine.security.vault.key_file import KeyFile
from engine.serving import Serving, _write
from engine.settings.gateway import GatewaySettings
from terminal.shell.line_reader import read_order_line
from tests.engine_rooms import composed
from tests.unit.engine.gateway_bench import GatewayBench, served_home
from tests.waiting import wait_until


@pytest.mark.parametrize(
    "listen", ["", "8730", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", "unix:relative"]
)
def test_what_is_no_address_is_refused(listen: str) -> None:
    with pytest.raises(ConfigError, match="expected an address"):
        address_in(GatewaySettings(listen=listen))


@pytest.mark.parametrize("listen", ["0.0.0.0:8730", "192.168.1.5:8730", "desk.example:8730", "[::]:8730"])
def test_other_machines_are_answered_with_a_certificate_alone(listen: str) -> None:
    with pytest.raises(ConfigError, match="takes a certificate"):
        address_in(GatewaySettings(listen=listen))
    assert address_in(GatewaySettings(listen=listen, certificate_file="desk.pem")).port == 8730


def test_this_machine_is_known_by_each_of_its_names() -> None:
    for listen in ("127.0.0.1:0", "127.9.9.9:0", "localhost:0", "[::1]:0", "unix:/run/desk/gateway"):
        assert address_in(GatewaySettings(listen=listen)).is_here


def test_the_names_are_those_of_this_machine_its_address_and_the_settings() -> None:
    names = Names(names_of(Address("0.0.0.0", 443), ["Desk.Example"]), 443, "https")  # not bound
    for host in (b"desk.example", b"DESK.example:443", b"localhost:443", b"127.0.0.1"):
        names.check([(b"host", host)])
    for headers in (
        [(b"host", b"0.0.0.0:443")],
        [(b"host", b"desk.example:80")],
        [],
        [(b"host", b"localhost")] * 2,
    ):
        with pytest.raises(Refused):
            names.check(headers)


@pytest.mark.parametrize(
    "origin", ["*", "null", "https://", "https://*.page.example", "page.example", "file://x"]
)
def test_an_origin_that_is_none_or_stands_for_all_is_refused_at_the_start(origin: str) -> None:
    with pytest.raises(ConfigError, match="expected origins"):
        Pages([origin])


def test_a_port_that_is_taken_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ConfigError, match="in use"):
        bound(Address("127.0.0.1", taken.getsockname()[1]))


def test_a_socket_is_its_owners_alone_and_what_a_dead_process_left_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "own" / "gateway"
    for _ in range(2):
        with bound(Address("", 0, str(path))):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
            with pytest.raises(ConfigError, match="somebody listens"):
                bound(Address("", 0, str(path)))
    path.unlink()
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match="found something else"):
        bound(Address("", 0, str(path)))
    path.parent.chmod(0o755)
    with pytest.raises(ConfigError, match="owner alone"):
        bound(Address("", 0, str(path)))


def test_a_socket_is_answered_like_a_port_and_the_health_board_has_a_row_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, where = served_home(tmp_path), tmp_path / "own" / "gateway"
    with composed(tmp_path) as rooms:
        settings = replace(
            rooms.settings,
            gateway=GatewaySettings(listen=f"unix:{where}"),
            credentials=CredentialSettings(key_file=str(tmp_path / "keys.toml")),
        )
        serving, engine = Serving(settings, rooms.folders, read_order_line), Engine(rooms)
        serving.close()
        engine.start()
        try:
            assert serving.open(engine) == f"unix:{where}"
            wait_until(lambda: "gateway" in rooms.health.readings())
            server = serving._server
            assert server is not None
            server.where = "unix:0"
            token = GatewayBench(rooms, engine, server, keys).token(Role.VIEWER)
            assert _asked(where, token) == 200
            wait_until(lambda: not server.parts.revocations.is_blind)
            row = Standing(server, server.parts).read()
            assert (row.state, row.detail) == (HealthState.OK, "unix:0")
            server.failures["feed"] = "stopped by a fault"
            assert Standing(server, server.parts).read().state is HealthState.DEGRADED
            server.failures.clear()
            server.parts.limiter.refused = REFUSED_MAX
            assert Standing(server, server.parts).read().state is HealthState.OK
            server.parts.limiter.refused += 1
            assert "asked too often: 101 requests" in Standing(server, server.parts).read().detail
            monkeypatch.setattr(standing, "CONNECTIONS_MAX", server.connections)
            assert "one that waits is hung up on" in Standing(server, server.parts).read().detail
        finally:
            serving.close()
            serving.close()
            engine.stop()
        assert not where.exists()
        assert not server.is_running
        assert Standing(server, server.parts).read().state is HealthState.DOWN


def _asked(where: Path, token: str) -> int:
    connection = http.client.HTTPConnection("localhost", timeout=20)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(os.fspath(where))
    try:
        connection.request("GET", "/v1/account", headers={"Authorization": f"Bearer {token}"})
        return connection.getresponse().status
    finally:
        connection.close()


def test_a_key_that_is_replaced_meanwhile_signs_from_the_next_look_on(tmp_path: Path) -> None:
    place = KeyFile(tmp_path / "keys")
    assert SigningRing.of(place) is None
    first, _ = load_or_make_signing_keys(place)
    ring = SigningRing.of(place)
    assert ring is not None
    after = rotate_signing_keys(place, SystemClock(), at_once=True)
    assert ring.keys().current == first.current
    asyncio.run(ring.look())
    assert ring.keys().current == after.current
    place.set("signing-keys", b"damaged")
    asyncio.run(ring.look())
    assert (ring.keys().current, ring.failures) == (after.current, 1)


def test_an_end_right_after_the_start_loses_nothing_of_the_log(tmp_path: Path) -> None:
    log = EventLog(tmp_path, SystemClock().now_ns, "gateway.log")
    log.note("info", "asked")

    async def begun_and_ended() -> None:
        writing = asyncio.create_task(_write(log))
        await asyncio.sleep(0)
        writing.cancel()
        await asyncio.wait([writing])

    asyncio.run(begun_and_ended())
    assert '"event": "asked"' in (tmp_path / "gateway.log").read_text(encoding="utf-8")
