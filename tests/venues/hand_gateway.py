"""A gateway played by hand: it says only what a test says, and remembers every line it was sent."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any


class HandGateway:
    """Listens on a Unix socket, on the loop of the test."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="gateway-"))
        self.address = f"unix:{self.folder / 'desk'}"
        self.welcome: dict[str, Any] | None = {"type": "welcome", "version": 1, "account": "LIVE-1"}
        """What hello is answered by; None for silence."""
        self.answers_pings = True
        self.hang_up_after: int | None = None
        """After how many messages besides hello and ping it hangs up; None for never."""
        self.received: list[dict[str, Any]] = []
        """Everything but hello and ping, over all connections."""
        self.connections = 0
        self._writer: asyncio.StreamWriter | None = None
        self._server: asyncio.AbstractServer | None = None
        self._tasks: dict[asyncio.Task[Any], asyncio.StreamWriter] = {}

    async def open(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, str(self.folder / "desk"))

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in self._tasks.values():
            writer.transport.abort()
        if self._tasks:
            await asyncio.wait(self._tasks)
        shutil.rmtree(self.folder)

    def say(self, *messages: dict[str, Any]) -> None:
        self.say_raw(b"".join(json.dumps(each).encode() + b"\n" for each in messages))

    def say_raw(self, data: bytes) -> None:
        assert self._writer is not None
        self._writer.write(data)

    def hang_up(self) -> None:
        if self._writer is not None:
            self._writer.transport.abort()

    def stop_reading(self) -> None:
        assert self._writer is not None
        self._reading().pause_reading()

    def go_on_reading(self) -> None:
        self._reading().resume_reading()

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.received if message["type"] == kind]

    def _reading(self) -> asyncio.ReadTransport:
        assert self._writer is not None
        transport = self._writer.transport
        assert isinstance(transport, asyncio.ReadTransport)
        return transport

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks[task] = writer
        self._writer = writer
        self.connections += 1
        try:
            while line := await reader.readline():
                self._hear(json.loads(line))
        except ConnectionError:
            pass
        finally:
            writer.close()
            del self._tasks[task]

    def _hear(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "hello":
            if self.welcome is not None:
                self.say(self.welcome)
        elif kind == "ping":
            if self.answers_pings:
                self.say({"type": "pong", "id": message["id"]})
        else:
            self.received.append(message)
            if self.hang_up_after is not None and len(self.received) >= self.hang_up_after:
                self.hang_up_after = None
                self.hang_up()
