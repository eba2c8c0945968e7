"""A running engine with a control socket, and ways to speak to it as another process would."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from typing import Any

from engine.control.address import control_path
from engine.control.client import ask
from engine.control.engine_controls import EngineControls
from engine.control.requests import Answer, Request, SetState
from engine.control.server import ControlServer
from engine.control.snapshot import desk_status
from engine.control.status import DeskStatus, JournalStatus
from engine.engine import Engine
from engine.messages.commands import Command, TradingState
from engine.ports.market_data import MarketSink
from engine.rooms import Rooms
from tests.engine_rooms import ABC, XYZ, composed, passes, quoted
from tests.waiting import wait_until

ANSWER_S = 30.0
HALT = SetState(state=TradingState.HALTED, reason="fire")
RESUME = SetState(state=TradingState.ACTIVE, reason="out")


@dataclass(slots=True)
class Ticking:
    """A source that lets market time pass and quotes both shares, until it is held."""

    rooms: Rooms | None = None
    held: bool = False
    name: str = "hand"

    async def run(self, sink: MarketSink) -> None:  # noqa: ARG002  # the port's own
        while True:
            await asyncio.sleep(0.002)
            if self.rooms is not None and not self.held:
                passes(self.rooms, 0.01)
                for symbol in (ABC, XYZ):
                    quoted(self.rooms, symbol, 10_000)


@dataclass(slots=True)
class ControlBench:
    """One engine, its socket, and the journal's state as the engine tells it."""

    root: Path
    rooms: Rooms
    engine: Engine
    market: Ticking
    server: ControlServer = field(init=False)
    journal: JournalStatus = field(default_factory=lambda: JournalStatus(0, 0, ""))
    fault: Exception | None = None
    """What taking the status fails with."""
    submitted: list[Command] = field(default_factory=list)

    def __post_init__(self) -> None:
        controls = EngineControls(
            self.rooms, submit=self._submit, call=self.engine._thread.call, status=self._status
        )
        self.server = ControlServer(control_path(self.data), controls, self.rooms.clock)

    @property
    def data(self) -> Path:
        """A folder whose path is short enough for a socket beside it, and no other desk's."""
        return self.root / "d"

    def ask(self, request: Request) -> Answer:
        """Ask as the command does."""
        return ask(self.data, request, ANSWER_S)

    def connected(self) -> socket.socket:
        """Return a connection that has said nothing yet."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(ANSWER_S)
        connection.connect(str(self.server.path))
        return connection

    def says(self, line: bytes) -> dict[str, Any]:
        """Say any bytes, and return the answer."""
        with self.connected() as connection:
            connection.sendall(line)
            return heard(connection)

    def on_loop(self, call: Callable[[], Any]) -> Any:
        """Do something on the engine's thread, and return what came of it."""
        done: Queue[Any] = Queue()
        self.engine._thread.call(lambda: done.put(call()))
        return done.get(timeout=ANSWER_S)

    def send(self, command: Command) -> None:
        """Have the engine carry out a command, as the desk does."""
        self.engine.submit(command)

    @contextmanager
    def busy_loop(self) -> Iterator[None]:
        """Keep the engine's loop from everything else."""
        begun: Queue[None] = Queue()
        done: Queue[None] = Queue()

        def block() -> None:
            begun.put(None)
            done.get(timeout=ANSWER_S)

        self.engine._thread.call(block)
        begun.get(timeout=ANSWER_S)
        try:
            yield
        finally:
            done.put(None)

    def works(self, count: int) -> None:
        """Wait until so many orders are open."""
        wait_until(lambda: len(self.rooms.working) == count)

    def _submit(self, command: Command) -> None:
        self.submitted.append(command)
        self.engine.submit(command)

    def _status(self) -> DeskStatus:
        if self.fault is not None:
            raise self.fault
        return desk_status(
            self.rooms,
            run="run",
            version="1.2.3",
            started_ns=self.rooms.clock.monotonic_ns(),
            journal=self.journal,
            state_hash="5eed",
            breaks=(),
        )


@contextmanager
def control_bench(root: Path) -> Iterator[ControlBench]:
    """Run an engine and open its socket."""
    market = Ticking()
    with composed(root / "home", market) as rooms:
        market.rooms = rooms
        bench = ControlBench(root, rooms, Engine(rooms), market)
        bench.engine.start()
        bench.server.open()
        try:
            yield bench
        finally:
            bench.server.close()
            bench.engine.stop()


def heard(connection: socket.socket) -> dict[str, Any]:
    """Read one answer; nothing may come after it but the end, however abrupt."""
    data = bytearray()
    with suppress(ConnectionResetError):
        while received := connection.recv(65_536):
            data += received
    line, newline, rest = data.partition(b"\n")
    assert newline, f"no line came: {bytes(data)!r}"
    assert not rest
    answer: dict[str, Any] = json.loads(line)
    return answer
