"""What one client has not been sent yet: of orders and alerts everything, of all else the latest."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from engine.gateway.channels import WHOLE, Channel
from engine.gateway.stream_messages import message
from engine.observe.gateway_counts import Traffic

KEPT_MAX: Final = 1_000
"""How many messages wait at most of those that may not be left out."""
KEPT_BYTES_MAX: Final = 4_000_000
"""How long they may be together."""


class Batch:
    """Values of one channel that changed, each written once, and as a message once, however many clients get it."""

    __slots__ = ("_frame", "_parts", "channel", "values")

    def __init__(self, channel: Channel, values: dict[str, str]) -> None:
        """Take values as they are written, by their symbol where they have one."""
        self.channel = channel
        self.values = values
        self._frame = b""
        self._parts: dict[frozenset[str], Batch] = {}

    @property
    def frame(self) -> bytes:
        """All of it as one message."""
        if not self._frame:
            self._frame = message(self.channel, self.values.values(), snapshot=False)
        return self._frame

    def of(self, symbols: frozenset[str]) -> Batch:
        """Return the part of it that is of these symbols; the same one to everybody who wants the same."""
        part = self._parts.get(symbols)
        if part is None:
            wanted = {symbol: self.values[symbol] for symbol in self.values.keys() & symbols}
            part = self._parts[symbols] = Batch(self.channel, wanted)
        return part

    def then(self, newer: Batch) -> Batch:
        """Return what is to be sent of both."""
        return newer if self.channel in WHOLE else Batch(self.channel, self.values | newer.values)


class Outbox:
    """Holds it until it is sent; bounded, however slow the client is."""

    def __init__(self, on_full: Callable[[], None], traffic: Traffic) -> None:
        """Take what is called when something would have to be left out that may not be, and what counts messages."""
        self._on_full = on_full
        self._kept: deque[bytes] = deque()
        self._kept_bytes = 0
        self._latest: dict[Channel, Batch] = {}
        self._waits: asyncio.Future[None] | None = None
        self._traffic = traffic

    def keep(self, frame: bytes) -> None:
        """Have a message sent, after those before it."""
        length = self._kept_bytes + len(frame)
        if self._kept and (len(self._kept) >= KEPT_MAX or length > KEPT_BYTES_MAX):
            self._on_full()
            return
        self._kept.append(frame)
        self._kept_bytes = length
        self._ring()

    def put(self, batch: Batch) -> None:
        """Have values sent, unless newer ones come before it is their turn."""
        if not batch.values:
            return
        held = self._latest.get(batch.channel)
        if held is not None:
            self._traffic.conflated += 1
            batch = held.then(batch)
        self._latest[batch.channel] = batch
        self._ring()

    def forget(self, channel: Channel) -> None:
        """Send nothing any more of what waits of a channel: it is subscribed to no longer, or told anew."""
        self._latest.pop(channel, None)

    async def next(self) -> bytes:
        """Return the next message, once there is one; one task alone asks."""
        while not (self._kept or self._latest):
            self._waits = asyncio.get_running_loop().create_future()
            await self._waits
        self._traffic.sent += 1
        if self._kept:
            frame = self._kept.popleft()
            self._kept_bytes -= len(frame)
            return frame
        return self._latest.pop(next(iter(self._latest))).frame

    def _ring(self) -> None:
        waits, self._waits = self._waits, None
        if waits is not None and not waits.done():
            waits.set_result(None)
