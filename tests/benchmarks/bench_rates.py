"""What a decision of the rate limits costs in a real Redis, beside a bare question over the same kind of connection."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from engine.clock import SystemClock
from engine.desk.redis_link import RedisLink
from engine.desk.redis_rates import RedisRates
from engine.security.rates.limiter import Limiter
from engine.security.rates.memory import MemoryRates
from engine.security.rates.table import Kind
from tests.benchmarks.options import Options
from tests.benchmarks.row import Row, limited
from tests.redis_server import CREDENTIAL, PASSWORD, RedisServer

_ROUNDS, _DECISIONS = 9, 300
_USERS = itertools.cycle(range(100))


def rows(options: Options) -> list[Row]:
    """Return the row of a decision in memory, and that of one in Redis where a server is installed."""
    rounds = options.rounds(_ROUNDS)
    alone = Limiter(MemoryRates(SystemClock()), MemoryRates(SystemClock()), production=True)
    alone_us = min(asyncio.run(_median_us(lambda: _decide(alone))) for _ in range(rounds))
    found = [limited("rate limit, a decision in memory", alone_us, "us", 50)]
    if shutil.which("redis-server") is None:
        return found
    with TemporaryDirectory() as folder, RedisServer(Path(folder) / "r") as server:
        ours, ratio = asyncio.run(_beside(server, rounds))
    name, peer = "rate limit, a decision in Redis", "redis-py: a bare GET of one key"
    return [*found, Row(name=name, value=ours, unit="us", against=peer, ratio=ratio, goal="<= 2.0")]


async def _beside(server: RedisServer, rounds: int) -> tuple[float, float]:
    link = RedisLink(server.settings, CREDENTIAL, SystemClock())
    shared = Limiter(RedisRates(link), MemoryRates(SystemClock()), production=True)
    bare = Redis(unix_socket_path=str(server.socket), password=PASSWORD, retry=Retry(NoBackoff(), 0))
    mine, ratios = [], []
    for _ in range(rounds):
        theirs = await _median_us(lambda: bare.get("desk:a"))
        mine.append(await _median_us(lambda: _decide(shared)))
        ratios.append(mine[-1] / theirs)
    await link.close()
    await bare.aclose()
    return statistics.median(mine), statistics.median(ratios)


async def _decide(limiter: Limiter) -> None:
    assert (await limiter.decide(Kind.MESSAGES, f"user {next(_USERS)}", "trader")).is_counted


async def _median_us(ask: Callable[[], Awaitable[object]]) -> float:
    """Return what one question takes, the median of many."""
    took_ns = []
    for _ in range(_DECISIONS):
        start_ns = time.perf_counter_ns()
        await ask()
        took_ns.append(time.perf_counter_ns() - start_ns)
    return statistics.median(took_ns) / 1_000
