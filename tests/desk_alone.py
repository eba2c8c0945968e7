"""A desk without a screen in a process of its own: on the simulated market, until its input ends. It says each halt as a line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Self

from engine import bootstrap
from engine.clock import SystemClock
from engine.config import load_settings
from engine.control.client import ask
from engine.control.requests import Answer, Request, SetState, TellStatus
from engine.control.status import Summary
from engine.engine import Engine
from engine.folders import standard_folders
from engine.messages.commands import SubmitOrder, TradingState
from engine.messages.events import OrderDenied, OrderSubmitted
from engine.model.instrument import Symbol
from engine.model.order import OrderRequest, OrderType
from engine.model.trade import Side
from engine.pace import Pace
from tests.pty_desk import ROOT, environment

READY = "ready"
_ANSWER_S = 30.0


class DeskAlone:
    """Starts one, and speaks to it as another shell would."""

    def __init__(self, home: Path, config: str, limits: str = "") -> None:
        self.data = home / "data"
        (home / "config").mkdir(parents=True, exist_ok=True)
        (home / "config" / "config.toml").write_text(config, encoding="utf-8")
        (home / "config" / "limits.toml").write_text(limits, encoding="utf-8")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.desk_alone"],
            cwd=ROOT,
            env=environment(home),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def kill(self) -> None:
        """End it without a word."""
        self._process.kill()
        self._process.wait()

    def line(self) -> str:
        """Return the next line it says."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def asked(self, request: Request) -> Answer:
        """Return what it answers."""
        return ask(self.data, request, _ANSWER_S)

    def buys(self, symbol: str, size: int) -> None:
        """Let it buy at the market."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{symbol} {size}\n")
        self._process.stdin.flush()

    def says(self, state: TradingState, reason: str, *, firm: bool = True) -> Answer:
        """Put it, or every desk, in a state."""
        return self.asked(SetState(state=state, reason=reason, firm=firm))

    @property
    def status(self) -> Summary:
        """How it is."""
        told = self.asked(TellStatus()).status
        assert told is not None
        return told


def _buying(engine: Engine, symbol: Symbol, size: int) -> SubmitOrder:
    client_id, number = engine.ids.next()
    return SubmitOrder(
        OrderRequest(
            client_id=client_id,
            number=number,
            account=engine.account_name,
            symbol=symbol,
            side=Side.BUY,
            quantity=size,
            type=OrderType.MARKET,
        )
    )


def main() -> None:
    """Run one until the input ends, whose lines are orders to buy: a symbol and a size. Each line it says is a state that came into force, and how many microseconds after it was said."""

    def say(text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    folders = standard_folders()
    settings = load_settings(folders.settings)
    engine = bootstrap.simulated_engine(settings, folders, seed=7, pace=Pace(speed=1.0, events_per_s=200))

    halts, keep = engine._rooms.halts, engine._rooms.halts.keep

    def kept() -> None:
        late_us = SystemClock().now_ns() // 1_000 - halts.firm_version
        say(f"{halts.firm.state.value} {late_us}")
        keep()

    halts.keep = kept

    def denied(event: OrderDenied) -> None:
        say(f"denied {' '.join(denial.rule for denial in event.denials)}")

    engine._rooms.bus.subscribe(OrderDenied, denied)
    engine._rooms.bus.subscribe(OrderSubmitted, lambda _: say("sent"))
    engine.start()
    say(READY)
    for line in sys.stdin:
        symbol, size = line.split()
        engine.submit(_buying(engine, Symbol(symbol), int(size)))
    engine.stop()


if __name__ == "__main__":
    main()
