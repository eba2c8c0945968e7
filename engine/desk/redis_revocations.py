"""Revoked tokens in the Redis that desks share.

All entries are one sorted set, scored by the second in which they can be forgotten; another key changes with every addition, and is
said on the channel of the same name. The family of a sign-in is a key that holds its next refresh token and ends with it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final

import msgspec

from engine.clock import NS_PER_S, Clock
from engine.desk.redis_link import RedisLink, RedisUnusable
from engine.desk.redis_script import Script
from engine.model.undecodable import UNDECODABLE
from engine.ports.revocations import Revoked, RevokedNow, Turn

_ADD_LUA: Final = """
local function add(entries, version, said, first)
  redis.call('ZREMRANGEBYSCORE', entries, '-inf', redis.call('TIME')[1])
  for at = first, #ARGV, 2 do
    redis.call('ZADD', entries, 'GT', ARGV[at], ARGV[at + 1])
  end
  local last = redis.call('ZREVRANGE', entries, 0, 0, 'WITHSCORES')
  if last[2] then redis.call('EXPIREAT', entries, last[2]) end
  redis.call('SET', version, said)
  redis.call('PUBLISH', version, said)
end
"""
_ADD: Final = Script(_ADD_LUA + "add(KEYS[1], KEYS[2], ARGV[1], 2)")
_TURN: Final = Script(
    _ADD_LUA
    + """
local current = redis.call('GET', KEYS[3])
if not current then return 'gone' end
if current == ARGV[2] then
  redis.call('SET', KEYS[3], ARGV[3], 'KEEPTTL')
  return 'turned'
end
redis.call('DEL', KEYS[3])
add(KEYS[1], KEYS[2], ARGV[1], 4)
return 'replayed'
"""
)
_NOTHING_YET: Final = "none"


class RedisRevocations:
    """Keeps them for every desk of one prefix."""

    def __init__(self, link: RedisLink, clock: Clock) -> None:
        self._link = link
        self._clock = clock
        within = f"{link.prefix}:{{tokens}}"
        self._entries, self._version, self._families = (
            f"{within}:{name}" for name in ("revoked", "version", "family")
        )

    async def add(self, entries: Sequence[Revoked]) -> None:
        """Keep these until their time is over."""
        keys = [self._entries, self._version]
        await self._link.run(_ADD, keys, [_new_version(), *_scored(entries)])

    async def read(self, known: str) -> RevokedNow | None:
        """Return all that is kept, or None while it is still the version that is known."""
        found = await self._link.call(
            "GET", self._version, is_quiet=lambda now: (now or _NOTHING_YET) == known
        )
        version = found or _NOTHING_YET
        if version == known:
            return None
        now_s = self._clock.now_ns() // NS_PER_S
        kept = await self._link.call("ZRANGEBYSCORE", self._entries, f"({now_s}", "+inf")
        try:
            entries = tuple(msgspec.json.decode(each, type=Revoked) for each in kept)
        except UNDECODABLE as error:
            raise RedisUnusable(f"{self._entries} holds something that is no revocation: {error}") from error
        return RevokedNow(version, entries)

    async def begin_family(self, family: str, token: str, until_s: int) -> None:
        """Keep the first refresh token of a sign-in."""
        await self._link.call("SET", f"{self._families}:{family}", token, "EXAT", until_s, "NX")

    async def turn_family(self, family: str, spent: str, fresh: str, if_replayed: Revoked) -> Turn:
        """Put a fresh refresh token in the place of the one that is spent, in one step."""
        keys = [self._entries, self._version, f"{self._families}:{family}"]
        return Turn(
            await self._link.run(_TURN, keys, [_new_version(), spent, fresh, *_scored([if_replayed])])
        )

    async def news(self, patience_s: float) -> None:
        """Return when another desk added something, or when the patience is over."""
        await self._link.news(self._version, patience_s)

    async def close(self) -> None:
        """Leave the way to Redis to whoever made it."""


def _new_version() -> str:
    """Return what no version before was called, whatever the server has lost since."""
    return secrets.token_hex(8)


def _scored(entries: Sequence[Revoked]) -> list[str | int]:
    return [each for entry in entries for each in (entry.until_s, msgspec.json.encode(entry).decode())]
