"""Takes connections in; what does not greet as TLS does in time is hung up on."""

from __future__ import annotations

import asyncio
import socket
from typing import Final

import uvicorn

GREETING_S: Final = 5.0
"""How long the greeting of TLS may take."""
FAREWELL_S: Final = 5.0
"""How long a peer may take to answer that the encrypted connection ends."""


class Accepting(uvicorn.Server):
    """Uvicorn's server on sockets that are bound already; it leaves a greeting that does not come for a minute."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await self.lifespan.startup()
        tls = self.config.ssl
        loop = asyncio.get_running_loop()
        self.servers = [
            await loop.create_server(
                self._protocol,
                sock=each,
                ssl=tls,
                backlog=self.config.backlog,
                ssl_handshake_timeout=GREETING_S if tls else None,
                ssl_shutdown_timeout=FAREWELL_S if tls else None,
            )
            for each in sockets or ()
        ]
        self.started = True

    def _protocol(self) -> asyncio.Protocol:
        made = self.config.http_protocol_class(  # type: ignore[call-arg]  # uvicorn's own protocols take these
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        assert isinstance(made, asyncio.Protocol)
        return made
