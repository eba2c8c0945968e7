"""What the ways to all venues share: reads, a talk on a stream until something is heard, a key, a clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, Self

from engine.adapters.live.vitals import SKEW_BAD_MS, SKEW_GOOD_MS
from engine.clock import NS_PER_MS, Clock
from engine.errors import TransientError
from engine.messages.checks import Outcome
from engine.messages.circuits import Operation
from engine.model.text import clean
from engine.ports.secrets import Credential, SecretsError
from engine.transport.breaker import Breaker
from engine.transport.checking import Found
from engine.transport.http import NO_HEADERS, TRIES_MAX, HttpReader, Parameters
from engine.transport.skew import ClockSkew
from engine.transport.stream import FRAME_BYTES_MAX, dial

PATIENCE_S = 5.0
"""How long a stream may take to say what was asked for."""
READ_S = 8.0
"""How long a read may take: less than a step, so that its reason can be told."""
TIMES = 3
"""How often the time is asked for: the first answer also waits for the connection."""
ReadKey = Callable[[], Credential | None]
"""Returns the credential of the venue, None where there is none; raises SecretsError."""


class Reads:
    """Reads from one address while it is entered, through a circuit of its own: a step says nothing about the next."""

    def __init__(self, url: str, venue: str, clock: Clock, headers: Mapping[str, str] = NO_HEADERS) -> None:
        self.headers_of: Callable[[str], Mapping[str, str]] = lambda _: NO_HEADERS
        """Makes what is sent along with each try of a path, besides what every one has."""
        self._url = url
        self._circuit = Breaker(venue, Operation.DATA, clock, failures_max=TRIES_MAX + 1)
        self._headers = headers
        self._reader: HttpReader | None = None

    async def __aenter__(self) -> Self:
        self._reader = HttpReader(self._url, self._circuit, total_s=READ_S, headers=self._headers)
        self._reader.headers_of = self.headers_of
        return self

    async def __aexit__(self, kind: object, error: object, trace: object) -> None:
        assert self._reader is not None
        await self._reader.close()

    async def get(self, path: str, parameters: Parameters = NO_HEADERS) -> bytes:
        """Return the answer's body; raises what `HttpReader.get` raises."""
        assert self._reader is not None
        return await self._reader.get(path, parameters)


class Talk(Protocol):
    """One side of a talk on a stream."""

    def say(self) -> str:
        """Return what is to be said now, nothing for nothing."""

    def take(self, frame: bytes) -> bool:
        """Take what the venue says; tell whether that was all."""


async def talk_on(url: str, talk: Talk, patience_s: float, *, frame_bytes_max: int = FRAME_BYTES_MAX) -> None:
    """Open a connection and talk until all was heard.

    Raises:
        OSError: nobody answers there.
        AdapterError: it did not come to that in time, or the venue refused.
    """
    from websockets.exceptions import ConnectionClosed  # noqa: PLC0415  # only where something is dialled

    link = await dial(url, frame_bytes_max=frame_bytes_max)
    try:
        async with asyncio.timeout(patience_s):
            while True:
                while request := talk.say():
                    await link.send(request)
                if talk.take(await link.recv(decode=False)):
                    return
    except TimeoutError:
        raise TransientError(
            f"connected, but what was asked for did not come within {patience_s:g} s"
        ) from None
    except ConnectionClosed as closed:
        raise TransientError(clean(str(closed))) from None
    finally:
        link.transport.abort()


def key_of(
    read_key: ReadKey, venue: str, label: str, *, is_wanted: bool, has_lines: bool = False
) -> Credential | Found:
    """Return the key that is kept, or why there is none to try; the secret may be a text of several lines."""
    add = f"touchline credentials add {venue}"
    try:
        credential = read_key()
    except SecretsError as error:
        outcome = Outcome.FAILED if is_wanted else Outcome.SKIPPED
        return Found(str(error), outcome, f"Then {add}." if is_wanted else "")
    if credential is None:
        if not is_wanted:
            return Found("no key is kept, and market data needs none", Outcome.SKIPPED)
        return Found(f"no key is kept, and {label} wants one", Outcome.FAILED, f"Keep one with {add}.")
    lines = credential.secret.splitlines() if has_lines else [credential.secret]
    if not all(text.isascii() and text.isprintable() for text in (credential.key, *lines)):
        return Found(f"what is kept is no key of {label}", Outcome.FAILED, f"Replace it with {add}.")
    return credential


async def skew_of(ask: Callable[[], Awaitable[int]], clock: Clock) -> ClockSkew:
    """Ask a few times what time it is there, in nanoseconds: the quickest answer tells."""
    skew = ClockSkew()
    for _ in range(TIMES):
        sent_ns = clock.now_ns()
        skew.note(sent_ns, await ask(), clock.now_ns())
    return skew


def clock_found(skew: ClockSkew, label: str) -> Found:
    """Return how far the venue's clock is from this machine's."""
    assert skew.skew_ns is not None
    skew_ms, within_ms = skew.skew_ns / NS_PER_MS, skew.within_ns / NS_PER_MS
    told = f"{label} is {abs(skew_ms):,.0f} ms {'ahead' if skew_ms >= 0 else 'behind'}, within {within_ms:,.0f} ms"
    off_ms = max(0.0, abs(skew_ms) - within_ms)
    if off_ms <= SKEW_GOOD_MS:
        return Found(told)
    remedy = (
        "Set this machine's clock right: let it follow a time server (timedatectl set-ntp true, or chrony)."
    )
    return Found(told, Outcome.FAILED if off_ms > SKEW_BAD_MS else Outcome.WARNING, remedy)


def skipped(detail: str) -> Callable[[], Awaitable[Found]]:
    """Return a look at what there is nothing to see of."""

    async def look() -> Found:
        return Found(detail, Outcome.SKIPPED)

    return look
