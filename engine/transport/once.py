"""Requests over HTTP that change something: each is sent once, and what is not known of its outcome is said so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import NamedTuple

import h11

from engine.errors import NotSentError, RejectedError, TransientError
from engine.transport.breaker import Breaker
from engine.transport.connection import Headers
from engine.transport.http import NO_HEADERS, Sign, target_of
from engine.transport.pool import HttpPool
from engine.transport.traced import note_request, note_status
from engine.transport.words import in_words

ONCE_S = 8.0
"""How long a request takes at most, with its connection: less than an order's answer is waited for."""
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


class Answer(NamedTuple):
    """What the venue said: done, or refused."""

    status: int
    body: bytes


class HttpOnce:
    """Sends to one base address, through one circuit; `heard` is called with the headers of every answer.

    Nothing is ever sent again. A request of which not a byte left failed, and that is known; of one that left and
    has no answer, or one that says the venue is in trouble, nobody knows.
    """

    def __init__(
        self,
        base_url: str,
        breaker: Breaker,
        *,
        total_s: float = ONCE_S,
        headers: Mapping[str, str] = NO_HEADERS,
        heard: Callable[[Mapping[str, str]], None] = lambda _: None,
        sign: Sign | None = None,
    ) -> None:
        self.breaker = breaker
        self._total_s = min(total_s, ONCE_S)
        self._heard = heard
        self._sign = sign
        self._pool = HttpPool(base_url)
        self._headers = (("Host", self._pool.host), ("User-Agent", "touchline"), *headers.items())

    async def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        parameters: Mapping[str, str] = NO_HEADERS,
        *,
        about: str = "",
    ) -> Answer:
        """Return what the venue answered, a refusal too; `about` is the order's client id, which is not sent along.

        Raises:
            NotSentError: not a byte left.
            TransientError: it left, and nobody knows what became of it.
            BreakerOpenError: it was not tried.
        """
        return await self.breaker.call(lambda: self._send(method, path, body, parameters), about)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._pool.close()

    async def _send(self, method: str, path: str, body: bytes, parameters: Mapping[str, str]) -> Answer:
        left, tracer = False, self.breaker.tracer
        told = (*self._headers, *_content(method, body), *note_request(tracer, method, self._pool.host, path))
        try:
            async with asyncio.timeout(self._total_s), self._pool.connection() as connection:
                target = self._pool.prefix + target_of(path, parameters, self._sign)
                answer = connection.send(method, target, told, body)
                left = True
                received = await answer
        except (OSError, h11.ProtocolError, RejectedError) as error:
            reason = f"{path}: {in_words(error)}"
            raise (TransientError(reason) if left else NotSentError(reason)) from error
        note_status(tracer, received.status)
        self._heard(received.headers)
        return _outcome(path, Answer(received.status, received.body))


def _content(method: str, body: bytes) -> Headers:
    """Return what tells of a body, and that there is none where one is usual."""
    if body:
        return ("Content-Type", "application/json"), ("Content-Length", f"{len(body)}")
    return (("Content-Length", "0"),) if method in _WITH_BODY else ()


def _outcome(path: str, answer: Answer) -> Answer:
    """Return an answer that is one: a venue in trouble may have done it all the same."""
    if answer.status >= 500:
        raise TransientError(f"{path}: the venue answered {answer.status}")
    return answer
