"""What a game day is played on: one engine, a fault in it, and when its row, its alert and its end were seen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from msgspec import Struct

from engine.clock import NS_PER_S
from engine.engine import Engine
from engine.folders import Folders
from engine.messages.alarm_views import AlarmView
from engine.messages.commands import ApplyRemedy
from engine.messages.health_views import HealthState, HealthView
from engine.messages.remedies import Remedy
from tests.game_day import runbook
from tests.game_day.fault import Fault
from tests.waiting import wait_until

PATIENCE_S: Final = 150.0
"""Figures of the last minute are well again once it has passed, and their alerts a little after that."""
WELL: Final = (HealthState.OK, HealthState.OFF)
"""Off as well: what nobody uses now has no trouble."""
RED: Final = (HealthState.DOWN,)
UNWELL: Final = (HealthState.DEGRADED, HealthState.DOWN)
OF_THE_MACHINE: Final = "latency"
"""An alert that is allowed: whatever else this machine does makes the engine late."""


class Seen(Struct):
    """What was seen of a fault on the day."""

    row: str = ""
    said: str = ""
    seen_s: float = 0.0
    """From the fault until its row told it, by the engine's clock."""
    alert: str = ""
    alert_s: float = 0.0
    """From the fault until its alert was told, by the clock of alerts."""
    remedy: str = ""
    green_s: float = 0.0
    """From the remedy until the row was well."""


class Stage:
    """Runs engines in a folder, and notes what becomes of a fault."""

    def __init__(self, folder: Path, fault: Fault) -> None:
        self.folder = folder
        self._fault = fault
        self.folders = Folders(*(folder / name for name in ("config", "data", "cache", "logs")))
        self.seen = Seen()
        self._engine: Engine | None = None
        self._since_s = 0.0
        self._began_ns = self._began_world_ns = 0
        self._alarms: set[int] = set()

    @contextmanager
    def running(self, engine: Engine) -> Iterator[Engine]:
        """Run an engine; rows and alerts are looked for there."""
        self.watch(engine)
        engine.start()
        try:
            yield engine
        finally:
            engine.stop()

    def watch(self, engine: Engine) -> None:
        """Look for rows and alerts in an engine that something else starts and ends."""
        self._engine = engine

    def begins(self) -> None:
        """Note that the fault happens now; alarms that are there already are not its own."""
        view = self.engine._rooms.alarms.view
        self._alarms = {alarm.number for alarm in (*view.open, *view.past)}
        self._began_ns, self._began_world_ns = self.engine._rooms.clock.now_ns(), time.time_ns()
        self._since_s = time.monotonic()

    def row(self, name: str) -> HealthView | None:
        """Return a row as it is now."""
        views = self.engine._rooms.health.views
        return next((row for row in views if row.name == name), None)

    def is_well(self, name: str, says: str = "") -> None:
        """Wait until a row is well."""
        self._turns(name, (HealthState.OK,), says)

    def rests(self, name: str) -> None:
        """Wait until a row says that nobody uses it."""
        self._turns(name, (HealthState.OFF,), "")

    def turns_red(self, name: str, says: str) -> None:
        """Wait until the fault is seen on a row, with a sentence that has these words; red where the case has no reason for yellow."""
        assert says, "a row that turns red says why"
        row = self._turns(name, UNWELL if self._fault.yellow else RED, says)
        self.seen.row, self.seen.seen_s = name, max(0, row.since_ns - self._began_ns) / NS_PER_S
        self.seen.said = f"{row.value} · {row.detail}" if row.detail else row.value

    def fires(self) -> None:
        """Wait until there is the alert of the fault's cause, where it has one."""
        if self._fault.quiet:
            return
        cause = self._fault.alert
        self._until(lambda: any(alarm.cause == cause for alarm in self._own_alarms()), f"no alert of {cause}")
        told = next(alarm for alarm in self._own_alarms() if alarm.cause == cause)
        self.seen.alert, self.seen.alert_s = cause, max(0, told.since_ns - self._began_world_ns) / NS_PER_S

    def remedied(self, how: str) -> None:
        """Note that what the runbook says is done now; the words are the page's own."""
        assert runbook.says(self._fault.runbook, how), f"{self._fault.runbook}.md does not say to: {how}"
        self._mended(how)

    def remedy(self, row: str, remedy: Remedy) -> None:
        """Do what the row's key does, which is the runbook's remedy."""
        key = runbook.key_of(remedy)
        assert runbook.says(self._fault.runbook, key), f"{self._fault.runbook}.md does not name {key}"
        self._mended(f"{key} on its row")
        self.press(row, remedy)

    def press(self, row: str, remedy: Remedy) -> None:
        """Press a row's key, whatever for."""
        self.engine.submit(ApplyRemedy(row, remedy, origin="health page"))

    def _mended(self, how: str) -> None:
        if not self.seen.remedy:
            self.seen.remedy, self._since_s = how, time.monotonic()

    def turns_green(self, name: str = "", says: str = "") -> None:
        """Wait until the row is well again, and the alert is over, which was told once and beside which there was none."""
        self._turns(name or self.seen.row, WELL, says)
        self.seen.green_s = time.monotonic() - self._since_s
        cause = self.seen.alert
        assert cause == self._fault.alert, f"the alert of {self._fault.alert} was not waited for"
        self._until(
            lambda: all(each.resolved_ns for each in self._own_alarms() if each.cause == cause),
            f"the alert of {cause} is not over",
        )
        causes = [alarm.cause for alarm in self._own_alarms() if alarm.cause not in self._allowed]
        assert causes == ([cause] if cause else []), f"told {len(causes)} times: {self._own_alarms()}"

    @property
    def _allowed(self) -> tuple[str, ...]:
        return tuple(each for each in (*self._fault.also, OF_THE_MACHINE) if each != self._fault.alert)

    def _turns(self, name: str, states: tuple[HealthState, ...], says: str) -> HealthView:
        found: list[HealthView] = []

        def is_so() -> bool:
            row = self.row(name)
            if row is None or row.state not in states or says not in f"{row.value} · {row.detail}":
                return False
            found.append(row)
            return True

        try:
            wait_until(is_so, PATIENCE_S)
        except AssertionError:
            raise AssertionError(f"{name} did not turn {states} with {says!r}: {self.row(name)}") from None
        return found[-1]

    def _until(self, is_so: Callable[[], bool], otherwise: str) -> None:
        try:
            wait_until(is_so, PATIENCE_S)
        except AssertionError:
            raise AssertionError(f"{otherwise}: {self.engine._rooms.alarms.view}") from None

    def _own_alarms(self) -> list[AlarmView]:
        view = self.engine._rooms.alarms.view
        return [alarm for alarm in (*view.open, *view.past) if alarm.number not in self._alarms]

    @property
    def engine(self) -> Engine:
        """The one that is looked at."""
        assert self._engine is not None, "no engine runs"
        return self._engine
