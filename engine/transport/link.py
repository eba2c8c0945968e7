"""A WebSocket whose messages are handed over as their bytes come, with no queue and no task between.

Nearly every frame is a whole message, and those are taken here; all the rest (the greeting, pings, the end, messages
in pieces, faults) is `websockets`' own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from websockets.asyncio.client import ClientConnection
from websockets.frames import Frame, Opcode
from websockets.protocol import Event, State

from engine.transport.frames import extent, hand_over

TURN_BYTES: Final = 16 * 1024
"""How much is handed over before the loop may do something else: a command must not wait for a burst."""
_HEAD_END: Final = b"\r\n\r\n"
_MESSAGES: Final = frozenset((Opcode.TEXT, Opcode.BINARY, Opcode.CONT))


class Link(ClientConnection):
    """Reads nothing before it knows who takes it, nor more than is taken."""

    def __init__(self, *terms: Any, **named: Any) -> None:
        super().__init__(*terms, **named)
        self.fault: Exception | None = None
        """What whoever takes its messages raised; it is the end of the connection."""
        self._take: Callable[[bytes], object] | None = None
        self._bytes_max = 0
        self._greeting = b""
        """The last bytes of the greeting, while it is not whole."""
        self._rest = b""
        """What came and was not taken: part of a frame, or what waits for its turn."""
        self._pieces: list[bytes] = []
        """What came of a message that comes in pieces."""

    def hand_to(self, take: Callable[[bytes], object], bytes_max: int) -> None:
        """Hand every message to `take` from now on, of up to so many bytes."""
        self._take, self._bytes_max = take, bytes_max
        self._go_on()

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        if self.protocol.state is State.CONNECTING:
            data = self._greeted(data)
        if self.protocol.state is not State.OPEN:
            super().data_received(data)
            return
        self._rest += data
        if self._take is None:
            self.transport.pause_reading()
        else:
            self._turn()

    def process_event(self, event: Event) -> None:
        """Take a message, or a piece of one, that was no plain frame."""
        if not isinstance(event, Frame) or event.opcode not in _MESSAGES:
            super().process_event(event)
            return
        self._pieces.append(bytes(event.data))
        if event.fin:
            message = b"".join(self._pieces)
            self._pieces.clear()
            assert self._take is not None, "nothing is read before"
            self._take(message)

    def _greeted(self, data: bytes) -> bytes:
        """Let the greeting have its bytes, to the empty line behind its head; return those that are left."""
        before = len(self._greeting)
        seen = self._greeting + data
        end = seen.find(_HEAD_END)
        own = len(data) if end < 0 else end + len(_HEAD_END) - before
        self._greeting = seen[1 - len(_HEAD_END) :]
        super().data_received(data[:own])
        return data[own:]

    def _go_on(self) -> None:
        if not self.transport.is_closing():
            self.transport.resume_reading()
            self._turn()

    def _turn(self) -> None:
        """Hand over as much as one turn of the loop may take."""
        try:
            waits = self._work()
        except Exception as fault:  # noqa: BLE001  # whoever waits for the end of the connection raises it
            self.fault = fault
            self.transport.abort()
            return
        if waits and not self.transport.is_closing():
            self.transport.pause_reading()
            self.loop.call_soon(self._go_on)

    def _work(self) -> bool:
        """Take whole frames; tell whether what is left waits for another turn, rather than for more bytes."""
        assert self._take is not None
        data, at, bytes_max = self._rest, 0, self._bytes_max
        while self.protocol.state is State.OPEN:
            if not self._pieces:
                at = hand_over(data, at, TURN_BYTES, bytes_max, self._take)
            part = extent(data, at)
            if part is None or at >= TURN_BYTES:
                break
            begin, end = part
            if end > len(data) and end - begin <= bytes_max:
                break
            super().data_received(data[at:end])
            at = min(end, len(data))
        self._rest = data[at:]
        if self.protocol.state is not State.OPEN:
            super().data_received(self._rest)
            self._rest = b""
        return at >= TURN_BYTES and bool(self._rest)
