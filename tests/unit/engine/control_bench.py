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

from msgspec import structs

from engine.control.address import control_path
from engine.control.client import ask
from engine.control.controls import Told
from engine.control.engine_controls import EngineControls
from engine.control.requests import Answer, Request, SetState
from engine.control.server import ControlServer
from engine.control.status import DeskStatus, JournalStatus
from engine.engine import Engine
from engine.errors import EngineError
from engine.latches import Latches
from engine.messages.commands import Command, SetTradingState, TradingState
from engine.messages.comparison_views import BreakKind, BreakState, BreakView
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


class Doubted:
    """The engine's own controls, with what its journal says of itself as a test wants it."""

    def __init__(self, controls: EngineControls) -> None:
        self._controls = controls
        self.lists = controls.lists
        self.journal: JournalStatus | None = None
        self.submitted: list[Command] = []

    def set_state(self, command: SetTradingState) -> None:
        """Pass a command on and note it."""
        self._controls.set_state(command)
        self.submitted.append(command)

    def submit(self, command: Command) -> None:
        """Pass a command on and note it."""
        self._controls.submit(command)
        self.submitted.append(command)

    def status(self, told: Told, *, hashed: bool = False) -> None:
        """Have the status told, with another journal if there is one."""

        def tell(status: DeskStatus | EngineError) -> None:
            if self.journal is not None and isinstance(status, DeskStatus):
                status = structs.replace(status, journal=self.journal)
            told(status)

        self._controls.status(tell, hashed=hashed)


@dataclass(slots=True)
class ControlBench:
    """One engine, and its socket."""

    root: Path
    rooms: Rooms
    engine: Engine
    market: Ticking
    controls: Doubted = field(init=False)
    server: ControlServer = field(init=False)

    def __post_init__(self) -> None:
        controls = EngineControls(
            self.rooms,
            Latches(
                self.rooms.halts,
                self.rooms.firm,
                self.rooms.account_clock,
                self.rooms.bus,
                self.engine._thread.call,
            ),
            submit=self.engine.submit,
            call=self.engine._thread.call,
        )
        self.controls = Doubted(controls)
        self.server = ControlServer(control_path(self.data), self.controls, self.rooms.clock)

    @property
    def submitted(self) -> list[Command]:
        """What was handed to the engine."""
        return self.controls.submitted

    @property
    def data(self) -> Path:
        """The folder that its socket is in: that of a `TOUCHLINE_HOME` at `h`."""
        return self.root / "h" / "data"

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

    def differs(self, text: str, state: BreakState, kind: BreakKind = BreakKind.POSITION) -> None:
        """Let there be a difference to the broker's book."""
        found = BreakView(text, kind, ABC, 100, 90, text, 0, state)
        self.on_loop(lambda: self.rooms.orders.reconciler._board._breaks.update({text: found}))

    def works(self, count: int) -> None:
        """Wait until so many orders are open."""
        wait_until(lambda: len(self.rooms.working) == count)


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
