"""What the clients of a gateway ask: reads and orders at a steady pace within the quotas, or as fast as it goes."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from engine.model.ranks import nearest_rank
from tests.load.http_client import Answer, Caller
from tests.load.served_program import OPENS_S, ServedProgram

ORDERS = "/v1/orders"
"""Its answer grows until it has the 500 orders that it has at most: how long it takes is told apart."""
QUOTE = "/v1/quotes?symbol=NVDA"
READS = (
    "/v1/account",
    QUOTE,
    "/v1/depth?symbol=NVDA&levels=5",
    "/v1/positions",
    ORDERS,
)
READ_EVERY_S, ORDER_EVERY_S = 0.22, 1.2
"""A trader's quotas are 5 reads and 1 order a second for good: this is nine tenths and less."""
TOKEN_S = 300
_OK, _RATE = 200, 429


@dataclass
class Tally:
    """What was answered."""

    took_ms: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """By what was asked."""
    wrong: Counter[str] = field(default_factory=Counter)
    """Every answer that should not have been, by what was asked and its status."""
    held_back: int = 0
    """Answers that said to ask later, where more was asked than the quotas allow."""

    @property
    def count(self) -> int:
        """How many were asked."""
        return sum(map(len, self.took_ms.values()))

    @property
    def errors_pct(self) -> float:
        """Which part should not have been, in percent."""
        return 100 * self.wrong.total() / self.count if self.count else 100.0

    def note(self, what: str, answer: Answer, *, may_be_held_back: bool = False) -> None:
        """Count an answer."""
        self.took_ms[what].append(answer.took_ms)
        if may_be_held_back and answer.status == _RATE and answer.retries_after:
            self.held_back += 1
        elif answer.status != _OK:
            self.wrong[f"{what}: {answer.status or 'no answer'} {_reason(answer.body)}".rstrip()] += 1

    def percentile_ms(self, what: str, percent: int) -> float:
        """Return how long so many of a hundred did not exceed."""
        return nearest_rank(sorted(self.took_ms[what]), percent)


def _reason(body: bytes) -> str:
    """Return what a refusal says."""
    try:
        return str(json.loads(body)["error"]["text"])
    except (ValueError, KeyError, TypeError):
        return ""


async def trades(served: ServedProgram, name: str) -> None:
    """Wait until what is traded has a bid: the market begins with the gateway, and who orders before is rightly refused.

    Raises:
        TimeoutError: it gets none.
    """
    caller, token = Caller(served.port), served.token(name)
    async with asyncio.timeout(OPENS_S):
        while b'"bid":"' not in (await caller.ask("GET", QUOTE, token)).body:  # noqa: ASYNC110  # it tells nobody
            await asyncio.sleep(READ_EVERY_S)
    await caller.close()


async def steady(served: ServedProgram, name: str, seconds: float, tally: Tally) -> None:
    """Read and trade as one operator, at a pace that is within its quotas."""
    await asyncio.gather(_reads(served, name, seconds, tally), _orders(served, name, seconds, tally))


async def flood(served: ServedProgram, name: str, seconds: float, tally: Tally) -> None:
    """Read as fast as it goes: what is over the quota is to be held back, and nothing else."""
    caller, token = Caller(served.port), served.token(name)
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        tally.note("flood", await caller.ask("GET", READS[0], token), may_be_held_back=True)
    await caller.close()


async def _reads(served: ServedProgram, name: str, seconds: float, tally: Tally) -> None:
    caller, token = Caller(served.port), served.token(name)
    paths = itertools.cycle(READS)
    async for number in _beats(READ_EVERY_S, seconds):
        if number % int(TOKEN_S / READ_EVERY_S) == 0:
            token = served.token(name)
        path = next(paths)
        tally.note("list" if path == ORDERS else "read", await caller.ask("GET", path, token))
    await caller.close()


async def _orders(served: ServedProgram, name: str, seconds: float, tally: Tally) -> None:
    """Send an order that rests, and take it back: two of the quota's. No two traders send the same one, which our gate denies."""
    order_line = json.dumps({"line": f"b {10 + int(name[-1])} NVDA bid-50t"}).encode()
    caller, token = Caller(served.port), served.token(name)
    async for number in _beats(ORDER_EVERY_S * 2, seconds):
        if number % int(TOKEN_S / ORDER_EVERY_S / 2) == 0:
            token = served.token(name)
        sent = await caller.ask("POST", "/v1/orders", token, order_line, f"{name}-{number}-a")
        tally.note("order", sent)
        if sent.status == _OK:
            order = json.loads(sent.body)["orders"][0]["client_id"]
            gone = await caller.ask("DELETE", f"/v1/orders/{order}", token, key=f"{name}-{number}-b")
            tally.note("cancel", gone)
    await caller.close()


async def _beats(every_s: float, seconds: float) -> AsyncIterator[int]:
    """Count, so many seconds long; one that comes late is not made up for."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for number in itertools.count():
        if loop.time() - begun >= seconds:
            return
        due = loop.time() + every_s
        yield number
        await asyncio.sleep(max(0.0, due - loop.time()))
