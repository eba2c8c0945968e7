"""One connection: what takes too long to arrive is hung up on, and what is no HTTP is answered like everything else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState
from websockets.datastructures import Headers
from websockets.http11 import Request
from websockets.server import ServerProtocol

from engine.gateway.answers import JSON, SECURITY_HEADERS, SWITCHED, encode
from engine.gateway.crowd import Crowd
from engine.gateway.refusals import Code, Refused
from engine.security.tokens.mint import new_id

HEAD_BYTES_MAX: Final = 16_384
"""How large a request line and its headers may be together."""
HEAD_S: Final = 10.0
"""How long they may take to arrive."""
TAKING_S: Final = 20.0
"""How long who asked may take nothing of an answer that is too large to be sent at once."""
IDLE_S: Final = 30
"""How long a connection may wait for its next request."""


class Connection(H11Protocol):
    """HTTP/1.1 that does not wait for ever, and goes for another while it waits."""

    _hangs_up: asyncio.TimerHandle | None = None
    _gives_up: asyncio.TimerHandle | None = None

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        *,
        has_greeted: Callable[[], None],
        crowd: Crowd,
        always: Mapping[str, str],
    ) -> None:
        """Take what uvicorn's takes, what to say once it is there, those that wait, and what every answer carries besides."""
        super().__init__(config, server_state, app_state)
        self._has_greeted = has_greeted
        self._crowd = crowd
        self._always = always
        self._address = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._has_greeted()
        self._address = self.client[0] if self.client else ""
        self._wait_for_head()
        self._settle()

    def data_received(self, data: bytes) -> None:
        """Take what came; a head that has begun is waited for no longer than one that has not."""
        super().data_received(data)
        self._settle()
        if self.conn.their_state is not h11.IDLE or self.transport.is_closing():
            self._stop_waiting()
        elif self._hangs_up is None:
            self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of it."""
        self._stop_waiting()
        self._stop_giving()
        super().connection_lost(exc)
        self._settle()

    def on_response_complete(self) -> None:
        """Go on with the next request, or wait for it."""
        super().on_response_complete()
        self._settle()

    def _should_upgrade(self) -> bool:
        """Tell whether a WebSocket is opened; what opens none is answered like every request, and not by the library that finds out."""
        return super()._should_upgrade() and _opens(self.scope, self.headers)

    def handle_websocket_upgrade(self, event: Any) -> None:
        """Hand the connection to the WebSocket that was asked for."""
        self._stop_waiting()
        self._stop_giving()
        super().handle_websocket_upgrade(event)
        self._settle()

    def pause_writing(self) -> None:
        """Wait for whoever takes nothing, but not for ever."""
        super().pause_writing()
        self._stop_giving()
        self._gives_up = self.loop.call_later(TAKING_S, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on."""
        self._stop_giving()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, in the form that every refusal has."""
        del msg
        refused = Refused(Code.BAD_REQUEST)
        body = encode(refused.answer(new_id()))
        headers = [
            *SECURITY_HEADERS,
            *self._always.items(),
            ("Content-Type", JSON),
            ("Content-Length", str(len(body))),
            ("Connection", "close"),
        ]
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            for part in (
                h11.Response(status_code=refused.meaning.status, headers=headers),
                h11.Data(data=body),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(part) or b"")
        self.transport.close()

    def _settle(self) -> None:
        """Wait among the others, or no longer: where it is served, is a WebSocket now, or gone."""
        is_served = bool(self.cycle) and not self.cycle.response_complete
        if self not in self.connections:
            self._crowd.end(self, self._address)
        elif is_served:
            self._crowd.leave(self, self._address)
        else:
            self._crowd.wait(self, self._address, self.transport.abort)

    def _wait_for_head(self) -> None:
        self._hangs_up = self.loop.call_later(HEAD_S, self.transport.abort)

    def _stop_giving(self) -> None:
        if self._gives_up is not None:
            self._gives_up.cancel()
            self._gives_up = None

    def _stop_waiting(self) -> None:
        if self._hangs_up is not None:
            self._hangs_up.cancel()
            self._hangs_up = None


def _opens(scope: Mapping[str, Any], headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Tell whether a request opens a WebSocket as it has to (RFC 6455, 4.2.1): it has no body, and the library would take it."""
    told = Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
    if "Transfer-Encoding" in told or not {*told.get_all("Content-Length")} <= {"0"}:
        return False
    request = Request("/", told, scope["method"], f"HTTP/{scope['http_version']}")
    return ServerProtocol(logger=logging.getLogger("uvicorn.error")).accept(request).status_code == SWITCHED
