"""Reads over HTTP that may be repeated: pooled, bounded in time and size, retried within a budget."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from engine.errors import RejectedError, ThrottledError, TransientError
from engine.transport.breaker import OPEN_S, Breaker
from engine.transport.connection import ANSWER_BYTES_MAX
from engine.transport.pool import CONNECTIONS_MAX
from engine.transport.traced import note_request, note_status
from engine.transport.words import in_words

if TYPE_CHECKING:
    from httpx import AsyncClient, Response

TOTAL_S = 10.0
"""How long a read takes at most, all its tries together."""
TRY_S = 5.0
"""How long one try takes at most, however slowly its bytes come."""
TRIES_MAX = 4
NO_HEADERS: Mapping[str, str] = MappingProxyType({})
Parameters = Mapping[str, str | Sequence[str]]
Sign = Callable[[Parameters], str]
"""Writes the parameters of one try as a query, with what proves when and by whom they were sent."""
RETRY_AFTER_S_MAX = 3 * 86_400.0
"""A venue that asks to be left alone for longer is asked again after this."""
_TOO_OFTEN = frozenset((418, 429))


class RefusedAnswer(RejectedError):
    """The venue refused a read; `body` is what it said."""

    def __init__(self, path: str, status: int, body: bytes) -> None:
        super().__init__(f"{path}: the venue answered {status}")
        self.status = status
        self.body = body


class RetryBudget:
    """Lets a tenth of the reads be tried again, with some in reserve: retries must not become the load."""

    def __init__(self, reserve: float = 10.0) -> None:
        self._reserve = reserve
        self.left = reserve

    def earn(self) -> None:
        """Count a first try."""
        self.left = min(self._reserve, self.left + 0.1)

    def spend(self) -> bool:
        """Take a retry out of the budget; tell whether there was one left."""
        if self.left < 1:
            return False
        self.left -= 1
        return True


class HttpReader:
    """Reads from one base address, through one circuit."""

    def __init__(
        self,
        base_url: str,
        breaker: Breaker,
        *,
        total_s: float = TOTAL_S,
        headers: Mapping[str, str] = NO_HEADERS,
        sign: Sign | None = None,
    ) -> None:
        self.breaker = breaker
        self.budget = RetryBudget()
        self.heard: Callable[[Mapping[str, str]], None] = lambda _: None
        """Told of the headers of every answer."""
        self.headers_of: Callable[[str], Mapping[str, str]] = lambda _: {}
        """Makes what is sent along with each try of a path: what proves who asks may be good for one only."""
        self._total_s = min(total_s, TOTAL_S)
        self._sign = sign
        self._client = client_of(base_url, headers)

    async def get(self, path: str, parameters: Parameters) -> bytes:
        """Return the answer's body.

        Raises:
            TransientError: no good answer came in time.
            RejectedError: the venue refused.
            ThrottledError: it was asked too often.
            BreakerOpenError: it was not asked.
        """
        from tenacity import (  # noqa: PLC0415  # only where something is read
            AsyncRetrying,
            retry_if_exception,
            stop_after_attempt,
            wait_random_exponential,
        )

        self.budget.earn()
        retrying = AsyncRetrying(
            stop=stop_after_attempt(TRIES_MAX),
            wait=wait_random_exponential(multiplier=0.2, max=2),
            retry=retry_if_exception(lambda error: isinstance(error, TransientError) and self.budget.spend()),
            reraise=True,
        )
        try:
            async with asyncio.timeout(self._total_s):
                return await retrying(self.breaker.call, lambda: self._read(path, parameters))
        except TimeoutError:
            raise TransientError(f"{path}: no answer within {self._total_s:g} s") from None

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def _read(self, path: str, parameters: Parameters) -> bytes:
        from httpx import HTTPError  # noqa: PLC0415

        tracer, client = self.breaker.tracer, self._client
        headers = {**self.headers_of(path), **dict(note_request(tracer, "GET", client.base_url.host, path))}
        try:
            async with (
                asyncio.timeout(TRY_S),
                client.stream("GET", target_of(path, parameters, self._sign), headers=headers) as answer,
            ):
                note_status(tracer, answer.status_code)
                self.heard(answer.headers)
                _check(path, answer.status_code, answer.headers)
                body = await body_of(path, answer)
                if answer.status_code != 200:
                    raise RefusedAnswer(path, answer.status_code, body)
                return body
        except (HTTPError, TimeoutError) as error:
            raise TransientError(f"{path}: {in_words(error)}") from error


def target_of(path: str, parameters: Parameters, sign: Sign | None) -> str:
    """Return the path with its query; what was signed leaves byte for byte as it was signed."""
    query = sign(parameters) if sign is not None else urlencode(parameters, doseq=True)
    return f"{path}?{query}" if query else path


async def body_of(path: str, answer: Response) -> bytes:
    """Return the whole body of an answer.

    Raises:
        RejectedError: it is longer than any answer that was asked for.
    """
    body = bytearray()
    async for piece in answer.aiter_bytes():
        body += piece
        if len(body) > ANSWER_BYTES_MAX:
            raise RejectedError(f"{path}: the answer is longer than {ANSWER_BYTES_MAX:,} bytes")
    return bytes(body)


def client_of(base_url: str, headers: Mapping[str, str] = NO_HEADERS) -> AsyncClient:
    """Return a client with a pool of its own; it follows no redirects and minds no proxies."""
    from httpx import AsyncClient, Limits, Timeout  # noqa: PLC0415  # only where something is read

    return AsyncClient(
        base_url=base_url,
        timeout=Timeout(TRY_S),
        limits=Limits(max_connections=CONNECTIONS_MAX),
        headers={"User-Agent": "touchline", **headers},
        trust_env=False,
    )


def _check(path: str, status: int, headers: Mapping[str, str]) -> None:
    """Raise for a venue in trouble, and for one that was asked too often."""
    if status >= 500:
        raise TransientError(f"{path}: the venue answered {status}")
    if status in _TOO_OFTEN:
        raise ThrottledError(f"{path}: the venue answered {status}", _retry_after_s(headers))


def _retry_after_s(headers: Mapping[str, str]) -> float:
    """Return how long the venue wants to be left alone."""
    text = headers.get("retry-after", "")
    seconds = float(text) if text.isascii() and text.isdigit() and len(text) < 10 else OPEN_S
    return min(seconds, RETRY_AFTER_S_MAX)
