"""What is asked of a Redis again and again has a trace where something changed, and none where it found nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from engine.clock import NS_PER_S, SystemClock
from engine.desk.lease import Lease
from engine.desk.redis_link import RedisLink
from engine.desk.redis_presence import RedisPresence
from engine.desk.redis_revocations import RedisRevocations
from engine.observe.tracing import Tracing
from engine.ports.revocations import Revoked, What
from tests.contract.test_shared_desks import presence
from tests.redis_server import CREDENTIAL, RedisServer, needs_redis

CLOCK = SystemClock()
Asked = Callable[[RedisLink, Callable[[], list[str]]], Awaitable[None]]
"""Asks on a way that is traced; the other tells the spans since the last time."""


async def presences(link: RedisLink, spans: Callable[[], list[str]]) -> None:
    here, there = RedisPresence(link), RedisPresence(link)
    await here.say(presence("tower"))
    await here.say(presence("tower"))
    assert spans() == ["redis EVALSHA"], "the first time that it is heard itself"
    await here.say(presence("tower", run="r2"))
    assert not spans()
    await there.say(presence("bridge"))
    spans()
    await here.say(presence("tower"))
    assert spans() == ["redis EVALSHA"], "another desk came"


async def revocations(link: RedisLink, spans: Callable[[], list[str]]) -> None:
    store = RedisRevocations(link, CLOCK)
    assert await store.read("none") is None
    assert not spans()
    await store.add([Revoked(What.TOKEN, "one", CLOCK.now_ns() // NS_PER_S + 60)])
    spans()
    found = await store.read("none")
    assert found is not None
    assert spans() == ["redis GET", "redis ZRANGEBYSCORE"]
    assert await store.read(found.version) is None
    assert not spans()


async def renewals(link: RedisLink, spans: Callable[[], list[str]]) -> None:
    lease = Lease(link, "paper/PAPER-1", "a desk", 60.0, CLOCK)
    await lease.look()
    assert spans() == ["redis EVALSHA"], "it was taken"
    await lease.look()
    assert not spans()


@needs_redis
@pytest.mark.parametrize("ask", [presences, revocations, renewals])
def test_a_poll_has_a_trace_only_where_something_changed(tmp_path: Path, ask: Asked) -> None:
    tracing = Tracing(CLOCK)

    async def play() -> None:
        link = RedisLink(server.settings, CREDENTIAL, CLOCK)
        link.tracer = tracing
        try:
            await ask(link, lambda: [span.name for span in tracing.take(9)])
        finally:
            await link.close()

    with RedisServer(tmp_path) as server:
        asyncio.run(play())
