"""As much of HTTP/1.1 as a client of a REST API needs; one answer at a time on a connection that is kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

HEAD_MAX = 65_536


@dataclass(frozen=True)
class Request:
    """What is asked."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    """Their names in small letters."""
    body: bytes


@dataclass
class Answer:
    """What is answered."""

    status: int
    body: Any = None
    """What becomes JSON; bytes are sent as they are; None is no body."""
    headers: dict[str, str] = field(default_factory=dict)
    sent_bytes: int | None = None
    """After how many bytes of the body the connection ends; None for all of them, and it is kept."""

    def encoded(self) -> bytes:
        """Return it as it is sent."""
        body = self.body if isinstance(self.body, bytes) else b"" if self.body is None else _dump(self.body)
        phrase = HTTPStatus(self.status).phrase
        lines = [
            f"HTTP/1.1 {self.status} {phrase}",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        if self.status != HTTPStatus.NO_CONTENT:
            lines += ["Content-Type: application/json; charset=UTF-8", f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + body[: self.sent_bytes]


def _dump(body: Any) -> bytes:
    return json.dumps(body).encode()


Handle = Callable[[Request], Awaitable[Answer | None]]
"""Answers a request; None ends the connection instead."""


async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handle: Handle) -> None:
    """Answer what comes on a connection, to its end."""
    try:
        while (request := await _read(reader)) is not None:
            answer = await handle(request)
            if answer is None:
                break
            writer.write(answer.encoded())
            await writer.drain()
            if answer.sent_bytes is not None or request.headers.get("connection", "").lower() == "close":
                break
    except (ConnectionError, asyncio.LimitOverrunError, ValueError):
        pass
    finally:
        if not writer.is_closing():
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *rest = head[:-4].split("\r\n")
        method, target, _ = first.split(" ", 2)
        pairs = (line.partition(":") for line in rest)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    except asyncio.IncompleteReadError:
        return None
    url = urlsplit(target)
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    return Request(method, unquote(url.path), query, headers, body)
