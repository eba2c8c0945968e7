"""A gateway of HTTPS: what it speaks, how its certificate is exchanged beneath it, and the plain HTTP beside it."""

from __future__ import annotations

import http.client
import random
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.errors import ConfigError
from engine.gateway.encryption import encryption_of
from engine.gateway.listening import address_in
from engine.messages.events import AlertRaised
from engine.messages.views import HealthState
from engine.settings.gateway import GatewaySettings
from tests.tls_pair import Pair
from tests.tls_scan import accepted_ciphers, accepted_versions, lax
from tests.unit.engine.gateway_bench import GatewayBench, served
from tests.waiting import wait_until


class Encrypted:
    """A gateway of HTTPS, with the files of its certificate."""

    def __init__(self, bench: GatewayBench, pair: Pair, redirect_port: int) -> None:
        self.bench, self.pair, self.redirect_port = bench, pair, redirect_port

    def renew(self) -> bytes:
        """Put another certificate in the place of the one that is there; return it."""
        self.pair.make(now_ns=SystemClock().now_ns())
        return ssl.PEM_cert_to_DER_cert(self.pair.path.read_text())

    def link(self) -> ssl.SSLSocket:
        """Return a connection of a client that trusts what is in the file."""
        context = ssl.create_default_context(cafile=str(self.pair.path))
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        plain = socket.create_connection(("127.0.0.1", self.bench.port), timeout=20)
        return context.wrap_socket(plain, server_hostname="localhost")

    def asked(self, link: socket.socket, path: str = "/v1/health") -> Mapping[str, str]:
        """Ask over a connection, which stays open; return the headers of the answer."""
        link.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost:{self.bench.port}\r\n\r\n".encode())
        answer = http.client.HTTPResponse(link)
        answer.begin()
        answer.read()
        assert answer.status == 200
        return {name.lower(): value for name, value in answer.getheaders()}


