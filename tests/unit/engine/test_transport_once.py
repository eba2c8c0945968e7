"""Requests that change something: sent once, and what is not known of them is told apart from what is."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.errors import AdapterError, BreakerOpenError, NotSentError, TransientError
from engine.messages.circuits import CircuitState, Operation
from engine.transport.breaker import Breaker
from engine.transport.once import HttpOnce
from tests.tls_server import TlsServer, certificate
from tests.venues.alpaca.faults import RestFault
from tests.venues.alpaca.venue import AlpacaVenue

ORDERS = "/v2/orders"


@pytest.fixture
def venue() -> Iterator[AlpacaVenue]:
    with AlpacaVenue() as each:
        yield each


def send(url: str, scenario: Callable[[HttpOnce], Awaitable[None]], total_s: float = 5.0) -> HttpOnce:
    async def run() -> HttpOnce:
        sender = HttpOnce(url, Breaker("alpaca", Operation.SUBMIT, SystemClock()), total_s=total_s)
        try:
            await scenario(sender)
        finally:
            await sender.close()
        return sender

    return asyncio.run(run())


def fails(error: type[AdapterError]) -> Callable[[HttpOnce], Awaitable[None]]:
    async def scenario(sender: HttpOnce) -> None:
        with pytest.raises(error) as raised:
            await sender.send("POST", ORDERS, b"{}")
        assert raised.type is error

    return scenario


def test_a_refusal_is_an_answer_and_a_healthy_one(venue: AlpacaVenue) -> None:
    async def scenario(sender: HttpOnce) -> None:
        for _ in range(5):
            assert (await sender.send("POST", ORDERS, b"{}")).status == 401

    assert send(venue.trading_url, scenario).breaker.state is CircuitState.CLOSED


def test_without_a_connection_not_a_byte_left(venue: AlpacaVenue) -> None:
    url = venue.trading_url
    venue.close()
    send(url, fails(NotSentError))
    venue.open()


def test_where_the_name_is_gone_not_a_byte_left() -> None:
    send("https://no-such-host.invalid", fails(NotSentError))


@pytest.mark.parametrize("host", ["localhost", ""], ids=["a certificate nobody signed for", "no TLS"])
def test_to_who_can_not_prove_to_be_the_venue_not_a_byte_leaves(host: str, tmp_path: Path) -> None:
    with TlsServer(certificate(tmp_path, host, 90) if host else None) as server:
        send(f"https://localhost:{server.port}", fails(NotSentError))
    assert server.heard == b""


@pytest.mark.parametrize("kind", ["drop", "hang", "error"])
def test_what_left_and_has_no_good_answer_is_unknown_and_not_sent_again(
    venue: AlpacaVenue, kind: str
) -> None:
    venue.do(lambda: venue.floor.faults.rest.append(RestFault(kind, "POST", ORDERS)))
    send(venue.trading_url, fails(TransientError), total_s=0.3)
    assert list(venue.floor.requests).count(f"POST {ORDERS}") == 1


def test_one_who_takes_connections_and_says_nothing_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        send(f"http://127.0.0.1:{silent.getsockname()[1]}", fails(TransientError), total_s=0.2)


def test_an_open_circuit_tries_nothing(venue: AlpacaVenue) -> None:
    async def scenario(sender: HttpOnce) -> None:
        sender.breaker.leave_alone(10, "a test")
        await fails(BreakerOpenError)(sender)

    send(venue.trading_url, scenario)
    assert list(venue.floor.requests) == []
