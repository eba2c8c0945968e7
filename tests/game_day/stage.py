"""What a game day is played on: one engine, a fault in it, and when its row, its alert and its end were seen."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from msgspec import Struct

from engine.engine import Engine
from engine.folders import Folders
from engine.messages.alarm_views import AlarmView
from engine.messages.commands import ApplyRemedy
from engine.messages.health_views import HealthState, HealthView
from engine.messages.remedies import Remedy
from terminal.health.remedy_keys import KEYS
from tests.documented import ROOT
from tests.waiting import wait_until

WITHIN_S: Final = 5.0
"""How soon a fault has to be on its row, and told."""
PATIENCE_S: Final = 60.0
GREEN_PATIENCE_S: Final = 180.0
"""Figures of the last minute are well once that is over; on a machine that is busy, later."""
WELL: Final = (HealthState.OK, HealthState.OFF)
"""Off as well: what nobody uses now has no trouble."""
_DO: Final = re.compile(r"^## Do\n(.*?)^## ", re.MULTILINE | re.DOTALL)


def to_do(runbook: str) -> str:
    """Return what a runbook says is to be done, as one line."""
    text = (ROOT / "docs" / "runbooks" / f"{runbook}.md").read_text(encoding="utf-8")
    found = _DO.search(text)
    assert found is not None, f"the runbook {runbook} does not say what to do"
    return " ".join(found[1].split())


class Seen(Struct):
    """What was seen of a fault on the day."""

    row: str = ""
    said: str = ""
    seen_s: float = 0.0
    """From the fault until its row was not well."""
    yellow: str = ""
    """Why the row is yellow and not red; empty where it is red."""
    alert: str = ""
    alert_s: float = 0.0
    remedy: str = ""
    green_s: float = 0.0
    """From the remedy until the row was well."""


class Stage:
    """Runs engines in a folder, and notes what becomes of a fault; its runbook is what is done about it."""

    def __init__(self, folder: Path, runbook: str) -> None:
        self.folder = folder
        self.folders = Folders(*(folder / name for name in ("config", "data", "cache", "logs")))
        self.seen = Seen()
        self._to_do = to_do(runbook)
        self._engine: Engine | None = None
        self._since_s = 0.0
        self._alarms: set[int] = set()

    @contextmanager
    def running(self, engine: Engine) -> Iterator[Engine]:
        """Run an engine; rows and alerts are looked for there."""
        self._engine = engine
        engine.start()
        try:
            yield engine
        finally:
            engine.stop()

    def begins(self) -> None:
        """Note that the fault happens now; alarms that are there already are not its own."""
        view = self._running._rooms.alarms.view
        self._alarms = {alarm.number for alarm in (*view.open, *view.past)}
        self._since_s = time.monotonic()

    def _row(self, name: str) -> HealthView:
        row = self.row(name)
        assert row is not None, f"there is no row {name}"
        return row

    def row(self, name: str) -> HealthView | None:
        """Return a row as it is now."""
        views = self._running._rooms.health.views
        return next((row for row in views if row.name == name), None)

    def is_well(self, name: str, says: str = "") -> None:
        """Wait until a row is well."""
        self._turns(name, (HealthState.OK,), says)

    def rests(self, name: str) -> None:
        """Wait until a row says that nobody uses it."""
        self._turns(name, (HealthState.OFF,), "")

    def turns_red(self, name: str, says: str) -> None:
        """Wait until the fault is seen on a row, which is red and has these words."""
        self._turns_from_green(name, HealthState.DOWN, says)

    def turns_yellow(self, name: str, says: str, *, why: str) -> None:
        """Wait until it is seen on a row that is yellow, and say why that is right."""
        self._turns_from_green(name, HealthState.DEGRADED, says)
        self.seen.yellow = why

    def _turns_from_green(self, name: str, state: HealthState, says: str) -> None:
        assert says, "a row has to say something"
        row = self._turns(name, (state,), says)
        self.seen.row, self.seen.seen_s = name, time.monotonic() - self._since_s
        self.seen.said = f"{row.value} · {row.detail}" if row.detail else row.value

    def fires(self, cause: str) -> None:
        """Wait until there is the alert of a cause; at the end there has been no other."""
        self._until(lambda: any(alarm.cause == cause for alarm in self._own_alarms()), f"no alert of {cause}")
        self.seen.alert, self.seen.alert_s = cause, time.monotonic() - self._since_s

    def remedied(self, how: str) -> None:
        """Note that what the runbook says is done now; `how` is its own words."""
        assert how in self._to_do, f"the runbook does not say {how!r}"
        self.seen.remedy, self._since_s = how, time.monotonic()

    def remedy(self, row: str, remedy: Remedy) -> None:
        """Do what the row's key does that the runbook names."""
        key = KEYS[remedy]
        assert f"`{key.key}`" in self._to_do, f"the runbook does not name the key {key.key}"
        assert remedy in self._row(row).remedies, f"{row} can't be told to {remedy.value}"
        self.seen.remedy, self._since_s = f"`{key.key}` ({key.label}) on `{row}`", time.monotonic()
        self._running.submit(ApplyRemedy(row, remedy, origin="health page"))

    def dials_again(self, row: str) -> None:
        """Have a connection made anew, which is when a venue's clock is asked: a played clock does not wait for the next look."""
        self._running.submit(ApplyRemedy(row, Remedy.RECONNECT, origin="health page"))

    def turns_green(self, name: str = "", says: str = "") -> None:
        """Wait until the row is well again and its alert over, which was the only one and was told once."""
        self._turns(name or self.seen.row, WELL, says, GREEN_PATIENCE_S)
        self.seen.green_s = self.seen.green_s or time.monotonic() - self._since_s
        self._until(lambda: all(alarm.resolved_ns for alarm in self._own_alarms()), "alerts are not over")
        told = [alarm.cause for alarm in self._own_alarms()]
        assert told == [self.seen.alert], f"told: {self._own_alarms()}"

    def _turns(
        self, name: str, states: tuple[HealthState, ...], says: str, patience_s: float = PATIENCE_S
    ) -> HealthView:
        found: list[HealthView] = []

        def is_so() -> bool:
            row = self.row(name)
            if row is None or row.state not in states or says not in f"{row.value} · {row.detail}":
                return False
            found.append(row)
            return True

        try:
            wait_until(is_so, patience_s)
        except AssertionError:
            raise AssertionError(f"{name} did not turn {states} with {says!r}: {self.row(name)}") from None
        return found[-1]

    def _until(self, is_so: Callable[[], bool], otherwise: str) -> None:
        try:
            wait_until(is_so, PATIENCE_S)
        except AssertionError:
            raise AssertionError(f"{otherwise}: {self._running._rooms.alarms.view}") from None

    def _own_alarms(self) -> list[AlarmView]:
        view = self._running._rooms.alarms.view
        return [alarm for alarm in (*view.open, *view.past) if alarm.number not in self._alarms]

    @property
    def _running(self) -> Engine:
        assert self._engine is not None, "no engine runs"
        return self._engine


Play = Callable[[Stage], None]


class Fault(Struct, frozen=True):
    """One fault, and the play of it."""

    name: str
    """Stable: what a run is asked for by."""
    what: str
    """What happens, in words."""
    play: Play
    runbook: str
    """The page that says what to do."""
    later: str = ""
    """Why it can't be seen or told within five seconds; empty where it can."""
    sampled: bool = True
    """Whether the suite plays it: not those that take long."""
