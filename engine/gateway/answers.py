"""What every answer carries, whatever it says: nothing of it is kept, framed, run or taken for something else."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final

import msgspec

from engine.gateway.asking import Answer
from engine.gateway.bodies import Incoming
from engine.gateway.refusals import Refused
from engine.security.tokens.mint import new_id

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

SECURITY_HEADERS: Final[tuple[tuple[str, str], ...]] = (
    (
        "Content-Security-Policy",
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
    ("X-Frame-Options", "DENY"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
    ("Vary", "Origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "()"),
)
CORRELATION: Final = "X-Correlation-ID"
JSON: Final = "application/json"
SWITCHED: Final = 101
NO_CONTENT: Final = 204
UNAUTHORIZED: Final = 401
_CORRELATION: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
encode = msgspec.json.Encoder().encode


class Sender:
    """Sends one answer, to a request or to the opening of a WebSocket."""

    def __init__(self, scope: Scope, send: Send, incoming: Incoming, always: Mapping[str, str]) -> None:
        """Take what every answer of this listener carries besides, such as that it is HTTPS from now on."""
        self._send = send
        self._event = "websocket.http.response" if scope["type"] == "websocket" else "http.response"
        self._incoming = incoming
        self.correlation = _correlation(incoming.headers.get(b"x-correlation-id", b""))
        """Names the request: what it came with, else a name of our own."""
        self._always = {**dict(SECURITY_HEADERS), **always, CORRELATION: self.correlation}
        self.status = 0
        """What was answered; 0 as long as nothing was."""
        self.page: Mapping[str, str] = {}
        """What is said to the web page that asks."""
        self.rates: Mapping[str, str] = {}
        """How the limits stand."""

    async def answer(self, answer: Answer) -> None:
        """Send an answer."""
        body = b"" if answer.body is None else encode(answer.body)
        kind = {"Content-Type": JSON} if answer.body is not None else {}
        await self.raw(answer.status, body, {**kind, **answer.headers})

    async def accept(self) -> None:
        """Open the WebSocket that was asked for."""
        self.status = SWITCHED
        told = {**self._always, **self.page, **self.rates}
        await self._send({"type": "websocket.accept", "headers": _pairs(told)})

    async def refuse(self, refused: Refused) -> None:
        """Send why not."""
        meaning, headers = refused.meaning, dict(refused.headers)
        if meaning.status == UNAUTHORIZED:
            headers["WWW-Authenticate"] = "Bearer"
        await self.answer(Answer(refused.answer(self.correlation), meaning.status, headers))

    async def raw(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        """Send bytes under a status; a body of which more is to come ends the connection."""
        told = {**self._always, **self.page, **self.rates, **headers}
        if status != NO_CONTENT:
            told["Content-Length"] = str(len(body))
        if not self._incoming.is_read:
            told["Connection"] = "close"
        self.status = status
        await self._send({"type": f"{self._event}.start", "status": status, "headers": _pairs(told)})
        await self._send({"type": f"{self._event}.body", "body": body})


def _pairs(told: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in told.items()]


def _correlation(told: bytes) -> str:
    found = _CORRELATION.fullmatch(told)
    return found[0].decode() if found is not None else new_id()
