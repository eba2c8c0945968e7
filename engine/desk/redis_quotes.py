"""One desk's quotes in the Redis that desks share: a stream of what changed, short, and whole once a second.

Entries are bounded before they leave the server: what is larger than any desk writes is told as unread and never sent. Every question also
brings the server's time, by which two desks know how far apart their clocks are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from engine.clock import NS_PER_MS, NS_PER_S, Clock
from engine.desk.redis_link import RedisLink, RedisUnusable
from engine.desk.redis_script import Script
from engine.messages.shared_quotes import SharedEntry
from engine.model.undecodable import UNDECODABLE
from engine.ports.shared_quotes import HeardQuotes, SharedUnusable
from engine.transport.skew import ClockSkew

ENTRIES_MAX: Final = 100
"""About how many entries the server keeps: five seconds of a busy market."""
ENTRY_BYTES_MAX: Final = 1 << 19
READ_MAX: Final = 64
"""Entries of one answer."""
READ_BYTES_MAX: Final = 1 << 20
"""Bytes of one answer beyond which no further entry is in it."""
KEPT_MS: Final = 86_400_000
"""How long the last word of a desk stays that shares no more."""
_NS_PER_US: Final = 1_000
_ADD: Final = Script("""
if ARGV[4] == '1' then redis.call('DEL', KEYS[1]) end
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'e', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PUBLISH', KEYS[1], id)
return redis.call('TIME')
""")
_READ: Final = Script("""
local found, told, size = nil, {}, 0
if ARGV[1] == '' then
  found = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', ARGV[2])
else
  found = redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+', 'COUNT', ARGV[2])
end
for _, each in ipairs(found) do
  local fields, said = each[2], ''
  if fields[1] == 'e' and #fields[2] <= tonumber(ARGV[3]) then said = fields[2] end
  size = size + #said
  if size > tonumber(ARGV[4]) and #told > 0 then break end
  table.insert(told, {each[1], said})
end
return {redis.call('TIME'), told}
""")
_decode = msgspec.json.Decoder(SharedEntry).decode
_encode = msgspec.json.Encoder().encode


class RedisQuotes:
    """Writes what this desk shares, or reads what another does."""

    def __init__(self, link: RedisLink, name: str, clock: Clock) -> None:
        """Take the way there, the sharing desk's name, and the world's clock."""
        self._link = link
        self._key = f"{link.prefix}:quotes:{name}"
        self._clock = clock
        self._skew = ClockSkew()

    @property
    def ahead_ns(self) -> int | None:
        """How far the server's clock is ahead of ours; None before the first answer."""
        return self._skew.skew_ns

    @property
    def within_ns(self) -> int:
        """By how much that may be wrong."""
        return self._skew.within_ns

    async def add(self, entry: SharedEntry) -> None:
        """Write one entry, the first of a run over all that was there; raises RedisUnusable."""
        arguments: list[str | int | bytes] = [_encode(entry), ENTRIES_MAX, KEPT_MS, entry.number]
        sent_ns = self._clock.now_ns()
        self._note_time(sent_ns, await self._link.run(_ADD, [self._key], arguments, is_raw=True))

    async def newest(self) -> HeardQuotes:
        """Return the last time that everything was told, and what came after; raises SharedUnusable."""
        found = await self._read("")
        return msgspec.structs.replace(found, entries=_from_whole(found.entries))

    async def since(self, after: str) -> HeardQuotes:
        """Return what came after; raises likewise."""
        return await self._read(after)

    async def news(self, patience_s: float) -> None:
        """Return when something was told, or when the patience is over."""
        await self._link.news(self._key, patience_s)

    async def close(self) -> None:
        """Let every connection go."""
        await self._link.close()

    async def _read(self, after: str) -> HeardQuotes:
        arguments: list[str | int] = [after, READ_MAX, ENTRY_BYTES_MAX, READ_BYTES_MAX]
        sent_ns = self._clock.now_ns()
        try:
            time, told = await self._link.run(_READ, [self._key], arguments, is_raw=True)
        except RedisUnusable as error:
            raise SharedUnusable(str(error)) from error
        now_ms = self._note_time(sent_ns, time) // NS_PER_MS
        if not after:
            told.reverse()
        entries = [entry for _, said in told if (entry := read_entry(said)) is not None]
        last = told[-1][0].decode() if told else after or "0-0"
        behind_ms = max(0, now_ms - int(last.partition("-")[0])) if told else 0
        return HeardQuotes(tuple(entries), last, behind_ms, len(told) - len(entries))

    def _note_time(self, sent_ns: int, answer: Sequence[Any]) -> int:
        """Learn from the server's time; return it in nanoseconds."""
        seconds, micros = answer
        server_ns = int(seconds) * NS_PER_S + int(micros) * _NS_PER_US
        self._skew.note(sent_ns, server_ns, self._clock.now_ns())
        return server_ns


def read_entry(said: bytes) -> SharedEntry | None:
    """Return what a desk wrote, None for what none did."""
    try:
        return _decode(said)
    except UNDECODABLE:
        return None


def _from_whole(entries: Sequence[SharedEntry]) -> tuple[SharedEntry, ...]:
    """Return what comes from the last that tells everything on."""
    at = next((at for at in range(len(entries) - 1, -1, -1) if entries[at].whole), len(entries))
    return tuple(entries[at:])