def quiet_port() -> int:
    """Return a port that nobody listens at, and below those that connections are given by themselves."""
    while True:
        port = random.randrange(20_000, 32_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Encrypted]:
    """Run one gateway of HTTPS for all of these."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.security.tls.expiry.LOOK_S", 0.05)
        root = tmp_path_factory.mktemp("gateway")
        pair = Pair(root)
        pair.make(now_ns=SystemClock().now_ns())
        redirect_port = quiet_port()
        settings = GatewaySettings(
            listen="127.0.0.1:0",
            certificate_file=str(pair.path),
            key_file=str(pair.key_path),
            redirect_port=redirect_port,
        )
        with served(root / "home", settings) as bench:
            yield Encrypted(bench, pair, redirect_port)


def test_nothing_old_and_nothing_weak_is_spoken(encrypted: Encrypted) -> None:
    assert accepted_versions(encrypted.bench.port) == {"TLSv1_2", "TLSv1_3"}
    assert accepted_ciphers(encrypted.bench.port) == {
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-CHACHA20-POLY1305",
    }


def test_the_scan_finds_what_a_lax_listener_speaks(encrypted: Encrypted) -> None:
    context = lax()
    context.load_cert_chain(encrypted.pair.path, encrypted.pair.key_path)
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        thread = threading.Thread(target=_greet, args=(listener, context))
        thread.start()
        port = listener.getsockname()[1]
        assert {"TLSv1", "TLSv1_1"} <= accepted_versions(port)
        assert {"ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-NULL-SHA"} <= accepted_ciphers(port)
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def _greet(listener: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            link, _ = listener.accept()
        except OSError:
            return
        try:
            context.wrap_socket(link, server_side=True).close()
        except OSError:
            link.close()


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01\x02\x00\x01"], ids=["nothing", "half a greeting"])
def test_who_does_not_greet_in_time_is_hung_up_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    monkeypatch.setattr("engine.gateway.accepting.GREETING_S", 0.1)
    pair = Pair(tmp_path)
    pair.make(now_ns=SystemClock().now_ns())
    settings = GatewaySettings(
        listen="127.0.0.1:0", certificate_file=str(pair.path), key_file=str(pair.key_path)
    )
    with (
        served(tmp_path / "home", settings) as bench,
        socket.create_connection(("127.0.0.1", bench.port), timeout=20) as link,
    ):
        link.sendall(said)
        assert link.recv(1) == b""


def test_a_session_is_not_resumed_and_plain_http_gets_nothing(encrypted: Encrypted) -> None:
    with encrypted.link() as link:
        encrypted.asked(link)
        assert link.version() == "TLSv1.3"
        assert link.compression() is None
        assert link.session is None or not link.session.has_ticket
    with socket.create_connection(("127.0.0.1", encrypted.bench.port), timeout=20) as plain:
        plain.sendall(b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"HTTP" not in plain.recv(1024)


def test_a_renewed_certificate_is_shown_and_who_is_connected_stays(encrypted: Encrypted) -> None:
    told: list[str] = []
    encrypted.bench.rooms.bus.subscribe(AlertRaised, lambda alert: told.append(alert.text))
    with encrypted.link() as before:
        encrypted.asked(before)
        for _ in range(2):
            renewed = encrypted.renew()
            wait_until(lambda renewed=renewed: _shown(encrypted.bench.port) == renewed)  # type: ignore[misc]
        encrypted.asked(before)
        with encrypted.link() as after:
            assert after.getpeercert(binary_form=True) == renewed
            encrypted.asked(after)
    wait_until(lambda: len([text for text in told if "another certificate is shown" in text]) == 2)


def _shown(port: int) -> bytes:
    return ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", port), timeout=20))


def test_the_health_pane_has_a_row_for_it(encrypted: Encrypted) -> None:
    health = encrypted.bench.rooms.health
    wait_until(lambda: health.has("certificate"))
    wait_until(lambda: health.reading("certificate").state is HealthState.OK)
    reading = health.reading("certificate")
    assert (reading.value, reading.number) == ("89 days left", 89)
    assert reading.detail == "development · localhost, 127.0.0.1, ::1"


def test_plain_http_beside_it_leads_to_it(encrypted: Encrypted) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", encrypted.redirect_port, timeout=20)
    connection.request("GET", "/v1/health")
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (
        308,
        f"https://127.0.0.1:{encrypted.bench.port}/v1/health",
    )
    connection.close()


def test_a_browser_is_told_to_come_encrypted_only_where_the_name_is_nobody_else_s(
    encrypted: Encrypted, tmp_path: Path
) -> None:
    with encrypted.link() as link:
        assert "strict-transport-security" not in encrypted.asked(link)
    pair = Pair(tmp_path)
    pair.make(now_ns=SystemClock().now_ns())
    settings = GatewaySettings(certificate_file=str(pair.path), key_file=str(pair.key_path))
    found = encryption_of(settings, SystemClock())
    assert found is not None
    assert found.always == {}
    pair.authorised(now_ns=SystemClock().now_ns())
    assert found.certificate.look()
    assert found.always == {"Strict-Transport-Security": "max-age=31536000"}


@pytest.mark.parametrize(
    "said",
    [b"GET /nowhere HTTP/1.1\r\nConnection: close\r\n", b"no request\r\n"],
    ids=["a request", "no request"],
)
def test_each_answer_says_so_also_to_what_is_no_request(tmp_path: Path, said: bytes) -> None:
    pair = Pair(tmp_path)
    pair.authorised("localhost", now_ns=SystemClock().now_ns())
    settings = GatewaySettings(
        listen="127.0.0.1:0", certificate_file=str(pair.path), key_file=str(pair.key_path)
    )
    with served(tmp_path / "home", settings) as bench, Encrypted(bench, pair, 0).link() as link:
        link.sendall(said + b"\r\n")
        head = b"".join(iter(lambda: link.recv(65_536), b"")).lower()
    assert head.startswith(b"http/1.1 4")
    assert b"strict-transport-security: max-age=31536000\r\n" in head


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"certificate_file": "a"}, "one goes with the other"),
        ({"key_file": "a"}, "one goes with the other"),
        ({"certificate_file": "none", "key_file": "none"}, "there is no such certificate"),
        ({"redirect_port": 80}, "gateway.redirect_port: it leads to HTTPS"),
        ({"redirect_port": 80, "listen": "unix:/x"}, "gateway.listen is a Unix socket"),
    ],
)
def test_settings_that_do_not_go_together_are_a_sentence(settings: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        encryption_of(GatewaySettings(**settings), SystemClock())  # type: ignore[arg-type]


@pytest.mark.parametrize("listen", ["0.0.0.0:8730", "[::]:8730", "192.0.2.7:8730", "desk.example:8730"])
def test_other_machines_reach_it_encrypted_or_not_at_all(listen: str) -> None:
    with pytest.raises(ConfigError, match=r"takes a certificate: .* touchline cert makes one"):
        address_in(GatewaySettings(listen=listen))
    assert not address_in(GatewaySettings(listen=listen, certificate_file="a")).is_here
