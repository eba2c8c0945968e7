"""Takes connections in, so many at once; what does not greet as TLS does in time is hung up on."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

import uvicorn

from engine.gateway.connection import Connection
from engine.gateway.crowd import Crowd

CONNECTIONS_MAX: Final = 512
"""How many may be open, those that still greet among them: each is a file of the program, which needs some for itself."""
GREETING_S: Final = 5.0
"""How long the greeting of TLS may take."""
FAREWELL_S: Final = 5.0
"""How long a peer may take to answer that the encrypted connection ends."""
_BREATH_S: Final = 0.5
"""How long to wait where the system gives no more connections."""


class Accepting(uvicorn.Server):
    """Uvicorn's server on sockets that are bound already.

    The loop's own way to take connections in knows nothing of one before its greeting has ended, and so can't bound them.
    """

    def __init__(self, config: uvicorn.Config, always: Mapping[str, str]) -> None:
        """Take how it is configured, and what every answer carries; nothing is heard before it is served."""
        super().__init__(config)
        self._always = always
        self.crowd = Crowd()
        """Those that wait."""
        self._listeners: list[socket.socket] = []
        self._greeting: set[asyncio.Task[None]] = set()

    @property
    def count(self) -> int:
        """How many connections are open, those that still greet among them, and without those that have to go."""
        return len(self._greeting) + len(self.server_state.connections) - self.crowd.leaving

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await self.lifespan.startup()
        self._listeners = sockets or []
        self.servers = []  # none of the loop's own
        self.started = True

    async def main_loop(self) -> None:
        """Take connections in until it is to end."""
        async with asyncio.TaskGroup() as group:
            taking = [group.create_task(self._take_all(each)) for each in self._listeners]
            await super().main_loop()
            for each in (*taking, *self._greeting):
                each.cancel()

    async def _take_all(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        listener.setblocking(False)
        while True:
            try:
                link, peer = await loop.sock_accept(listener)
            except OSError:
                await asyncio.sleep(_BREATH_S)
                continue
            self._take(link, str(peer[0]) if peer else "")
            await asyncio.sleep(0)  # where many wait at the door, sock_accept never does

    def _take(self, link: socket.socket, address: str) -> None:
        """Greet one, where there is room or somebody can go for it."""
        if self.count >= CONNECTIONS_MAX and not self.crowd.make_room():
            link.close()
            return

        def has_greeted() -> None:
            self._greeting.discard(greeting)
            self.crowd.end(greeting, address)

        def end(_: object) -> None:
            has_greeted()
            if greeting.cancelled():
                link.close()  # nobody may have it yet

        greeting = asyncio.get_running_loop().create_task(self._greet(link, has_greeted))
        greeting.add_done_callback(end)
        self._greeting.add(greeting)
        self.crowd.wait(greeting, address, greeting.cancel)

    async def _greet(self, link: socket.socket, has_greeted: Callable[[], None]) -> None:
        tls = self.config.ssl
        with suppress(OSError):  # it left, or is no TLS
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: self._connection(has_greeted),
                link,
                ssl=tls,
                ssl_handshake_timeout=GREETING_S if tls else None,
                ssl_shutdown_timeout=FAREWELL_S if tls else None,
            )

    def _connection(self, has_greeted: Callable[[], None]) -> Connection:
        return Connection(
            self.config,
            self.server_state,
            self.lifespan.state,
            has_greeted=has_greeted,
            crowd=self.crowd,
            always=self._always,
        )
