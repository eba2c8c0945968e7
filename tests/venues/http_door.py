"""A small HTTP/1.1 server for venues: any method, bodies, connections that stay open."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

BODY_BYTES_MAX = 1 << 20


@dataclass(frozen=True)
class Request:
    """What was asked."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The target without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the target."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))


@dataclass(frozen=True)
class Answer:
    """What is said to it."""

    status: int
    text: str
    headers: dict[str, str] = field(default_factory=dict)
    cut_bytes: int | None = None
    """After how many bytes of the text the connection ends; None for all, and it is kept."""


class HttpDoor:
    """Answers every request by one function, on the loop it is opened on; no answer ends the connection."""

    def __init__(self, answer: Callable[[Request], Awaitable[Answer | None]]) -> None:
        self.port = 0
        self._answer = answer
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        """Listen, on the same port as before."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Listen no more and drop everyone."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
            for writer in self._open:
                writer.transport.abort()
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while await self._converse(reader, writer):
                    pass
        finally:
            self._open.discard(writer)
            writer.transport.abort()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; return whether there may be more."""
        answer = await self._answer(await _read(reader))
        if answer is None:
            return False
        writer.write(_written(answer))
        await writer.drain()
        return answer.cut_bytes is None


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ", 2)
    pairs = (line.partition(":") for line in head[1:] if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    length = min(int(headers.get("content-length", "0")), BODY_BYTES_MAX)
    return Request(method, target, headers, await reader.readexactly(length))


def _written(answer: Answer) -> bytes:
    body = answer.text.encode()
    headers = dict(answer.headers)
    if answer.status != HTTPStatus.NO_CONTENT:
        headers = {"Content-Type": "application/json", **headers, "Content-Length": str(len(body))}
    try:
        reason = HTTPStatus(answer.status).phrase
    except ValueError:
        reason = "Unknown"
    lines = [f"HTTP/1.1 {answer.status} {reason}", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body[: answer.cut_bytes]
