"""A bridge to a venue that runs in a process of its own, and the handles of both ends."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from engine.adapters.bridge.address import read_address
from engine.adapters.bridge.broker import BridgeBroker
from engine.clock import SystemClock
from engine.messages.reports import LinkReport, LostReport, RejectReport, Report
from engine.model.order import OrderRequest, OrderType
from engine.model.trade import Side
from engine.ports.broker import Broker
from tests.architecture.sources import ROOT
from tests.unit.engine.paper_bench import SYMBOL, make_instrument
from tests.venues.hand_gateway import HandGateway
from tests.venues.truth import Evidence

R = TypeVar("R")
ACCOUNT = "LIVE-1"
PATIENCE_S = 10.0


class VenueProcess:
    """The venue: started, asked for things, killed, started again."""

    def __init__(self, seed: int = 1) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="venue-"))
        self.address = f"unix:{self.folder / 'desk'}"
        self.log = self.folder / "log"
        self._seed = seed
        self._process: subprocess.Popen[str] | None = None
        self._control: Any = None

    def start(self, faults: str = "", drift_ms: float = 0) -> VenueProcess:
        command = [sys.executable, "-m", "tests.venues.bridge_venue", "--address", self.address]
        command += ["--control", f"unix:{self.folder / 'control'}", "--log", str(self.log)]
        command += ["--seed", str(self._seed), "--faults", faults]
        command += ["--drift-ms", str(drift_ms)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.folder / "control"))
            self._control = connection.makefile("rw")
        return self

    def ask(self, do: str, **values: Any) -> Any:
        """Let it do something; return its answer."""
        self._control.write(json.dumps({"do": do, **values}) + "\n")
        self._control.flush()
        return json.loads(self._control.readline())

    def evidence(self) -> Evidence:
        return Evidence(self.log)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._control.close()
            self._process = None

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.folder)


class BridgeBench:
    """A bridge broker on a loop that runs only while somebody waits for something."""

    def __init__(self, address: str, venue: VenueProcess | None = None) -> None:
        self.venue = venue
        self.reports: list[Report] = []
        self.loop = asyncio.new_event_loop()
        self.clock = SystemClock()
        self.instrument = make_instrument()
        self.bridge = BridgeBroker(
            read_address(address), ACCOUNT, self.clock, {self.instrument.symbol: self.instrument}
        )
        self.broker: Broker = self.bridge
        self.bridge.connect(self.reports.append)
        self._numbers = itertools.count(1)
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> BridgeBench:
        """Start its task, and return once the link is open."""
        self._task = self.loop.create_task(self.bridge.run())
        self.wait_for(lambda: self.bridge.connected)
        self.reports.clear()
        return self

    def begin_alone(self) -> BridgeBench:
        """Start its task though nobody may be there."""
        self._task = self.loop.create_task(self.bridge.run())
        self.turn()
        return self

    def close(self) -> None:
        """Stop its task, as the engine does."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                self.loop.run_until_complete(self._task)
        self.turn()
        self.loop.close()

    def turn(self, times: int = 3) -> None:
        """Let the loop do what is ready."""
        for _ in range(times):
            self.loop.run_until_complete(asyncio.sleep(0))

    def wait_for(self, is_so: Callable[[], bool]) -> None:
        """Let the loop run until it is so."""

        async def wait() -> None:
            async with asyncio.timeout(PATIENCE_S):
                while not is_so():  # noqa: ASYNC110 - what is waited for has no event
                    await asyncio.sleep(0.001)

        self.loop.run_until_complete(wait())

    def wait_for_report(self, kind: type[R], count: int = 1) -> R:
        """Wait for a report of a kind and return the last of them."""
        self.wait_for(lambda: len(self.of(kind)) >= count)
        return self.of(kind)[-1]

    def of(self, kind: type[R]) -> list[R]:
        return [report for report in self.reports if isinstance(report, kind)]

    def of_fate(self) -> list[RejectReport | LostReport]:
        """Return what says how the sending of an order ended."""
        return [report for report in self.reports if isinstance(report, RejectReport | LostReport)]

    def links(self) -> list[bool]:
        return [report.connected for report in self.of(LinkReport)]

    # What the contract asks for

    def quote(self, bid: int, ask: int, bid_size: int = 100, ask_size: int = 100) -> None:
        assert self.venue is not None
        price, size = self.instrument.price, self.instrument.size
        touch = {"bid": price(bid), "ask": price(ask), "bid_size": size(bid_size), "ask_size": size(ask_size)}
        self.venue.ask("quote", symbol=SYMBOL, **{name: str(value) for name, value in touch.items()})
        self.settle()

    def request(self, side: Side, quantity: int, limit: int | None = None, **terms: Any) -> OrderRequest:
        number = next(self._numbers)
        kind = terms.pop("type", OrderType.MARKET if limit is None else OrderType.LIMIT)
        return OrderRequest(
            client_id=terms.pop("client_id", f"b-{number}"),
            number=number,
            account=ACCOUNT,
            symbol=terms.pop("symbol", SYMBOL),
            side=side,
            quantity=quantity,
            type=kind,
            limit=limit,
            created_ns=self.clock.now_ns(),
            **terms,
        )

    def send(self, side: Side, quantity: int, limit: int | None = None, **terms: Any) -> str:
        request = self.request(side, quantity, limit, **terms)
        self.broker.submit(request)
        self.settle()
        return request.client_id

    def settle(self) -> None:
        """Wait until everything that was written was answered: a ping is answered after it."""
        ping = self.bridge.way.ping()
        self.wait_for(lambda: self.bridge.way.answered_ping >= ping)
        self.turn()


class HandBench(BridgeBench):
    """A bridge to a gateway that is played by hand, on the same loop."""

    def __init__(self) -> None:
        self.gateway = HandGateway()
        super().__init__(self.gateway.address)

    def open_gateway(self) -> HandBench:
        self.loop.run_until_complete(self.gateway.open())
        return self

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                self.loop.run_until_complete(self._task)
        self.loop.run_until_complete(self.gateway.close())
        self.turn()
        self.loop.close()

    def answer(self, kind: str, client_id: str, /, **facts: Any) -> None:
        """Let the gateway say something about an order, and the desk hear it."""
        self.gateway.say({"type": kind, "client_id": client_id, **facts})
        self.settle()
