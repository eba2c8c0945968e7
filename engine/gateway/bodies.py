"""Reads the body of a request: of bounded size and depth, in bounded time, and of the type that its route takes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, TypeVar

import msgspec

from engine.gateway.refusals import Code, Refused
from engine.model.text import clean

BYTES_MAX: Final = 16_384
DEPTH_MAX: Final = 8
"""How deep objects and lists may be in each other."""
PATIENCE_S: Final = 10.0
"""How long a body may take."""
_TOKENS: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
"""A text that does not end is taken to the end, and never looked at again: each byte is read once, whatever is sent."""
_OPENING, _CLOSING = frozenset(b"[{"), frozenset(b"]}")
_TEXT_MAX: Final = 200

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Body = TypeVar("Body")


class Incoming:
    """What is still to come of one request."""

    def __init__(self, receive: Receive, headers: dict[bytes, bytes]) -> None:
        self._receive = receive
        self.headers = headers
        """By name, in small letters."""
        self.is_read = not _has_body(headers)
        """Whether nothing more of it is to come; else its connection can't be used again."""

    async def read(self, patience_s: float = PATIENCE_S) -> bytes:
        """Return the whole body.

        Raises:
            Refused: it is too large, too slow, or no JSON by its name.
        """
        if self.headers.get(b"content-type", b"").split(b";")[0].strip().lower() != b"application/json":
            raise Refused(Code.CONTENT_TYPE)
        if _length(self.headers) > BYTES_MAX:
            raise Refused(Code.BODY_TOO_LARGE)
        try:
            async with asyncio.timeout(patience_s):
                return await self._whole()
        except TimeoutError:
            raise Refused(Code.BODY_TOO_SLOW) from None

    async def _whole(self) -> bytes:
        body = b""
        while not self.is_read:
            message = await self._receive()
            if message["type"] != "http.request":
                raise Refused(Code.BAD_REQUEST)
            body += message.get("body", b"")
            if len(body) > BYTES_MAX:
                raise Refused(Code.BODY_TOO_LARGE)
            self.is_read = not message.get("more_body", False)
        return body


def decoded(body: bytes, kind: type[Body]) -> Body:
    """Return a body as its route takes it.

    Raises:
        Refused: it is no JSON, too deep, or something else.
    """
    if _depth(body) > DEPTH_MAX:
        raise Refused(Code.BODY_INVALID, f"the body is more than {DEPTH_MAX} objects and lists deep")
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise Refused(Code.BODY_INVALID, clean(str(error), _TEXT_MAX)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused(Code.BODY_INVALID, "the body is no JSON") from None


def _depth(body: bytes) -> int:
    deepest = depth = 0
    for token in _TOKENS.finditer(body):
        first = body[token.start()]
        depth += (first in _OPENING) - (first in _CLOSING)
        deepest = max(deepest, depth)
    return deepest


def _has_body(headers: dict[bytes, bytes]) -> bool:
    return b"transfer-encoding" in headers or _length(headers) > 0


def _length(headers: dict[bytes, bytes]) -> int:
    told = headers.get(b"content-length", b"0")
    return int(told) if told.isdigit() else 0
