"""Looks after alerts: holds the rules against what was measured, and tells of what they find."""

from __future__ import annotations

import asyncio
from typing import Final, Protocol

from engine.alerts.alarms import AlarmsKept
from engine.alerts.kept import AlarmsFile
from engine.alerts.rules_source import RulesSource
from engine.alerts.series import Numbers
from engine.clock import NS_PER_S, Clock, SystemClock
from engine.errors import ConfigError, DataError
from engine.messages.alarm_views import Notice, NoticeKind
from engine.messages.events import AlertRaised, Severity
from engine.model.text import ALERT_LENGTH_MAX, clean
from engine.observe.metrics import Sample
from engine.rooms import Rooms

LOOK_S: Final = 1.0
_AFTER_S: Final = 0.02
"""How long after fresh numbers are due they are looked at: soon, so that no second is added to theirs."""
STALE_S: Final = 5.0
"""Numbers that were measured longer ago say nothing."""
SOURCE: Final = "alerts"


class Measured(Protocol):
    """Where the numbers come from."""

    @property
    def samples(self) -> tuple[Sample, ...]:
        """What was measured last."""

    @property
    def measured_ns(self) -> int:
        """When that was, by the rooms' steady time; 0 before the first time."""


class Alerting:
    """Runs as a task of its own: what it needs of others it looks at, and nobody waits for it."""

    def __init__(self, rooms: Rooms, measured: Measured, clock: Clock | None = None) -> None:
        """Take where the numbers come from, and the world's time where it is another."""
        self._rooms = rooms
        self._measured = measured
        self._now_ns = (clock or SystemClock()).now_ns
        self._rules = RulesSource(rooms.folders.alert_rules)
        self._file = AlarmsFile(rooms.alarms_file) if rooms.alarms_file is not None else None
        self._kept = AlarmsKept()
        self._tells_stale = False
        self.looked_ns = rooms.clock.monotonic_ns()
        """When the rules were held against fresh numbers last, by steady time."""
        self.fault = ""
        """What the last look failed with; empty where it did not."""

    @property
    def trouble(self) -> str:
        """What is not as it should be though the rules are looked at; empty where all is well."""
        dropped = self._rooms.alarms.dropped
        told = f"{dropped:,} times too much was wrong at once" if dropped else ""
        return self._rules.trouble or (self._file.failure if self._file is not None else "") or told

    async def run(self) -> None:
        """Look twice a second, until cancelled; a look that fails is told by who watches this."""
        self.begin()
        try:
            while True:
                try:
                    self.look()
                except Exception as error:  # noqa: BLE001  # one look's fault must not be the end of all alerts
                    self.fault = clean(f"{type(error).__name__}: {error}")
                else:
                    self.fault = ""
                await asyncio.sleep(self.next_look_s)
        finally:
            if self._file is not None:
                self._file.close()

    @property
    def next_look_s(self) -> float:
        """Return the time until fresh numbers are to be looked at; a second where none come any more."""
        age_s = (self._rooms.clock.monotonic_ns() - self._measured.measured_ns) / NS_PER_S
        return LOOK_S + _AFTER_S - age_s if 0 <= age_s < LOOK_S else LOOK_S

    def begin(self) -> None:
        """Read the rules, and what an earlier session left."""
        alarms = self._rooms.alarms
        alarms.escalate_after_s = self._rooms.settings.alerts.escalate_after_min * 60.0
        self._read_rules(first=True)
        if self._file is None:
            return
        try:
            self._kept = self._file.read()
        except DataError as error:
            self._say(Severity.WARNING, str(error))
        alarms.recall(self._kept)

    def look(self) -> None:
        """Hold the rules against what was measured last."""
        rooms, alarms = self._rooms, self._rooms.alarms
        if self._rules.changed_on_disk():
            self._read_rules(first=False)
        steady_ns = rooms.clock.monotonic_ns()
        if not self._is_fresh(steady_ns):
            return
        for notice in alarms.look(Numbers(self._measured.samples, steady_ns), self._now_ns()):
            self._tell(notice)
        self._keep(alarms.kept)
        self.looked_ns = steady_ns
        if rooms.messenger is not None:
            rooms.messenger.beat()

    def _is_fresh(self, steady_ns: int) -> bool:
        """Tell whether there is anything to look at; say so once where nothing is measured any more."""
        measured_ns = self._measured.measured_ns
        if not measured_ns:
            return False
        age_s = (steady_ns - measured_ns) / NS_PER_S
        is_stale = age_s > STALE_S
        if is_stale and not self._tells_stale:
            text = f"nothing has been measured for {age_s:.0f} s: alerts are blind, and so is the health pane"
            self._say(Severity.CRITICAL, text)
        self._tells_stale = is_stale
        return not is_stale

    def _tell(self, notice: Notice) -> None:
        over = notice.kind is NoticeKind.RESOLVED
        self._say(Severity.INFO if over else notice.alarm.severity, notice.sentence)
        if self._rooms.messenger is not None:
            self._rooms.messenger.tell(notice)

    def _read_rules(self, *, first: bool) -> None:
        try:
            sentence = self._rules.reload()
        except ConfigError as error:
            self._say(Severity.WARNING, f"alert rules unchanged: {error}")
        else:
            if not first:
                self._say(Severity.INFO, sentence)
        self._rooms.alarms.use(self._rules.rules, self._rules.said)

    def _keep(self, kept: AlarmsKept) -> None:
        if kept != self._kept and self._file is not None:
            self._kept = kept
            self._file.keep(kept)

    def _say(self, severity: Severity, text: str) -> None:
        now_ns = self._rooms.account_clock.now_ns()
        self._rooms.bus.publish(AlertRaised(severity, SOURCE, clean(text, ALERT_LENGTH_MAX), now_ns))
