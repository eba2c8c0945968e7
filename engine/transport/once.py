"""Requests over HTTP that change something: each is sent once, and what is not known of its outcome is said so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from engine.errors import NotSentError, RejectedError, TransientError
from engine.model.text import clean
from engine.transport.breaker import Breaker
from engine.transport.http import NO_HEADERS, Sign, body_of, client_of, target_of

ONCE_S = 8.0
"""How long a request takes at most, with its connection: less than an order's answer is waited for."""
_LEAVES = "send_request_headers.started"
"""What httpcore tells when the first byte of a request is about to leave."""


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
        self._client = client_of(base_url, headers)

    async def send(
        self, method: str, path: str, body: bytes = b"", parameters: Mapping[str, str] = NO_HEADERS
    ) -> Answer:
        """Return what the venue answered, a refusal too.

        Raises:
            NotSentError: not a byte left.
            TransientError: it left, and nobody knows what became of it.
            BreakerOpenError: it was not tried.
        """
        return await self.breaker.call(lambda: self._send(method, path, body, parameters))

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def _send(self, method: str, path: str, body: bytes, parameters: Mapping[str, str]) -> Answer:
        from httpx import HTTPError  # noqa: PLC0415  # only where something is sent

        left = False

        async def trace(event: str, _told: Any) -> None:
            nonlocal left
            left = left or event.endswith(_LEAVES)

        headers = {"Content-Type": "application/json"} if body else {}
        try:
            async with (
                asyncio.timeout(self._total_s),
                self._client.stream(
                    method,
                    target_of(path, parameters, self._sign),
                    content=body,
                    headers=headers,
                    extensions={"trace": trace},
                ) as answer,
            ):
                self._heard(answer.headers)
                return _outcome(path, Answer(answer.status_code, await body_of(path, answer)))
        except (HTTPError, TimeoutError, RejectedError) as error:
            reason = f"{path}: {clean(str(error)) or type(error).__name__}"
            raise (TransientError(reason) if left else NotSentError(reason)) from error


def _outcome(path: str, answer: Answer) -> Answer:
    """Return an answer that is one: a venue in trouble may have done it all the same."""
    if answer.status >= 500:
        raise TransientError(f"{path}: the venue answered {answer.status}")
    return answer
