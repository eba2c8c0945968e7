"""One engine for one account: who may let orders leave, by the Redis that desks share.

A key holds who has the account and ends by itself; another counts who had it, and only grows. The holder renews each third of the
lease's life, and trusts it by its own clocks alone, so that it has stopped before anybody else can begin.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, NamedTuple

from engine.clock import NS_PER_MS, NS_PER_S, Clock
from engine.desk.redis_link import RedisLink, RedisUnusable
from engine.desk.redis_script import Script
from engine.messages.events import Severity
from engine.messages.views import HealthState
from engine.model.text import clean
from engine.ports.venue import VenueReading

_HOLDER_MAX: Final = 80
_HOLD: Final = Script("""
local holder, last = redis.call('GET', KEYS[1]), tonumber(redis.call('GET', KEYS[2]) or 0)
if holder == ARGV[1] then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return {1, last, holder}
end
if holder then return {0, last, holder} end
local ours = tonumber(ARGV[3])
if ours > 0 and last > ours then return {0, last, ''} end
local epoch = math.max(last, ours, tonumber(ARGV[4])) + 1
redis.call('SET', KEYS[2], string.format('%.0f', epoch))
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return {1, epoch, ARGV[1]}
""")
"""Renews what is ours; takes what nobody has, as a new hold, unless somebody had it since ours."""
_LET_GO: Final = Script("""
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
""")


class _Answer(NamedTuple):
    """What Redis says of the account."""

    is_ours: bool
    epoch: int
    holder: str


class Lease:
    """Takes an account, renews it, and knows without asking whether it is still ours."""

    def __init__(self, link: RedisLink, account: str, holder: str, life_s: float, clock: Clock) -> None:
        """Take a name of the account that is safe in a key, and one of this engine that no other has."""
        within = f"{link.prefix}:{{lease/{account}}}"
        self._keys = [f"{within}:holder", f"{within}:epoch"]
        self._link = link
        self._account = account
        self._holder = holder
        self._life_ns = round(life_s * NS_PER_S)
        self._clock = clock
        self._good_ns = self._good_until_ns = self._begins_ns = 0
        self._trouble = "it was not asked for yet"
        self._is_free = False
        self.epoch = 0
        """Which number our hold has: each one begun has a greater one. 0 while it was never ours."""
        self.known: Callable[[], int] = lambda: 0
        """Which number the journal knows: no other that is not greater is taken."""
        self.on_taken: Callable[[int], None] = lambda _: None
        """Told of the number of each hold of ours, before any order leaves under it."""
        self.on_free: Callable[[], None] = lambda: None
        """Told each time orders may leave again."""
        self.say: Callable[[Severity, str], None] = lambda *_: None
        """Told what a person must know."""
        self._begun, self._lost = asyncio.Event(), asyncio.Event()

    @property
    def is_lost(self) -> bool:
        """Whether another engine has had the account since: then it is never ours again."""
        return self._lost.is_set()

    def refusal(self) -> str:
        """Return why no order may leave now, from memory and by our own clocks; empty lets it go."""
        now_ns = self._clock.monotonic_ns()
        if self._begins_ns <= now_ns < self._good_until_ns and self._clock.now_ns() < self._good_ns:
            return ""
        if self.is_lost:
            return f"{self._trouble}: this desk stays out, so close it"
        if not self.epoch:
            return f"the account is not this desk's yet: {self._trouble}"
        if now_ns < self._begins_ns and now_ns < self._good_until_ns:
            return f"the account is ours, and orders leave in {(self._begins_ns - now_ns) / NS_PER_S:.1f} s"
        why = f" ({self._trouble})" if self._trouble else ""
        return f"whether the account is still ours is not known{why}: cancels leave, orders do not"

    async def run(self) -> None:
        """Hold the account until another engine has it or this is cancelled; then let it go."""
        try:
            while not self.is_lost:
                await self.look()
                await asyncio.sleep(self._pause_s())
        finally:
            self._good_until_ns = 0
            await self._let_go()

    async def look(self) -> None:
        """Take or renew once, and tell what changed."""
        asked_ns, asked_at_ns = self._clock.monotonic_ns(), self._clock.now_ns()
        try:
            answer = await self._ask()
        except RedisUnusable as error:
            self._trouble = str(error)
        else:
            self._hear(answer, asked_ns, asked_at_ns)
        self._tell()

    async def while_ours(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do something from when orders may leave for the first time until the account is lost."""
        await self._begun.wait()
        working, lost = asyncio.ensure_future(work()), asyncio.ensure_future(self._lost.wait())
        try:
            await asyncio.wait((working, lost), return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()
        finally:
            working.cancel()
            lost.cancel()
            await asyncio.gather(working, lost, return_exceptions=True)

    def reading(self) -> VenueReading:
        """Tell how it is, for a row of the health board; the number is that of our hold."""
        refusal = self.refusal()
        if not refusal:
            return VenueReading(HealthState.OK, "ours", f"hold {self.epoch:,}", self.epoch)
        waits = not self.is_lost and (not self.epoch or self._clock.monotonic_ns() < self._begins_ns)
        state, value = (HealthState.DEGRADED, "waits") if waits else (HealthState.DOWN, "not ours")
        return VenueReading(state, value, refusal, self.epoch)

    async def _ask(self) -> _Answer:
        known, held = self.known(), [1, self.epoch, self._holder]
        arguments: list[str | int] = [self._holder, self._life_ns // NS_PER_MS, self.epoch, known]
        told = await self._link.run(_HOLD, self._keys, arguments, is_quiet=lambda now: now == held)
        try:
            is_ours, epoch, holder = int(told[0]) == 1, int(told[1]), str(told[2])
        except (TypeError, ValueError, IndexError) as error:
            raise RedisUnusable(f"{self._keys[1]} is no number of a hold") from error
        if is_ours and epoch != self.epoch and epoch <= max(known, self.epoch):
            raise RedisUnusable(f"redis gave hold {epoch:,}, and the journal knows {known:,}")
        return _Answer(is_ours, epoch, clean(holder.partition(" ")[2], _HOLDER_MAX))

    def _hear(self, answer: _Answer, asked_ns: int, asked_at_ns: int) -> None:
        if answer.is_ours:
            self._take(answer.epoch, asked_ns, asked_at_ns)
            return
        who = answer.holder or "another desk"
        if self.epoch:
            self._good_until_ns, self._trouble = (
                0,
                f"{who} has taken the account over (hold {answer.epoch:,})",
            )
            self._lost.set()
        else:
            self._trouble = f"{who} has it (hold {answer.epoch:,})"

    def _take(self, epoch: int, asked_ns: int, asked_at_ns: int) -> None:
        """Trust it for nine tenths of its life, counted from before it was asked for; a new hold begins a life later."""
        trusted_ns = self._life_ns * 9 // 10
        if epoch != self.epoch:
            self._begins_ns = self._clock.monotonic_ns() + self._life_ns
            self.epoch = epoch
            self.on_taken(epoch)
        self._good_until_ns, self._good_ns = asked_ns + trusted_ns, asked_at_ns + trusted_ns
        self._trouble = ""

    def _tell(self) -> None:
        refusal = self.refusal()
        was_free, self._is_free = self._is_free, not refusal
        if self._is_free and not was_free:
            self._begun.set()
            self.say(Severity.INFO, f"the account is ours (hold {self.epoch:,}): orders leave")
            self.on_free()
        elif self.is_lost or (was_free and refusal):
            self.say(Severity.CRITICAL, refusal)

    def _pause_s(self) -> float:
        """Renew each third of its life; look more often while it is not ours, and when orders may leave at last."""
        life_s = self._life_ns / NS_PER_S
        if not self.epoch:
            return life_s / 10
        left_s = (self._begins_ns - self._clock.monotonic_ns()) / NS_PER_S
        return min(life_s / 3, left_s) if left_s > 0 else life_s / 3

    async def _let_go(self) -> None:
        if self.epoch and not self.is_lost:
            try:
                await self._link.run(_LET_GO, self._keys[:1], [self._holder])
            except RedisUnusable:
                return  # it ends by itself
