"""An HTTP client of its own on asyncio: one connection that is kept, and every answer with how long it took."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import NamedTuple

TIMEOUT_S = 10.0


class Answer(NamedTuple):
    """What came back; a status of 0 is no answer."""

    status: int
    took_ms: float
    body: bytes = b""
    retries_after: bool = False
    """Whether it says when to ask again."""


class Caller:
    """Asks one thing after the other; a connection that broke is made again at the next question."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str, token: str, body: bytes = b"", key: str = "") -> Answer:
        """Ask, and return the answer, or none where it did not come in time."""
        began = time.perf_counter()
        try:
            async with asyncio.timeout(TIMEOUT_S):
                status, text, again = await self._exchange(self._request(method, path, token, body, key))
        except (OSError, EOFError, ValueError, TimeoutError):
            await self.close()
            return Answer(0, (time.perf_counter() - began) * 1_000)
        return Answer(status, (time.perf_counter() - began) * 1_000, text, again)

    async def close(self) -> None:
        """Hang up."""
        writer, self._reader, self._writer = self._writer, None, None
        if writer is not None:
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()

    def _request(self, method: str, path: str, token: str, body: bytes, key: str) -> bytes:
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{self._port}",
            f"Authorization: Bearer {token}",
        ]
        if key:
            lines.append(f"Idempotency-Key: {key}")
        if body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        return "\r\n".join((*lines, "", "")).encode() + body

    async def _exchange(self, request: bytes) -> tuple[int, bytes, bool]:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        status, length = int(head[9:12]), 0  # after "http/1.1 "
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name == b"content-length":
                length = int(value)
        text = await self._reader.readexactly(length)
        if b"\r\nconnection: close" in head:
            await self.close()
        return status, text, b"\r\nretry-after:" in head
