"""What the desks of one prefix say to each other, in the Redis that they share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from engine.clock import NS_PER_S
from engine.desk.redis_link import RedisLink, RedisUnusable
from engine.desk.redis_script import Script
from engine.messages.commands import TradingState
from engine.messages.firm import VERSION_MAX, FirmState
from engine.model.text import clean
from engine.model.trace_context import read_traceparent

AHEAD_NS: Final = 86_400 * NS_PER_S
"""A version that is further ahead of our clock than this was said by nobody."""

_SWITCH: Final = Script("""
local stored = tonumber(redis.call('HGET', KEYS[1], 'version') or '0') or 0
if stored ~= stored or stored > tonumber(ARGV[5]) then stored = 0 end
local rank = tonumber(redis.call('HGET', KEYS[1], 'rank') or '0') or 0
if tonumber(ARGV[1]) > stored and (tonumber(ARGV[2]) >= rank or stored <= tonumber(ARGV[4])) then
  redis.call('HSET', KEYS[1], 'version', ARGV[1], 'rank', ARGV[2], 'said', ARGV[3])
  redis.call('PUBLISH', KEYS[1], ARGV[1])
end
return redis.call('HGET', KEYS[1], 'said')
""")
_RANKS: Final = {TradingState.ACTIVE: 0, TradingState.REDUCING: 1, TradingState.HALTED: 2}
_decode = msgspec.json.Decoder(FirmState).decode


class RedisFirm:
    """Keeps the switch of every desk: of two sayings the one of the larger version stays."""

    def __init__(self, link: RedisLink, now_ns: Callable[[], int]) -> None:
        """Take the way there, and the world's time."""
        self.link = link
        self._now_ns = now_ns
        self._kept: str | None = None
        self._switch = f"{link.prefix}:{{firm}}:switch"

    async def switch(self, known: FirmState, seen: int = VERSION_MAX) -> FirmState | None:
        """Put there what is known where it is newer, and return what is there then.

        What is looser takes the place of nothing newer than `seen`.

        Raises:
            RedisUnusable: it could not be asked, or what it holds can't be read.
        """
        latest, said = version_max(self._now_ns()), msgspec.json.encode(known).decode()
        arguments: list[str | int] = [known.version, _RANKS[known.state], said, seen, latest]
        before = self._kept
        kept = await self.link.run(_SWITCH, [self._switch], arguments, is_quiet=lambda now: now == before)
        self._kept = kept
        if kept is None:
            return None
        try:
            found = _decode(kept)
        except msgspec.DecodeError as error:
            raise RedisUnusable(f"{self._switch} can't be read: {clean(str(error))}") from error
        if found.version > latest:
            raise RedisUnusable(f"{self._switch} has a version that nobody said")
        return msgspec.structs.replace(
            found,
            reason=clean(found.reason, 400),
            who=clean(found.who, 64),
            correlation=clean(found.correlation, 64),
            traceparent=found.traceparent if read_traceparent(found.traceparent) else "",
        )

    async def news(self, patience_s: float) -> None:
        """Return when somebody said something about every desk, or when the patience is over."""
        await self.link.news(self._switch, patience_s)


def version_of(now_ns: int) -> int:
    """Return the version of what is said now, microseconds of the world's time."""
    return now_ns // 1_000


def version_max(now_ns: int) -> int:
    """Return the largest version that can have been said."""
    return min(VERSION_MAX, version_of(now_ns + AHEAD_NS))
