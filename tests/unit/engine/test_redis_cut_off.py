"""A Redis that lives where nobody gets to it: nothing comes or goes on the way, and no connection is refused or ended."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.desk.redis_link import RedisLink, RedisUnusable
from engine.messages.circuits import CircuitState
from engine.messages.views import HealthState
from engine.settings.redis import RedisSettings
from tests.redis_server import CREDENTIAL, RedisServer, free_port, needs_redis
from tests.waiting import until

pytestmark = needs_redis


class Way:
    """A way to a port that can be cut: what was sent stays on it, and arrives once it is whole again."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._whole = asyncio.Event()
        self._whole.set()
        self.port = 0

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Be there."""
        async with asyncio.TaskGroup() as group:

            async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                there, back = await asyncio.open_connection("127.0.0.1", self._to_port)
                group.create_task(self._carry(reader, back))
                group.create_task(self._carry(there, writer))

            server = await asyncio.start_server(meet, "127.0.0.1", 0)
            self.port = server.sockets[0].getsockname()[1]
            yield
            server.close()
            self.mend()

    def cut(self) -> None:
        """Let nothing through from now on."""
        self._whole.clear()

    def mend(self) -> None:
        """Let it through, and what was held back before it."""
        self._whole.set()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                await self._whole.wait()
                writer.write(data)
        except OSError:
            pass
        finally:
            writer.close()


def link_to(port: int) -> RedisLink:
    settings = RedisSettings(address=f"tcp:127.0.0.1:{port}", timeout_ms=300)
    return RedisLink(settings, CREDENTIAL, SystemClock())


def test_a_way_that_is_cut_costs_one_deadline_and_what_arrives_late_is_no_answer_to_another(
    tmp_path: Path,
) -> None:
    async def scene(to_port: int) -> None:
        way = Way(to_port)
        async with way.opened():
            link = link_to(way.port)
            await link.call("SET", "desk:a", "one")
            way.cut()
            for name in ("desk:b", "desk:c", "desk:d"):
                with pytest.raises(RedisUnusable, match="within 300 ms"):
                    await link.call("SET", name, name)
            with pytest.raises(RedisUnusable, match="next try"):
                await link.call("GET", "desk:a")
            assert link.reading().state is HealthState.DOWN
            way.mend()
            await until(lambda: link.breaker.retry_after_s == 0)
            assert await link.call("GET", "desk:a") == "one"
            assert link.breaker.state is CircuitState.CLOSED
            await link.close()

    with RedisServer(tmp_path / "r", port=free_port()) as server:
        asyncio.run(scene(server.port))


def test_a_connection_that_never_comes_about_costs_one_deadline() -> None:
    async def scene(port: int) -> None:
        link = link_to(port)
        with pytest.raises(RedisUnusable, match="within 300 ms"):
            await link.call("PING")
        await link.close()

    with ExitStack() as stack:
        door = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):  # all that may wait at a door that nobody opens
            caller = stack.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(door.getsockname())
        asyncio.run(scene(door.getsockname()[1]))
