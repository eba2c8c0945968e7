"""Reads over HTTP: retried within a budget, ended in time, and left alone when they fail again and again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress

import pytest

from engine.clock import SystemClock
from engine.errors import AdapterError, BreakerOpenError, RejectedError, ThrottledError, TransientError
from engine.messages.circuits import CircuitState, Operation
from engine.transport import http
from engine.transport.breaker import Breaker
from engine.transport.http import HttpReader, RefusedAnswer, RetryBudget
from tests.kraken_bench import venue_with_books
from tests.venues.kraken.venue import KrakenVenue

OHLC = {"pair": "XBTUSD", "interval": "1"}


@pytest.fixture
def venue() -> Iterator[KrakenVenue]:
    with venue_with_books() as each:
        yield each


def read(
    url: str,
    scenario: Callable[[HttpReader], Awaitable[None]],
    *,
    failures_max: int = 99,
) -> HttpReader:
    async def run() -> HttpReader:
        breaker = Breaker("kraken", Operation.HISTORY, SystemClock(), failures_max=failures_max)
        reader = HttpReader(url, breaker)
        try:
            await scenario(reader)
        finally:
            await reader.close()
        return reader

    return asyncio.run(run())


async def fails(reader: HttpReader, error: type[AdapterError], match: str) -> None:
    with pytest.raises(error, match=match):
        await reader.get("/0/public/OHLC", OHLC)


def test_an_answer_is_read_at_the_first_try(venue: KrakenVenue) -> None:
    async def scenario(reader: HttpReader) -> None:
        assert b'"result"' in await reader.get("/0/public/OHLC", OHLC)

    read(venue.rest_url, scenario)
    assert len(venue.floor.reads) == 1


def test_a_venue_in_trouble_is_asked_again_so_often_and_no_more(venue: KrakenVenue) -> None:
    venue.floor.faults.rest_status = 502
    read(venue.rest_url, lambda reader: fails(reader, TransientError, "answered 502"))
    assert len(venue.floor.reads) == http.TRIES_MAX


@pytest.mark.parametrize("status", [400, 404, 451])
def test_a_refusal_is_not_asked_again_and_leaves_the_circuit_closed(venue: KrakenVenue, status: int) -> None:
    venue.floor.faults.rest_status = status
    reader = read(
        venue.rest_url, lambda reader: fails(reader, RejectedError, f"answered {status}"), failures_max=1
    )
    assert len(venue.floor.reads) == 1
    assert reader.breaker.state is CircuitState.CLOSED


@pytest.mark.parametrize(
    ("status", "retry_after", "seconds"),
    [(429, "30", 30), (418, "120", 120), (429, "", 10), (429, "soon", 10), (418, "999999999", 3 * 86_400)],
)
def test_a_venue_that_was_asked_too_often_is_left_alone_for_as_long_as_it_wants(
    status: int, retry_after: str, seconds: int
) -> None:
    asked = 0

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await reader.readuntil(b"\r\n\r\n")
        after = f"Retry-After: {retry_after}\r\n" if retry_after else ""
        writer.write(f"HTTP/1.1 {status} no\r\n{after}Content-Length: 0\r\n\r\n".encode())
        await writer.drain()

    async def run() -> None:
        async with served(refuse) as url:
            reader = HttpReader(url, Breaker("kraken", Operation.HISTORY, SystemClock()))
            await fails(reader, ThrottledError, f"answered {status}")
            await fails(reader, BreakerOpenError, "is not answering")
            assert seconds - 5 < reader.breaker.retry_after_s <= seconds
            await reader.close()

    asyncio.run(run())
    assert asked == 1


def test_a_refusal_keeps_what_the_venue_said_and_headers_are_heard(venue: KrakenVenue) -> None:
    venue.floor.faults.rest_status = 400
    heard: list[Mapping[str, str]] = []

    async def scenario(reader: HttpReader) -> None:
        reader.heard = heard.append
        with pytest.raises(RefusedAnswer) as refused:
            await reader.get("/0/public/OHLC", OHLC)
        assert (refused.value.status, refused.value.body) == (400, b"not now\n")

    read(venue.rest_url, scenario)
    assert "content-length" in heard[0]


def test_an_open_circuit_is_neither_asked_nor_tried_again(venue: KrakenVenue) -> None:
    venue.floor.faults.rest_status = 503

    async def scenario(reader: HttpReader) -> None:
        await fails(reader, BreakerOpenError, "kraken history is not answering")
        await fails(reader, BreakerOpenError, "kraken history is not answering")

    read(venue.rest_url, scenario, failures_max=2)
    assert len(venue.floor.reads) == 2


def test_a_storm_of_failures_is_not_made_a_greater_one_by_retries(venue: KrakenVenue) -> None:
    venue.floor.faults.rest_status = 500

    async def scenario(reader: HttpReader) -> None:
        reader.budget.left = 2
        for _ in range(5):
            await fails(reader, TransientError, "answered 500")

    read(venue.rest_url, scenario)
    assert len(venue.floor.reads) == 5 + 2


def test_a_budget_earns_a_tenth_of_each_read_up_to_its_reserve() -> None:
    budget = RetryBudget(reserve=2)
    assert [budget.spend() for _ in range(3)] == [True, True, False]
    for _ in range(11):
        budget.earn()
    assert [budget.spend() for _ in range(2)] == [True, False]
    for _ in range(1000):
        budget.earn()
    assert budget.left == 2


@asynccontextmanager
async def served(
    answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    """Answer connections in one way; return where, and see each of them to its end."""
    ended: list[asyncio.Event] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ended.append(end := asyncio.Event())
        with suppress(ConnectionError):
            await answer(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        end.set()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        for each in ended:
            await each.wait()


def test_a_server_that_drips_its_answer_is_given_up_and_counts_as_a_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http, "TRY_S", 0.2)

    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    async def run() -> None:
        async with served(drip) as url:
            breaker = Breaker("kraken", Operation.HISTORY, SystemClock(), failures_max=2)
            reader = HttpReader(url, breaker)
            with pytest.raises(BreakerOpenError):
                await reader.get("/", {})
            await reader.close()

    asyncio.run(run())


def test_all_tries_together_take_no_longer_than_the_total() -> None:
    async def mute(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async def run() -> None:
        async with served(mute) as url:
            reader = HttpReader(url, Breaker("kraken", Operation.HISTORY, SystemClock()), total_s=0.1)
            await fails(reader, TransientError, r"no answer within 0\.1 s")
            await reader.close()

    asyncio.run(run())


def test_every_try_is_signed_anew_and_a_list_is_asked_for_by_its_members() -> None:
    heads: list[list[str]] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append((await reader.readuntil(b"\r\n\r\n")).decode().splitlines())
        status = "503 Busy" if len(heads) < 3 else "200 OK"
        writer.write(f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok".encode())
        writer.close()

    async def run() -> None:
        async with served(answer) as url:
            reader = HttpReader(url, Breaker("here", Operation.DATA, SystemClock(), failures_max=99))
            reader.headers_of = lambda path: {"Authorization": f"{path} {len(heads)}"}
            assert await reader.get("/these", {"name": ("a", "b")}) == b"ok"
            await reader.close()

    asyncio.run(run())
    assert [head[0] for head in heads] == ["GET /these?name=a&name=b HTTP/1.1"] * 3
    signed = [line for head in heads for line in head if line.lower().startswith("authorization")]
    assert [line.partition(": ")[2] for line in signed] == ["/these 0", "/these 1", "/these 2"]
