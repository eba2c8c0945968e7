"""A webhook: JSON that is posted and signed, tried again within ten seconds, and left alone where nobody takes it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from typing import Final

from engine.clock import NS_PER_S, Clock
from engine.errors import RejectedError, ThrottledError, TransientError
from engine.ports.secrets import Credential
from engine.transport.breaker import OPEN_S, Breaker
from engine.transport.http import RETRY_AFTER_S_MAX, TOTAL_S, TRIES_MAX, client_of
from engine.transport.words import in_words

SIGNATURE: Final = "Touchline-Signature"
DELIVERY: Final = "Touchline-Delivery"
TRY_S: Final = 4.0
"""How long one try may take."""
_AGAIN: Final = frozenset({408, 425})
_TOO_OFTEN: Final = 429


def signature(secret: str, body: bytes, now_ns: int) -> str:
    """Return what proves a body and its time: `t=SECONDS,v1=HEX`, HMAC-SHA256 over `SECONDS.BODY`."""
    seconds = now_ns // NS_PER_S
    digest = hmac.new(secret.encode(), b"%d." % seconds + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


class Webhook:
    """Posts to one address, through one circuit."""

    def __init__(self, url: str, secret: Credential, breaker: Breaker, clock: Clock) -> None:
        self.breaker = breaker
        self._url = url
        self._secret = secret
        self._clock = clock
        self._client = client_of("")

    async def post(self, body: bytes, delivery: str) -> None:
        """Have a body taken; `delivery` names it, the same for every try.

        Raises:
            TransientError: nobody took it in time.
            RejectedError: it was refused, and would be again.
            ThrottledError: it was sent too often.
            BreakerOpenError: it was not sent.
        """
        from tenacity import (  # noqa: PLC0415  # only where something is sent
            AsyncRetrying,
            retry_if_exception_type,
            stop_after_attempt,
            wait_random_exponential,
        )

        retrying = AsyncRetrying(
            stop=stop_after_attempt(TRIES_MAX),
            wait=wait_random_exponential(multiplier=0.2, max=2),
            retry=retry_if_exception_type(TransientError),
            reraise=True,
        )
        try:
            async with asyncio.timeout(TOTAL_S):
                await retrying(self.breaker.call, lambda: self._try(body, delivery))
        except TimeoutError:
            raise TransientError(f"no answer within {TOTAL_S:g} s") from None

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def _try(self, body: bytes, delivery: str) -> None:
        from httpx import HTTPError  # noqa: PLC0415

        headers = {
            "Content-Type": "application/json",
            SIGNATURE: signature(self._secret.secret, body, self._clock.now_ns()),
            DELIVERY: delivery,
        }
        try:
            async with (
                asyncio.timeout(TRY_S),
                self._client.stream("POST", self._url, content=body, headers=headers) as answer,
            ):
                _check(answer.status_code, answer.headers.get("retry-after", ""))
        except (HTTPError, TimeoutError) as error:
            raise TransientError(in_words(error)) from error


def _check(status: int, retry_after: str) -> None:
    if 200 <= status < 300:
        return
    if status == _TOO_OFTEN:
        seconds = float(retry_after) if retry_after.isascii() and retry_after.isdigit() else OPEN_S
        raise ThrottledError(f"answered {status}", min(seconds, RETRY_AFTER_S_MAX))
    if status >= 500 or status in _AGAIN:
        raise TransientError(f"answered {status}")
    raise RejectedError(f"answered {status}")
