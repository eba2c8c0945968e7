"""Kills the real program at random moments while it trades; a venue in another process is the judge.

`python -m tests.crash --cycles N --seed K`: the last line says how many cycles, and how many findings.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from tests.pty_desk import PtyDesk, environment
from tests.unit.engine.bridge_bench import VenueProcess

SYMBOLS = {"AAPL": "228", "MSFT": "502", "AMD": "160"}
LINES = ("b {n} {s} mkt", "s {n} {s} mkt", "b {n} {s} bid", "s {n} {s} ask", "b {n} {s} bid-20t gtc")
GUARD_S = 0.3
ESCAPE_S = 0.12
"""So long after an escape a key is a key of its own."""
FAULTS = "duplicate=0.05,reorder=0.05,silent=0.03,drop_after=0.02,late_fill=0.2"
SETTLE_S = 60.0


class CrashLoop:
    """One account on one venue, over many lives of the desk."""

    def __init__(self, home: Path, seed: int) -> None:
        self.random = Random(seed)
        self.home = home
        self.lives = 0
        self.venue = VenueProcess(seed).start(faults=FAULTS, drift_ms=50)
        for symbol, whole in SYMBOLS.items():
            touch = {"bid": f"{whole}.50", "ask": f"{whole}.55", "bid_size": "1000", "ask_size": "1000"}
            self.venue.ask("quote", symbol=symbol, **touch)
        config = home / "config" / "config.toml"
        config.parent.mkdir(parents=True)
        text = f'[broker]\nkind = "bridge"\naddress = "{self.venue.address}"\nack_timeout_s = 2\n'
        config.write_text(f"{text}[metrics]\nenabled = false\n", encoding="utf-8")

    def close(self) -> None:
        """End the venue."""
        self.venue.remove()

    def live_and_die(self, *, at_least_s: float = 0.0) -> None:
        """Start the desk, trade for a moment, kill it without warning."""
        self.lives += 1
        with self._desk() as desk:
            desk.until("AAPL")
            die_at = time.monotonic() + at_least_s + self.random.uniform(0.0, 4.0)
            while time.monotonic() < die_at:
                self._trade(desk, die_at)
            os.kill(desk.pid, signal.SIGKILL)

    def settle(self) -> list[str]:
        """Start the desk once more, let it compare, and return what is wrong."""
        self.venue.ask(
            "faults", **dict.fromkeys(("duplicate", "reorder", "silent", "drop_after", "late_fill"), 0)
        )
        with self._desk() as desk:
            desk.until("AAPL")
            desk.until(lambda: list((self.home / "data").glob("*.sqlite3")))
            deadline = time.monotonic() + SETTLE_S
            wrong = self.found()
            while wrong and time.monotonic() < deadline:
                desk.idle(0.5)
                wrong = self.found()
        return wrong

    def found(self) -> list[str]:
        """Return the differences, or that the tables are still being made."""
        try:
            return list(self.differences())
        except sqlite3.OperationalError as error:
            return [str(error)]

    def differences(self) -> Iterator[str]:
        """Compare the desk's own tables with the venue's evidence."""
        evidence, state = self.venue.evidence(), self.venue.ask("state")
        yield from (f"{name} was sent {n} times" for name, n in evidence.submits().items() if n > 1)
        ours = self._tables()
        yield from (
            f"{name} was sent, and is not in our book" for name in evidence.submits() if name not in ours
        )
        for name, theirs in state["orders"].items():
            mine = ours.get(name, ("missing", Decimal(0)))
            if mine != outcome(theirs):
                yield f"{name}: ours {mine}, the venue's {theirs['status']}, {theirs['filled']}"
        held = {s: Decimal(q) for s, q in state["positions"].items() if Decimal(q)}
        if self._positions() != held:
            yield f"positions: ours {self._positions()}, the venue's {held}"

    def _desk(self) -> PtyDesk:
        return PtyDesk(["demo"], environment(self.home), size=(120, 36))

    def _trade(self, desk: PtyDesk, die_at: float) -> None:
        line = self.random.choice(LINES).format(
            n=self.random.randint(1, 40), s=self.random.choice(list(SYMBOLS))
        )
        if self.random.random() < 0.15:
            line = self.random.choice(("xx", "x AAPL", "flat MSFT"))
        desk.press("\x1b")
        desk.idle(ESCAPE_S)
        desk.press(f":{line}\r")
        desk.idle(min(GUARD_S, max(0.0, die_at - time.monotonic())))
        desk.press("\r")

    def _query(self, text: str) -> list[Any]:
        """Return what the projection has; nothing of one that is not made yet, since it follows the journal."""
        for path in (self.home / "data").glob("*.sqlite3"):
            with (
                suppress(sqlite3.OperationalError),
                closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection,
            ):
                return connection.execute(text).fetchall()
        return []

    def _tables(self) -> dict[str, tuple[str, Decimal]]:
        rows = self._query("SELECT client_id, status, filled FROM orders WHERE status != 'denied'")
        return {client_id: (status, Decimal(filled)) for client_id, status, filled in rows}

    def _positions(self) -> dict[str, Decimal]:
        rows = self._query("SELECT symbol, quantity FROM positions")
        return {symbol: Decimal(quantity) for symbol, quantity in rows if Decimal(quantity)}


def outcome(theirs: Mapping[str, Any]) -> tuple[str, Decimal]:
    """Return how an order of the venue's stands and what was filled: one filled whole after its cancel is filled."""
    filled = Decimal(theirs["filled"])
    return "filled" if filled >= Decimal(theirs["quantity"]) else theirs["status"], filled
