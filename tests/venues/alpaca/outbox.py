"""What every stream of the venue has: messages that wait, a codec, and the faults of a connection."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import msgspec
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

if TYPE_CHECKING:
    from tests.venues.alpaca.floor import Floor

MSGPACK = "application/msgpack"


class Outbox:
    """Sends what waits, in its order, as late as the faults say."""

    kind = ""

    def __init__(self, floor: Floor, connection: ServerConnection) -> None:
        assert connection.request is not None
        self.floor = floor
        self.connection = connection
        self.path = connection.request.path.partition("?")[0]
        self.headers = connection.request.headers
        self.is_packed = self.headers.get("Content-Type", "") == MSGPACK
        self._waiting: asyncio.Queue[str | bytes] = asyncio.Queue(floor.outbox_max)
        self._is_deaf = False

    def push(self, frame: str | bytes) -> None:
        """Send a frame after those that wait; who lets too many wait is dropped."""
        if self._waiting.full():
            self.connection.transport.abort()
        else:
            self._waiting.put_nowait(frame)

    def go_deaf(self) -> None:
        """Read nothing more, not even pings, and say nothing, and keep the connection."""
        self._is_deaf = True
        self.connection.transport.pause_reading()

    async def write(self) -> None:
        """Send what waits; of what comes while it is mute nothing goes out at all."""
        try:
            while True:
                frame = await self._waiting.get()
                if self.floor.faults.stream_late_s:
                    await asyncio.sleep(self.floor.faults.stream_late_s)
                if not self._is_deaf and self.kind not in self.floor.faults.mute:
                    await self.connection.send(frame)
        except ConnectionClosed:
            return

    async def read(self) -> None:
        """Answer requests until it ends."""
        raise NotImplementedError

    async def run(self) -> None:
        """Have the connection to its end."""
        writing = asyncio.create_task(self.write())
        try:
            await self.read()
        except ConnectionClosed:
            return
        finally:
            writing.cancel()

    def decode(self, frame: str | bytes) -> Any:
        """Read a request: text is JSON, bytes are what the handshake said, or JSON."""
        if isinstance(frame, bytes) and self.is_packed and frame[:1] != b"{":
            return msgspec.msgpack.decode(frame)
        return json.loads(frame)
