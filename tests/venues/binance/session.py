"""One connection to the venue's streams: what it subscribed, and what waits to be sent to it."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

if TYPE_CHECKING:
    from tests.venues.binance.floor import Floor

OUTBOX_MAX = 100_000
MESSAGES_MAX = 5
"""That one connection may send in a second; one more ends it."""
STREAMS_MAX = 1024


class Session:
    """Answers requests, and passes on what happens on the floor."""

    def __init__(self, floor: Floor, connection: ServerConnection, target: str) -> None:
        self.floor = floor
        self.connection = connection
        url = urlsplit(target)
        self.combined = url.path.startswith("/stream")
        """Whether frames name their stream."""
        names = parse_qs(url.query).get("streams", [""])[0] if self.combined else url.path.removeprefix("/ws")
        self.streams: dict[str, str] = {}
        """What is subscribed: the name without a speed, and as it was asked for."""
        self._new = asyncio.Event()
        self._add(name for name in names.strip("/").split("/") if "@" in name)
        self.outbox: asyncio.Queue[str | bytes] = asyncio.Queue(OUTBOX_MAX)
        self._came: deque[float] = deque(maxlen=MESSAGES_MAX)

    def push(self, message: str | bytes) -> None:
        """Send a message after those that wait."""
        self.outbox.put_nowait(message)

    def tell(self, stream: str, event: str) -> None:
        """Send an event, if its stream is subscribed."""
        name = self.streams.get(stream)
        if name is not None:
            self.push(f'{{"stream":"{name}","data":{event}}}' if self.combined else event)

    async def write(self) -> None:
        """Send what waits, as late as the faults say; while it is mute nothing goes out at all."""
        try:
            while True:
                message = await self.outbox.get()
                if self.floor.faults.late_s:
                    await asyncio.sleep(self.floor.faults.late_s)
                if not self.floor.faults.mute:
                    await self.connection.send(message)
        except ConnectionClosed:
            return

    async def read(self) -> None:
        """Answer requests until it ends."""
        async for text in self.connection:
            self.floor.requests.append(str(text))
            now = time.monotonic()
            if len(self._came) == MESSAGES_MAX and now - self._came[0] < 1.0:
                await self.connection.close(1008, "Too many requests")
                return
            self._came.append(now)
            self.push(json.dumps(self._answer(str(text))))

    def _answer(self, text: str) -> dict[str, Any]:
        try:
            request = json.loads(text)
            number, method = request.get("id"), request["method"]
        except (ValueError, KeyError, AttributeError):
            return {"code": 3, "msg": "Invalid JSON: expected an object with a method"}
        names = request.get("params", [])
        if method not in {"SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS"}:
            return {"code": 2, "msg": f"Invalid request: unknown variant `{method}`", "id": number}
        if any("@" not in name for name in names):
            return {"code": 2, "msg": "Invalid request: invalid stream", "id": number}
        if method == "LIST_SUBSCRIPTIONS":
            return {"result": list(self.streams.values()), "id": number}
        if method == "UNSUBSCRIBE":
            for name in names:
                self.streams.pop(_plain(name), None)
        else:
            self._add(names)
        if len(self.streams) > STREAMS_MAX:
            return {"code": 2, "msg": "Invalid request: too many streams", "id": number}
        return {"result": None, "id": number}

    def _add(self, names: Any) -> None:
        self.streams.update((_plain(name), name) for name in names)
        self._new.set()

    async def asked(self, stream: str) -> None:
        """Return once a stream is subscribed."""
        while stream not in self.streams:
            self._new.clear()
            await self._new.wait()


def _plain(name: str) -> str:
    """Return a stream's name without its speed."""
    return name.removesuffix("@100ms").removesuffix("@1000ms")
