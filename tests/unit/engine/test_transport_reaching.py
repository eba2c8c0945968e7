"""Certificates, names and connections on the way to a venue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.messages.checks import Outcome, Step
from engine.transport import reaching
from engine.transport.checking import walk
from engine.transport.reaching import Place, places_of
from tests.tls_server import TlsServer, certificate


def walked(url: str) -> dict[str, Step]:
    """Walk to an address."""

    async def run() -> dict[str, Step]:
        clock = SystemClock()
        checks = reaching.reaching(places_of({"venues.here.stream_url": url}), clock)
        return {each.name: each async for each in walk(checks, clock)}

    return asyncio.run(run())


def looked_at(path: Path | None, url: Callable[[int], str]) -> dict[str, Step]:
    """Walk to a server with a certificate, or one that ends each connection at once."""
    with TlsServer(path) as server:
        return walked(url(server.port))


def here(scheme: str = "wss") -> Callable[[int], str]:
    return lambda port: f"{scheme}://localhost:{port}/stream"


@pytest.mark.parametrize(
    ("days", "outcome", "left"), [(90.5, Outcome.OK, "90 days left"), (5.5, Outcome.WARNING, "5 days left")]
)
def test_a_certificate_that_is_trusted_tells_whose_it_is_and_how_long_it_lasts(
    days: float, outcome: Outcome, left: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = certificate(tmp_path, "localhost", days)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    step = looked_at(path, here())["tls"]
    assert step.outcome is outcome
    assert "TLSv1." in step.detail
    assert step.detail.endswith(f"certificate by Proofs of Names, {left}")


@pytest.mark.parametrize(
    ("host", "days", "detail", "remedy"),
    [
        ("localhost", -1, "expired", "Look at this machine's date first"),
        ("elsewhere", 90, "ostname", "can't prove to be the venue"),
    ],
    ids=["expired", "another name"],
)
def test_a_certificate_that_proves_nothing_is_told_with_the_reason(
    host: str, days: float, detail: str, remedy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = certificate(tmp_path, host, days)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    step = looked_at(path, here())["tls"]
    assert step.outcome is Outcome.FAILED
    assert detail in step.detail
    assert remedy in step.remedy
    assert step.remedy.endswith("Set by venues.here.stream_url.")


@pytest.mark.parametrize("scheme", ["wss", "https"])
def test_a_certificate_that_nobody_signed_for_is_not_trusted(scheme: str, tmp_path: Path) -> None:
    step = looked_at(certificate(tmp_path, "localhost", 90), here(scheme))["tls"]
    assert step.outcome is Outcome.FAILED
    assert "self-signed certificate" in step.detail
    assert "Don't go on until that is known" in step.remedy


def test_the_variable_that_names_certificates_does_not_count_where_reads_do_not_mind_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = certificate(tmp_path, "localhost", 90)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    assert looked_at(path, here("https"))["tls"].outcome is Outcome.FAILED


def test_who_ends_the_connection_instead_of_a_greeting_fails_tls_and_not_tcp() -> None:
    told = looked_at(None, here())
    assert (told["dns"].outcome, told["tcp"].outcome) == (Outcome.OK, Outcome.OK)
    assert told["tls"].outcome is Outcome.FAILED
    assert told["tls"].detail.startswith("localhost:")
    assert "does not speak TLS" in told["tls"].remedy


def test_a_place_that_never_answers_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaching, "LOOK_S", 0.1)
    with TlsServer(is_silent=True) as server:
        step = walked(f"wss://127.0.0.1:{server.port}")["tls"]
    assert (step.outcome, step.detail) == (
        Outcome.FAILED,
        f"127.0.0.1:{server.port}: no answer within 0.1 s",
    )


@pytest.mark.parametrize("host", ["no-such-host.invalid", f"{'x' * 70}.invalid"])
def test_a_name_that_is_none_is_a_sentence(host: str) -> None:
    step = looked_at(None, lambda port: f"wss://{host}:{port}")["dns"]
    assert step.outcome is Outcome.FAILED
    assert step.detail.startswith(f"{host}: ")


def test_each_place_is_looked_at_once_and_named_with_its_port_where_it_is_not_the_usual_one() -> None:
    found = places_of(
        {
            "a.trading_url": "https://api.example",
            "a.data_url": "https://data.example/v2",
            "a.stream_url": "wss://stream.example:9443/stream",
            "a.trades_url": "wss://api.example/stream",
            "a.here": "ws://[::1]:9000",
        }
    )
    assert [(each.setting, each.name) for each in found] == [
        ("a.trading_url", "api.example"),
        ("a.data_url", "data.example"),
        ("a.stream_url", "stream.example:9443"),
        ("a.here", "[::1]:9000"),
    ]
    assert found[0] == Place("a.trading_url", "https", "api.example", 443)
