"""One WebSocket on the wire: a peer that takes nothing, pings without end or never ends a message costs no more than so much."""

from __future__ import annotations

from asyncio import BaseTransport, TimerHandle
from typing import Any, Final

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame

PINGS_MAX: Final = 60
"""How many pings a client may send in so long."""
PINGS_OVER_S: Final = 10.0
PARTS_MAX: Final = 64
"""Of how many frames a message may be made."""
FAREWELL_S: Final = 5.0
"""How long a peer may take to answer a farewell."""
GONE_S: Final = 1.0
"""How much longer than its farewell a connection stays that takes nothing."""


class StreamConnection(WebSocketsSansIOProtocol):
    """Bounds what uvicorn's protocol leaves unbounded, and sends frames that were made once for many."""

    _deaf = False
    _pings = 0
    _pings_since_s = 0.0

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin."""
        super().connection_made(transport)
        self.close_timeout = FAREWELL_S

    async def send(self, message: Any) -> None:
        """Send; a farewell does not wait for a peer that takes nothing, and the connection is gone soon after."""
        if (frame := message.get("frame")) is not None:
            await self.writable.wait()
            if self.disconnected or self.close_sent or self.transport.is_closing():
                raise ClientDisconnected
            self.transport.write(frame)
            return
        if message["type"] == "websocket.close":
            self.writable.set()
            self._go_away(self.close_timeout + GONE_S)
        await super().send(message)

    def data_received(self, data: bytes) -> None:
        """Take what came; of a peer that broke the rules it is dropped, but read to its end."""
        if not self._deaf:
            super().data_received(data)

    def handle_parser_exception(self) -> None:
        """Say farewell to a peer that broke the rules.

        The connection is closed by half and then read to its end (RFC 6455, 7.1.1): a close with bytes unread
        resets it, and the peer would lose the farewell.
        """
        said = self.conn.close_sent
        assert said is not None
        self.queue.put_nowait({"type": "websocket.disconnect", "code": said.code, "reason": said.reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = self._deaf = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.close_timer = self._go_away(GONE_S)

    def handle_ping(self) -> None:
        """Answer a ping; not where answers pile up already, nor to a flood."""
        if self._deaf:
            return
        now_s = self.loop.time()
        if now_s - self._pings_since_s > PINGS_OVER_S:
            self._pings, self._pings_since_s = 0, now_s
        self._pings += 1
        if self._pings > PINGS_MAX:
            self._fail("too many pings")
        elif self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()  # taken, and dropped

    def handle_cont(self, event: Frame) -> None:
        """Add to a message, of so many parts at most."""
        if len(self.frames) >= PARTS_MAX:
            self._fail("a message in too many parts")
        else:
            super().handle_cont(event)

    def keepalive_timeout(self) -> None:
        """Let go of a peer that does not answer, even if it takes nothing."""
        super().keepalive_timeout()
        self._go_away(GONE_S)

    def _fail(self, reason: str) -> None:
        if self.close_sent:
            return
        self.conn.fail(CloseCode.POLICY_VIOLATION, reason)
        self.handle_parser_exception()

    def _go_away(self, after_s: float) -> TimerHandle:
        return self.loop.call_later(after_s, self.transport.abort)
