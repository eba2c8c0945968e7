"""A gateway of Interactive Brokers on this machine; it shares no code with the adapter."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from tests.venues.ib.floor import ACCOUNT, Floor
from tests.venues.ib.session import Session
from tests.venues.ib.stock import CONTRACTS, Contract
from tests.venues.in_thread import ThreadedVenue


class IbVenue(ThreadedVenue):
    """The venue in a thread: one port."""

    def __init__(
        self,
        contracts: Iterable[Contract] = CONTRACTS,
        *,
        port: int = 0,
        account: str = ACCOUNT,
        seed: int = 1,
    ) -> None:
        super().__init__("ib-venue")
        self.floor = Floor(contracts, account=account, seed=seed)
        self.port = port
        self.connections = 0
        self._server: asyncio.Server | None = None

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()
            self.floor.kill()
            await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        session = Session(self.floor, reader, writer)
        self.floor.sessions.add(session)
        try:
            if not self.floor.faults.refuse:
                await session.run()
        except (ConnectionError, asyncio.IncompleteReadError, ValueError):
            pass
        finally:
            session.drop()
