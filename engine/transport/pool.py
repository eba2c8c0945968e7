"""Connections to one address, kept for the next request for a while."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from engine.transport.connection import HttpConnection

CONNECTIONS_MAX = 8
KEPT_S = 30.0
"""How long a connection is kept that nothing is sent on; most venues keep it for a minute."""
_PORTS = {"https": 443, "http": 80}


class HttpPool:
    """Lends out connections to one base address, each to one request at a time; what is over the bound waits."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self.host = parts.netloc
        """What the address is called in a request."""
        self.prefix = parts.path.rstrip("/")
        """What every path begins with there."""
        self._name = parts.hostname or ""
        self._port = parts.port or _PORTS[parts.scheme]
        self._encryption = None
        if parts.scheme == "https":
            from httpx import create_ssl_context  # noqa: PLC0415  # only where something is sent

            self._encryption = create_ssl_context(trust_env=False)
            self._encryption.set_alpn_protocols(["http/1.1"])
        self._room = asyncio.Semaphore(CONNECTIONS_MAX)
        self._kept: dict[HttpConnection, asyncio.TimerHandle] = {}

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[HttpConnection]:
        """Lend a connection that is ready; it is kept only if it is ready again.

        Raises:
            OSError: none came about.
        """
        async with self._room:
            connection = self._take() or await self._dial()
            try:
                yield connection
            finally:
                self._give_back(connection)

    async def close(self) -> None:
        """Let go of the connections that are kept."""
        for connection, over in self._kept.items():
            over.cancel()
            connection.end()
        self._kept.clear()

    def _take(self) -> HttpConnection | None:
        """Return a kept connection that the other side has not ended, the last one used first."""
        while self._kept:
            connection, over = self._kept.popitem()
            over.cancel()
            if connection.is_ready:
                return connection
        return None

    async def _dial(self) -> HttpConnection:
        loop = asyncio.get_running_loop()
        try:
            _, connection = await loop.create_connection(
                HttpConnection, self._name, self._port, ssl=self._encryption
            )
        except UnicodeError as error:
            raise OSError(f"{self._name} is no name of a host") from error
        return connection

    def _give_back(self, connection: HttpConnection) -> None:
        if connection.is_ready:
            loop = asyncio.get_running_loop()
            self._kept[connection] = loop.call_later(KEPT_S, self._let_go, connection)
        else:
            connection.end()

    def _let_go(self, connection: HttpConnection) -> None:
        del self._kept[connection]
        connection.end()
