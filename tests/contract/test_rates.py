"""Counts of requests, in memory and in a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from engine.clock import NS_PER_S, SimulatedClock, SystemClock
from engine.desk.redis_link import RedisLink
from engine.desk.redis_rates import RedisRates
from engine.messages.circuits import CircuitState
from engine.security.rates.limiter import AGAIN_S, Limiter
from engine.security.rates.memory import MemoryRates
from engine.security.rates.table import Kind
from engine.settings.redis import RedisSettings
from tests.contract.rate_promises import Place, RatePromises
from tests.redis_server import CREDENTIAL, RedisServer, needs_redis


class TestMemory(RatePromises):
    @asynccontextmanager
    async def place(self) -> AsyncIterator[Place]:
        clock = SimulatedClock(NS_PER_S, steady_is_own=True)
        yield Place(
            MemoryRates(clock), lambda seconds: clock.advance_to(clock.now_ns() + int(seconds * NS_PER_S))
        )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis")) as one:
        yield one


@needs_redis
class TestRedis(RatePromises):
    @pytest.fixture(autouse=True)
    def _server(self, server: RedisServer) -> None:
        self.server = server

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Place]:
        link = RedisLink(self.server.settings, CREDENTIAL, SystemClock())
        with self.server.own() as own:
            own.flushall()

            def pass_s(seconds: float) -> None:
                """Move every count back: to the server this is as if time had passed."""
                for key in own.scan_iter("desk:{rates}:*"):
                    own.decrby(key, int(seconds * 1_000_000))

            yield Place(RedisRates(link), pass_s)
        await link.close()

    def test_a_count_is_gone_once_it_has_run_down(self) -> None:
        async def scene(place: Place) -> None:
            await place.ask()
            with self.server.own() as own:
                lives = sorted(own.pttl(key) for key in own.scan_iter("*"))
            assert 5_000_000 < lives[0] < 5_143_000
            assert 7_190_000 < lives[1] <= 7_200_000

        self.run(scene)


@needs_redis
def test_with_redis_held_production_refuses_and_development_lets_through_and_counts(tmp_path: Path) -> None:
    async def scene(server: RedisServer) -> None:
        link = RedisLink(
            RedisSettings(address=server.settings.address, timeout_ms=500), CREDENTIAL, SystemClock()
        )
        strict = Limiter(RedisRates(link), MemoryRates(SystemClock()), production=True)
        lax = Limiter(RedisRates(link), MemoryRates(SystemClock()), production=False)
        assert (await strict.decide(Kind.ORDERS, "ada", "trader")).passes
        with server.held():
            for _ in range(4):
                decision = await strict.decide(Kind.ORDERS, "ada", "trader")
                assert (decision.passes, decision.wait_s) == (False, AGAIN_S)
            assert link.breaker.state is CircuitState.OPEN
            assert (await lax.decide(Kind.ORDERS, "ada", "trader")).passes
            assert (await strict.decide(Kind.WAY_OUT, "ada", "trader")).passes
        assert (strict.uncounted, strict.refused) == (4, 4)
        assert (lax.uncounted, lax.refused) == (1, 0)
        assert "redis" in lax.reason
        await link.close()

    with RedisServer(tmp_path / "r") as server:
        asyncio.run(scene(server))
