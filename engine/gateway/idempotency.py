"""What comes twice under one key is done once, and answered the same.

Keys are kept by operator, a day long, and so many of each: the program that asks again does so soon. A restart forgets them; then
the ids of orders, which follow from the key, keep an order from being sent again.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from engine.clock import NS_PER_S, Clock
from engine.gateway.asking import Answer
from engine.gateway.refusals import Code, Refused

KEYS_MAX: Final = 1_000
"""How many keys of one operator are kept."""
KEPT_NS: Final = 24 * 3_600 * NS_PER_S
REPLAYED: Final = "Idempotent-Replayed"
"""Says of an answer that it was given before."""
_KEY: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")


class _Once(Struct):
    """One request, and its answer when it is there."""

    fingerprint: bytes
    answer: asyncio.Future[Answer] | Answer
    """A future as long as it is worked on: an answer that is kept takes half the room without one."""
    at_ns: int

    @property
    def is_answered(self) -> bool:
        """Whether nobody works on it any more."""
        return isinstance(self.answer, Answer)


class Idempotency:
    """Remembers requests by operator and key."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, OrderedDict[str, _Once]] = {}

    def __len__(self) -> int:
        """Return how many keys are kept."""
        return sum(map(len, self._kept.values()))

    async def once(
        self, who: str, key: str, fingerprint: bytes, work: Callable[[], Awaitable[Answer]]
    ) -> Answer:
        """Do the work and return its answer; of the same request again, return that answer.

        Work that is refused was not done: it may come again under its key.

        Raises:
            Refused: the key came with another request before, or the work was refused.
        """
        kept = self._kept.setdefault(who, OrderedDict())
        self._forget(kept)
        known = kept.get(key)
        if known is not None:
            if known.fingerprint != fingerprint:
                raise Refused(Code.KEY_CONFLICT)
            answer = known.answer if isinstance(known.answer, Answer) else await asyncio.shield(known.answer)
            return replace(answer, headers={**answer.headers, REPLAYED: "true"})
        return await self._first(kept, key, fingerprint, work)

    async def _first(
        self,
        kept: OrderedDict[str, _Once],
        key: str,
        fingerprint: bytes,
        work: Callable[[], Awaitable[Answer]],
    ) -> Answer:
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        once = kept[key] = _Once(fingerprint, future, self._clock.monotonic_ns())
        try:
            answer = await work()
        except BaseException as error:
            del kept[key]
            _end(future, error)
            raise
        once.answer = answer
        future.set_result(answer)
        return answer

    def _forget(self, kept: OrderedDict[str, _Once]) -> None:
        """Forget what is a day old, and the oldest that is answered where there is no room for one more."""
        before_ns = self._clock.monotonic_ns() - KEPT_NS
        old = [key for key, each in kept.items() if each.is_answered and each.at_ns <= before_ns]
        for key in old:
            del kept[key]
        if len(kept) >= KEYS_MAX:
            oldest = next((key for key, each in kept.items() if each.is_answered), None)
            if oldest is None:
                raise Refused(Code.RATE)
            del kept[oldest]


def key_of(headers: dict[bytes, bytes]) -> str:
    """Return the idempotency key of a request.

    Raises:
        Refused: it has none, or one that is none.
    """
    found = _KEY.fullmatch(headers.get(b"idempotency-key", b""))
    if found is None:
        raise Refused(Code.KEY_MISSING)
    return found[0].decode()


def fingerprint_of(method: str, path: str, body: bytes) -> bytes:
    """Return what two requests have in common that ask for the same."""
    return sha256(b"\0".join((method.encode(), path.encode(), body))).digest()


def order_id_of(who: str, key: str) -> str:
    """Return the client id of the order that a key is for: the same after a restart, another for anybody else."""
    return f"g{sha256(b'|'.join((who.encode(), key.encode()))).hexdigest()[:20]}"


def _end(future: asyncio.Future[Answer], error: BaseException) -> None:
    """Let who waits for the same answer hear why there is none."""
    if isinstance(error, asyncio.CancelledError):
        future.cancel()
        return
    future.set_exception(error if isinstance(error, Refused) else Refused(Code.INTERNAL))
    future.exception()  # nobody may wait
