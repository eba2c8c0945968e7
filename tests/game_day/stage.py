"""What a game day is played on: one engine, a fault in it, and when its row, its alert and its end were seen."""

from __future__ import annotations

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
from tests.waiting import wait_until

PATIENCE_S: Final = 60.0
WELL: Final = (HealthState.OK, HealthState.OFF)
"""Off as well: what nobody uses now has no trouble."""
UNWELL: Final = (HealthState.DEGRADED, HealthState.DOWN)


class Seen(Struct):
    """What was seen of a fault on the day."""

    row: str = ""
    said: str = ""
    seen_s: float = 0.0
    """From the fault until its row was not well."""
    alert: str = ""
    alert_s: float = 0.0
    remedy: str = ""
    green_s: float = 0.0
    """From the remedy until the row was well."""


class Stage:
    """Runs engines in a folder, and notes what becomes of a fault."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folders = Folders(*(folder / name for name in ("config", "data", "cache", "logs")))
        self.seen = Seen()
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
        """Wait until the fault is seen on a row, with a sentence that has these words."""
        row = self._turns(name, UNWELL, says)
        self.seen.row, self.seen.seen_s = name, time.monotonic() - self._since_s
        self.seen.said = f"{row.value} · {row.detail}" if row.detail else row.value

    def fires(self, cause: str) -> None:
        """Wait until there is the alert of a cause, and see that it is one."""
        self._until(lambda: any(alarm.cause == cause for alarm in self._own_alarms()), f"no alert of {cause}")
        self.seen.alert, self.seen.alert_s = cause, time.monotonic() - self._since_s

    def remedied(self, how: str) -> None:
        """Note that something is done about it now, in words."""
        self.seen.remedy, self._since_s = how, time.monotonic()

    def remedy(self, row: str, remedy: Remedy) -> None:
        """Do what the row's key does."""
        if not self.seen.remedy:
            self.remedied(f"`{remedy.value}` on its row")
        self._running.submit(ApplyRemedy(row, remedy, origin="health page"))

    def turns_green(self, name: str = "", says: str = "") -> None:
        """Wait until the row is well again, and its alert is over, which was told once."""
        self._turns(name or self.seen.row, WELL, says)
        self.seen.green_s = time.monotonic() - self._since_s
        if cause := self.seen.alert:
            self._until(
                lambda: all(each.resolved_ns for each in self._own_alarms() if each.cause == cause),
                f"the alert of {cause} is not over",
            )
            told = [alarm for alarm in self._own_alarms() if alarm.cause == cause]
            assert len(told) == 1, f"told {len(told)} times: {told}"

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
    sampled: bool = True
    """Whether the suite plays it: not those that take long."""
