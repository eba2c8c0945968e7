"""A client has told what it subscribed to, no more and no less."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from engine.clock import SimulatedClock
from engine.gateway import feed as feed_room
from engine.gateway import subscriptions as subscriptions_room
from engine.gateway.broadcast import ORDERS_MAX, Broadcast
from engine.gateway.channels import Channel
from engine.gateway.feed import Feed
from engine.gateway.outbox import Outbox
from engine.gateway.refusals import Code, Refused
from engine.gateway.stream_messages import Subscribe, Unsubscribe
from engine.gateway.subscriptions import Subscriptions
from engine.messages.views import Frame, ViewRequest
from engine.model.instrument import Symbol
from engine.model.order import OrderStatus
from engine.model.trade import Side
from engine.observe.gateway_counts import Traffic
from tests.frozen_desk import StillEngine, StillFollower, positions
from tests.market_views import NOW_NS, depth, order, quote

AAPL, NVDA, MSFT = Symbol("AAPL"), Symbol("NVDA"), Symbol("MSFT")


class Bench:
    """One client's subscriptions, before a feed that is told by hand what changed."""

    def __init__(self, engine: StillEngine | None = None) -> None:
        self.feed = Feed(engine or StillEngine(), SimulatedClock(0, steady_is_own=True))
        self.broadcast = Broadcast(self.feed)
        self.outbox = Outbox(lambda: pytest.fail("nothing is left out here"), Traffic())
        self.wanted = Subscriptions(self.feed, self.broadcast, self.outbox)

    def changes(self, **what: Any) -> None:
        """Let a frame come."""
        self.feed._arrive(Frame(NOW_NS, 9, **what))

    async def hear(self) -> dict[str, Any]:
        """Return the next message."""
        async with asyncio.timeout(20):
            frame = await self.outbox.next()
        start = frame.index(b"{")
        told: dict[str, Any] = json.loads(frame[start:])
        return told

    async def subscribe(self, channel: Channel, *symbols: str) -> list[Any]:
        """Subscribe, and return what there is of it."""
        await self.wanted.add(Subscribe(channel, symbols))
        assert (await self.hear())["type"] == "subscribed"
        snapshot = await self.hear()
        assert snapshot["snapshot"]
        values: list[Any] = snapshot["values"]
        return values


def run(talk: Callable[[Bench], Coroutine[Any, Any, None]], engine: StillEngine | None = None) -> None:
    async def whole() -> None:
        await talk(Bench(engine))

    asyncio.run(whole())


def test_symbols_are_added_and_taken_away() -> None:
    async def talk(bench: Bench) -> None:
        assert [value["symbol"] for value in await bench.subscribe(Channel.QUOTES, NVDA)] == [NVDA]
        both = await bench.subscribe(Channel.QUOTES, AAPL)
        assert {value["symbol"] for value in both} == {AAPL, NVDA}
        bench.wanted.remove(Unsubscribe(Channel.QUOTES, (NVDA,)))
        assert await bench.hear() == {"type": "unsubscribed", "channel": "quotes", "symbols": [AAPL]}
        bench.changes(quotes=(quote(NVDA, 1), quote(MSFT, 1)))
        bench.changes(quotes=(quote(AAPL, 2),))
        assert [value["symbol"] for value in (await bench.hear())["values"]] == [AAPL]
        bench.wanted.remove(Unsubscribe(Channel.QUOTES))
        bench.changes(quotes=(quote(AAPL, 3),))
        assert (await bench.hear())["type"] == "unsubscribed"
        assert (len(bench.wanted), bench.feed._listeners) == (0, [])

    run(talk)


def test_of_all_quotes_none_can_be_taken_away_and_none_added() -> None:
    async def talk(bench: Bench) -> None:
        await bench.subscribe(Channel.QUOTES)
        assert len(await bench.subscribe(Channel.QUOTES, NVDA)) > 1, "it stays all"
        with pytest.raises(Refused, match="all symbols are subscribed to"):
            bench.wanted.remove(Unsubscribe(Channel.QUOTES, (NVDA,)))

    run(talk)


def test_positions_are_told_whole_so_that_one_can_vanish() -> None:
    async def talk(bench: Bench) -> None:
        assert [value["symbol"] for value in await bench.subscribe(Channel.POSITIONS)] == [NVDA, AAPL]
        bench.changes(positions=positions()[1:])
        told = await bench.hear()
        assert (told["type"], [value["symbol"] for value in told["values"]]) == ("positions", [AAPL])

    run(talk)


def test_a_snapshot_has_all_orders_that_may_trade_and_the_latest_of_the_others() -> None:
    async def talk(bench: Bench) -> None:
        await bench.feed.fresh()
        over = {"status": OrderStatus.CANCELED}
        many = [order(10 + number, Side.BUY, 1, **over) for number in range(ORDERS_MAX + 5)]
        bench.changes(orders=(order(9, Side.BUY, 1), *many))
        told = [value["client_id"] for value in await bench.subscribe(Channel.ORDERS)]
        assert "test-9" in told, "old, but it may trade"
        assert "test-14" not in told
        assert told[-1] == many[-1].client_id

    run(talk)


def test_books_are_bounded_for_each_client_and_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriptions_room, "BOOKS_MAX", 2)
    monkeypatch.setattr(feed_room, "BOOKS_MAX", 1)

    async def talk(bench: Bench) -> None:
        for symbols in ((NVDA, AAPL, MSFT), (NVDA, AAPL)):
            with pytest.raises(Refused) as refused:
                await bench.wanted.add(Subscribe(Channel.DEPTH, symbols))
            assert refused.value.code is Code.REFUSED
            assert not bench.feed._followed, "nothing of it is kept"
        await bench.subscribe(Channel.DEPTH, NVDA)
        bench.broadcast.on_books((depth(NVDA), depth(AAPL)))
        assert [value["symbol"] for value in (await bench.hear())["values"]] == [NVDA]
        bench.wanted.end()
        assert not bench.feed._followed

    run(talk)


class SilentEngine(StillEngine):
    """An engine that does not answer."""

    def follow(self) -> StillFollower:
        return SilentFollower(self)


class SilentFollower(StillFollower):
    """Is told nothing."""

    def drain(self, request: ViewRequest, deliver: Callable[[Frame], None]) -> None:
        """Deliver nothing."""


def test_without_an_engine_nothing_is_subscribed_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_room, "PATIENCE_S", 0.01)

    async def talk(bench: Bench) -> None:
        with pytest.raises(Refused) as refused:
            await bench.wanted.add(Subscribe(Channel.ORDERS))
        assert refused.value.code is Code.UNAVAILABLE
        assert len(bench.wanted) == 0

    run(talk, SilentEngine())
