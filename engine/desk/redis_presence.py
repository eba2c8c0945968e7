"""Which desks there are, in the Redis that they share: each says so every second, and is known for some days after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from engine.desk.redis_link import RedisLink
from engine.desk.redis_script import Script
from engine.messages.firm import DeskPresence, Held
from engine.model.text import clean

DESKS_MAX: Final = 64
FLAT_KEPT_MS: Final = 86_400_000
"""How long a desk that holds nothing is known after its last word: who was cut off meanwhile hears that it is flat."""
HOLDING_KEPT_MS: Final = 7 * FLAT_KEPT_MS
"""How long one is known that holds something."""

_PRESENT: Final = Script("""
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local all, found, count = redis.call('HGETALL', KEYS[1]), {}, 0
for at = 1, #all, 2 do
  local heard, ends, said = string.match(all[at + 1], '^(%d+) (%d+) (.*)$')
  if not heard or tonumber(ends) <= now then
    redis.call('HDEL', KEYS[1], all[at])
  elseif count < tonumber(ARGV[4]) then
    count = count + 1
    table.insert(found, {all[at], math.max(0, now - heard), said})
  end
end
local ours = redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1
if ARGV[1] ~= '' and (ours or count < tonumber(ARGV[4])) then
  redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f %.0f %s', now, now + ARGV[3], ARGV[2]))
  redis.call('PEXPIRE', KEYS[1], ARGV[5])
end
return found
""")
_decode = msgspec.json.Decoder(DeskPresence).decode


class Heard(msgspec.Struct, frozen=True, gc=False):
    """What a desk said of itself, and how long ago by the clock of Redis."""

    presence: DeskPresence
    age_ms: int


class RedisPresence:
    """Keeps the desks of one prefix."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._desks = f"{link.prefix}:{{firm}}:desks"
        self._present = frozenset[str]()
        self.unread = 0
        """Desks whose word could not be read, the last time."""

    async def say(self, ours: DeskPresence | None) -> list[Heard]:
        """Say what we are, and return what each desk said last, ours included; raises RedisUnusable.

        None says nothing.
        """
        name, said, kept_ms = "", "", 0
        if ours is not None:
            name, said = ours.name, msgspec.json.encode(ours).decode()
            kept_ms = HOLDING_KEPT_MS if ours.holds else FLAT_KEPT_MS
        before = self._present
        arguments: list[str | int] = [name, said, kept_ms, DESKS_MAX, HOLDING_KEPT_MS]
        answer = await self._link.run(
            _PRESENT, [self._desks], arguments, is_quiet=lambda now: _names(now) == before
        )
        self._present = _names(answer)
        found = list(_read(answer))
        self.unread = len(answer) - len(found)
        return found


def _names(answer: Sequence[Sequence[str]]) -> frozenset[str]:
    return frozenset(each[0] for each in answer)


def _read(answer: Sequence[Sequence[str]]) -> Iterator[Heard]:
    for name, age_ms, said in answer:
        try:
            presence = _decode(said)
        except msgspec.DecodeError:
            continue
        if presence.name == name:
            yield Heard(_cleaned(presence), int(age_ms))


def _cleaned(presence: DeskPresence) -> DeskPresence:
    texts = ("name", "run", "host", "account", "mode", "operator", "version", "currency")
    held = tuple(
        Held(clean(each.symbol, 64), clean(each.size, 64), each.high, each.low) for each in presence.held
    )
    return replace(presence, held=held, **{name: clean(getattr(presence, name), 64) for name in texts})
