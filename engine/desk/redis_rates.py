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
local asked, told = {}, {1}
for number in string.gmatch(ARGV[1], '%d+') do
  asked[#asked + 1] = tonumber(number)
end
for at, key in ipairs(KEYS) do
  local ahead = math.max(0, tonumber(redis.call('GET', key) or 0) - now)
  if ahead > asked[2 * at] then told[1] = 0 end
  told[at + 1] = ahead
end
if told[1] == 1 then
  for at, key in ipairs(KEYS) do
    local ahead = told[at + 1] + asked[2 * at - 1]
    redis.call('SET', key, string.format('%.0f', now + ahead), 'PX', math.ceil(ahead / 1000))
    told[at + 1] = ahead
  end
end
for at = 2, #told do
  told[at] = string.format('%.0f', told[at])
end
return table.concat(told, ' ')
""")
"""Numbers go and come as one text: an argument, and an item of an answer, cost the client more than Redis."""


class RedisRates:
    """Counts for every desk of one prefix."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link

    async def take(self, counts: Sequence[Counted]) -> Taken:
        """Let a request pass if every count allows it, and then count it in all of them, in one step."""
        keys = [self._key(count.key) for count in counts]
        asked = " ".join(f"{count.interval_us} {count.ahead_max_us}" for count in counts)
        passes, *ahead_us = map(int, (await self._link.run(_TAKE, keys, (asked,))).split())
        return Taken(passes == 1, tuple(ahead_us))

    def _key(self, key: str) -> str:
        """Return a name of one length, whatever somebody called themselves."""
        return f"{self._link.prefix}:{{rates}}:{hashlib.sha256(key.encode()).hexdigest()[:32]}"
