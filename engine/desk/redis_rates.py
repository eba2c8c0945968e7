"""Counts in the Redis that desks share: one script a decision, by the server's clock."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from engine.desk.redis_link import RedisLink
from engine.desk.redis_script import Script
from engine.ports.rates import Counted, Taken

_TAKE: Final = Script("""
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local ahead, passes = {}, 1
for at, key in ipairs(KEYS) do
  ahead[at] = math.max(0, tonumber(redis.call('GET', key) or 0) - now)
  if ahead[at] > tonumber(ARGV[2 * at]) then passes = 0 end
end
if passes == 1 then
  for at, key in ipairs(KEYS) do
    ahead[at] = ahead[at] + tonumber(ARGV[2 * at - 1])
    redis.call('SET', key, string.format('%.0f', now + ahead[at]), 'PX', math.ceil(ahead[at] / 1000))
  end
end
return {passes, unpack(ahead)}
""")


class RedisRates:
    """Counts for every desk of one prefix."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link

    async def take(self, counts: Sequence[Counted]) -> Taken:
        """Let a request pass if every count allows it, and then count it in all of them, in one step."""
        keys = [self._key(count.key) for count in counts]
        arguments = [each for count in counts for each in (count.interval_us, count.ahead_max_us)]
        passes, *ahead_us = await self._link.run(_TAKE, keys, arguments)
        return Taken(passes == 1, tuple(ahead_us))

    def _key(self, key: str) -> str:
        """Return a name of one length, whatever somebody called themselves."""
        return f"{self._link.prefix}:{{rates}}:{hashlib.sha256(key.encode()).hexdigest()[:32]}"
