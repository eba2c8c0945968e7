"""One connection to a gateway: bytes in, lines out, and the moment it is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

LINE_BYTES_MAX = 4 << 20
"""A longer line is thrown away to its end."""


class Link(asyncio.Protocol):
    """Cuts what comes into lines, and writes at once."""

    def __init__(self, on_line: Callable[[bytes], None], on_too_long: Callable[[], None]) -> None:
        self.closed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Why it ended, once it has."""
        self.heard = 0
        """How often anything came."""
        self._on_line = on_line
        self._on_too_long = on_too_long
        self._transport: asyncio.Transport | None = None
        self._rest = bytearray()
        self._skipping = False
        self._reason = ""

    @property
    def is_open(self) -> bool:
        """Whether bytes can be written."""
        return self._transport is not None and not self._transport.is_closing()

    @property
    def waiting_bytes(self) -> int:
        """What was written and the system has not taken yet."""
        return self._transport.get_write_buffer_size() if self._transport is not None else 0

    def write(self, line: bytes) -> None:
        """Hand a line to the system now, or keep what it does not take."""
        assert self._transport is not None
        self._transport.write(line)

    def drop(self, reason: str) -> None:
        """End it at once."""
        self._reason = self._reason or reason
        if self._transport is not None:
            self._transport.abort()

    async def leave(self, patience_s: float) -> None:
        """End it after what was written has gone, or when patience has."""
        if self._transport is None:
            return
        self._transport.close()
        try:
            async with asyncio.timeout(patience_s):
                await asyncio.shield(self.closed)
        except TimeoutError:
            self._transport.abort()

    # What the loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take bytes; every whole line is handed on."""
        self.heard += 1
        rest = self._rest
        rest += data
        if b"\n" in data:
            *lines, tail = bytes(rest).split(b"\n")
            rest[:] = tail
            for line in lines:
                self._take(line)
        if len(rest) > LINE_BYTES_MAX:
            rest.clear()
            if not self._skipping:
                self._skipping = True
                self._on_too_long()

    def _take(self, line: bytes) -> None:
        if self._skipping:
            self._skipping = False
        elif len(line) > LINE_BYTES_MAX:
            self._on_too_long()
        elif line:
            self._on_line(line)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits that it is gone."""
        if not self.closed.done():
            self.closed.set_result(self._reason or (str(exc) if exc else "the gateway closed the connection"))
