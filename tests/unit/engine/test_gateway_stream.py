"""The stream tells what changes to those whose token stands, and to nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack, suppress
from typing import Any, get_args

import pytest
from msgspec import Struct
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from engine.clock import NS_PER_S
from engine.gateway import stream as stream_room
from engine.gateway.channels import OF_SYMBOLS, Channel
from engine.gateway.closings import CROWDED, LATE, RATE, TOKEN, UNREADABLE
from engine.gateway.order_values import Order
from engine.gateway.refusals import Code
from engine.gateway.stream import PATH
from engine.gateway.stream_connection import PARTS_MAX, PINGS_MAX
from engine.gateway.stream_messages import (
    Accounts,
    Alarms,
    Alerts,
    Asked,
    Authenticate,
    Depths,
    Healths,
    NotDone,
    Orders,
    Ping,
    Pong,
    Positions,
    Quotes,
    Risks,
    Subscribe,
    Subscribed,
    Unsubscribe,
    Unsubscribed,
    Welcome,
)
from engine.messages.commands import CancelAll
from engine.messages.events import AlertRaised, Severity
from engine.model.depth import DepthSnapshot
from engine.model.order import OrderStatus
from engine.ports.revocations import Revoked, What
from engine.security.rates.connections import USER_MAX
from engine.security.rates.table import TABLE, Kind
from engine.security.tokens.sqlite_store import SqliteRevocations
from tests.engine_rooms import ABC, XYZ, buying, quoted
from tests.unit.engine.stream_bench import PAGE, Client, StreamBench, streaming
from tests.waiting import wait_until

SAMPLES: dict[type[Struct], Struct] = {
    Authenticate: Authenticate("a.b.c"),
    Subscribe: Subscribe(Channel.ORDERS),
    Unsubscribe: Unsubscribe(Channel.ORDERS),
    Ping: Ping(7),
}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StreamBench]:
    with streaming(tmp_path_factory.mktemp("stream")) as made:
        yield made


def test_quotes_come_whole_first_and_then_where_they_changed(bench: StreamBench) -> None:
    async def talk() -> None:
        async with bench.client(bench.token("ada")) as everything, bench.client() as one:
            assert await everything.hear() == Welcome("ada", "trader", bench.clock.now_ns() // NS_PER_S + 900)
            await everything.say(Subscribe(Channel.QUOTES))
            assert await everything.hear_a(Subscribed) == Subscribed(Channel.QUOTES, ())
            first = await everything.hear_a(Quotes)
            assert first.snapshot
            assert {quote.symbol for quote in first.values} == {ABC, XYZ}
            await one.say(Subscribe(Channel.QUOTES, (XYZ,)))
            assert [quote.symbol for quote in (await one.hear_a(Quotes)).values] == [XYZ]
            bench.on_engine(quoted, bench.rooms, ABC, 10_007)
            bench.on_engine(quoted, bench.rooms, XYZ, 10_009)
            changed = await everything.hear_a(Quotes, lambda told: told.values[0].bid != "100.00")
            assert not changed.snapshot
            (quote,) = (await one.hear_a(Quotes, lambda told: told.values[0].bid != "100.00")).values
            assert (quote.symbol, quote.bid, quote.ask, quote.bid_size) == (XYZ, "100.09", "100.11", "500")

    asyncio.run(talk())


def test_no_order_and_no_alert_is_left_out(bench: StreamBench) -> None:
    async def talk() -> None:
        async with bench.client() as client:
            for channel in (Channel.ORDERS, Channel.ALERTS):
                await client.say(Subscribe(channel))
            await client.hear_a(Alerts)
            sent = [buying(bench.rooms, 10 + index, 9_000) for index in range(5)]
            for command in sent:
                bench.engine.submit(command)
            bench.on_engine(bench.rooms.bus.publish, AlertRaised(Severity.WARNING, "test", "do look", 5))
            heard, ids = dict[str, Order](), {command.request.client_id for command in sent}
            while heard.keys() < ids:
                for order in (await client.hear_a(Orders)).values:
                    heard[order.client_id] = order
            assert {heard[name].quantity for name in ids} == {"10", "11", "12", "13", "14"}
            (note,) = (await client.hear_a(Alerts, lambda told: told.values[-1].text == "do look")).values
            assert (note.severity, note.source, note.at_ns) == (Severity.WARNING, "test", 5)
            bench.engine.submit(CancelAll())
            bench.on_engine(bench.rooms.clock.advance_to, bench.rooms.clock.now_ns() + NS_PER_S)  # type: ignore[attr-defined]
            over = set[str]()
            while over < ids:
                told = (await client.hear_a(Orders)).values
                over |= {order.client_id for order in told if order.status is OrderStatus.CANCELED}

    asyncio.run(talk())


def test_every_channel_begins_with_what_there_is(bench: StreamBench) -> None:
    first = {
        Channel.ORDERS: Orders,
        Channel.POSITIONS: Positions,
        Channel.ACCOUNT: Accounts,
        Channel.RISK: Risks,
        Channel.HEALTH: Healths,
        Channel.ALERTS: Alerts,
        Channel.ALARMS: Alarms,
    }
    assert first.keys() == set(Channel) - OF_SYMBOLS

    async def talk() -> None:
        async with bench.client() as client:
            for channel, kind in first.items():
                await client.say(Subscribe(channel))
                assert await client.hear_a(Subscribed) == Subscribed(channel, ())
                told: Any = await client.hear_a(kind)
                assert told.snapshot
                if channel is Channel.ACCOUNT:
                    assert [account.currency for account in told.values] == ["USD"]
                await client.say(Unsubscribe(channel))
                assert await client.hear_a(Unsubscribed) == Unsubscribed(channel, ())

    asyncio.run(talk())


def test_the_book_of_any_symbol_is_told_for_as_long_as_somebody_wants_it(bench: StreamBench) -> None:
    def book(size: int) -> None:
        now_ns = bench.rooms.clock.now_ns()
        bids, asks = ((9_999, size), (9_998, 4)), ((10_001, 2),)
        bench.rooms.market.on_snapshot(DepthSnapshot(XYZ, "hand", bids, asks, size, now_ns, now_ns))

    async def talk() -> None:
        async with bench.client() as client:
            bench.on_engine(book, 3)
            await client.say(Subscribe(Channel.DEPTH, (XYZ,)))
            (depth,) = (await client.hear_a(Depths, lambda told: bool(told.values))).values
            assert (depth.symbol, depth.bids[0], depth.asks) == (XYZ, ("99.99", "3"), (("100.01", "2"),))
            bench.on_engine(book, 5)
            await client.hear_a(Depths, lambda told: told.values[0].bids[0] == ("99.99", "5"))
            await client.say(Unsubscribe(Channel.DEPTH, (XYZ,)))
            assert await client.hear_a(Unsubscribed) == Unsubscribed(Channel.DEPTH, ())
            assert not bench.feed.books

    asyncio.run(talk())


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (Subscribe(Channel.QUOTES, ("NOPE",)), Code.NOT_FOUND),
        (Subscribe(Channel.DEPTH), Code.REFUSED),
        (Subscribe(Channel.ORDERS, (ABC,)), Code.REFUSED),
    ],
)
def test_what_can_not_be_done_is_said_and_the_connection_stays(
    bench: StreamBench, asked: Struct, code: Code
) -> None:
    async def talk() -> None:
        async with bench.client(bench.token("not done", "admin")) as client:
            await client.say(asked)
            assert (await client.hear_a(NotDone)).code is code
            await client.say(Ping(3))
            assert await client.hear_a(Pong) == Pong(3)

    asyncio.run(talk())


def test_a_sample_of_every_message_is_tried_without_a_token() -> None:
    assert SAMPLES.keys() == set(get_args(Asked))


@pytest.mark.parametrize("said", SAMPLES.values(), ids=lambda said: type(said).__name__)
def test_nothing_is_told_to_who_has_no_token(bench: StreamBench, said: Struct) -> None:
    async def talk() -> None:
        async with bench.stranger() as client:
            await client.say(said)
            await nothing_but(client, TOKEN.code)

    asyncio.run(talk())


async def nothing_but(client: Client, code: int) -> None:
    """Check that a client is told nothing but that it is hung up on."""
    with pytest.raises(ConnectionClosed) as over:
        await client.connection.recv()
    assert over.value.rcvd is not None
    assert over.value.rcvd.code == code


def test_a_token_may_come_as_the_first_message_and_again_before_it_ends(bench: StreamBench) -> None:
    async def talk() -> None:
        async with bench.stranger() as client:
            await client.say(Authenticate(bench.token("grace")))
            assert (await client.hear_a(Welcome)).user == "grace"
            bench.clock.advance_to(bench.clock.now_ns() + 600 * NS_PER_S)
            await client.say(Authenticate(bench.token("grace", "viewer")))
            again = await client.hear_a(Welcome)
            assert again == Welcome("grace", "viewer", bench.clock.now_ns() // NS_PER_S + 900)
            bench.clock.advance_to(bench.clock.now_ns() + 600 * NS_PER_S)
            await client.say(Ping(1))
            assert await client.hear_a(Pong) == Pong(1), "the fresh token stands"
            await client.say(Authenticate(bench.token("somebody else")))
            assert await client.closed() == TOKEN.code
        async with bench.client() as client:
            await client.say(Authenticate("a.b.c"))
            assert await client.closed() == TOKEN.code

    asyncio.run(talk())


def test_a_token_that_ends_and_one_that_is_revoked_end_the_connection(bench: StreamBench) -> None:
    async def talk() -> None:
        async with bench.client() as client:
            await client.say(Subscribe(Channel.QUOTES))
            await client.hear_a(Quotes)
            bench.clock.advance_to(bench.clock.now_ns() + 900 * NS_PER_S)
            assert await client.closed() == TOKEN.code
        async with bench.client(bench.token("mallory")) as client, bench.client() as other:
            await asyncio.to_thread(bench.on_gateway, lambda: bench.revocations.revoke_user("mallory"))
            assert await client.closed() == TOKEN.code
            await other.say(Ping())
            await other.hear_a(Pong)

    asyncio.run(talk())


def test_what_another_process_revoked_ends_the_connection(bench: StreamBench) -> None:
    elsewhere = SqliteRevocations(bench.revoked, bench.clock)

    async def talk() -> None:
        async with bench.client(bench.token("eve", family="copied")) as client:
            await client.hear_a(Welcome)
            await elsewhere.add([Revoked(What.FAMILY, "copied", bench.clock.now_ns() // NS_PER_S + 9_999)])
            assert await client.closed() == TOKEN.code
        await elsewhere.close()

    asyncio.run(talk())


def test_who_says_nothing_is_hung_up_on(bench: StreamBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_room, "INTRODUCTION_S", 0.05)

    async def talk() -> None:
        async with bench.stranger() as client:
            await nothing_but(client, LATE.code)

    asyncio.run(talk())


@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [
        ({"Authorization": "Bearer a.b.c"}, "", 401),
        ({"Authorization": "Basic YTpi"}, "", 401),
        ({}, "?token=a.b.c", 400),
        ({"Origin": "https://evil.example"}, "", 403),
    ],
)
def test_who_is_not_let_in_gets_an_answer_and_no_connection(
    bench: StreamBench, headers: dict[str, str], query: str, status: int
) -> None:
    async def talk() -> None:
        with pytest.raises(InvalidStatus) as refused:
            await connect(bench.url + query, additional_headers=headers, proxy=None)
        assert refused.value.response.status_code == status

    asyncio.run(talk())


def test_a_name_that_is_not_ours_gets_no_connection(bench: StreamBench) -> None:
    async def talk() -> None:
        port = int(bench.server.where.rpartition(":")[2])
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"ws://evil.example{PATH}", host="127.0.0.1", port=port, proxy=None)
        assert refused.value.response.status_code == 421

    asyncio.run(talk())


def test_a_page_that_is_listed_may_connect_and_gets_the_headers_of_every_answer(bench: StreamBench) -> None:
    async def talk() -> None:
        async with bench.client(origin=PAGE) as client:
            response = client.connection.response
            assert response is not None
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["X-Correlation-ID"]

    asyncio.run(talk())


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("{", UNREADABLE.code),
        ('{"type":"halt"}', UNREADABLE.code),
        ('{"type":"ping","id":1,"more":2}', UNREADABLE.code),
        ('{"type":"subscribe","channel":"secrets"}', UNREADABLE.code),
        (b'{"type":"ping"}', UNREADABLE.code),
        ("[" * 8_000, UNREADABLE.code),
        ("x" * 20_000, 1009),
    ],
    ids=["no JSON", "a command", "one field too many", "no channel", "bytes", "nested", "long"],
)
def test_what_is_no_message_ends_the_connection(bench: StreamBench, said: str | bytes, code: int) -> None:
    async def talk() -> None:
        async with bench.client() as client:
            await client.say(said)
            assert await client.closed() == code

    asyncio.run(talk())


def test_floods_end_the_connection(bench: StreamBench) -> None:
    async def pings(client: Client) -> None:
        for _ in range(PINGS_MAX + 1):
            await client.connection.ping()

    async def parts(client: Client) -> None:
        await client.connection.send(["x"] * (PARTS_MAX + 2))

    async def messages(client: Client) -> None:
        for number in range(2 * TABLE[Kind.MESSAGES].user):
            await client.connection.send(f'{{"type":"ping","id":{number}}}')

    async def talk() -> None:
        for flood, code in ((pings, 1008), (parts, 1008), (messages, RATE.code)):
            async with bench.client() as client:
                with suppress(ConnectionClosed):
                    await flood(client)
                assert await client.closed() == code, flood.__name__

    asyncio.run(talk())


def test_a_user_has_so_many_connections_and_one_that_ends_makes_room(bench: StreamBench) -> None:
    async def talk() -> None:
        token = bench.token("many")
        async with AsyncExitStack() as stack:
            clients = [await stack.enter_async_context(bench.client(token)) for _ in range(USER_MAX)]
            for client in clients:
                await client.hear_a(Welcome)
            async with bench.client(token) as one_more:
                assert await one_more.closed() == CROWDED.code
        await asyncio.to_thread(wait_until, lambda: len(bench.stream.connections) == 0)
        async with bench.client(token) as client:
            await client.hear_a(Welcome)

    asyncio.run(talk())
