"""The dead man of the alerts: says so, from another task, when nobody looks after them any more."""

from __future__ import annotations

from typing import Final

from engine.clock import NS_PER_S
from engine.duties.alerting import SOURCE, Alerting
from engine.messages.events import AlertRaised, Severity
from engine.messages.views import HealthState
from engine.observe.health import Reading
from engine.rooms import Rooms

SILENT_S: Final = 5.0


class AlertWatch:
    """Sees when the rules were looked at last; steady time is what counts."""

    def __init__(self, rooms: Rooms, alerting: Alerting) -> None:
        self._rooms = rooms
        self._alerting = alerting
        self._is_silent = False

    @property
    def _silent_s(self) -> float:
        return (self._rooms.clock.monotonic_ns() - self._alerting.looked_ns) / NS_PER_S

    def look(self) -> None:
        """Tell once when it is silent, and once when it is not any more."""
        silent = self._silent_s > SILENT_S
        if silent is self._is_silent:
            return
        self._is_silent = silent
        why = f" ({self._alerting.fault})" if self._alerting.fault else ""
        now_ns = self._rooms.account_clock.now_ns()
        if silent:
            text = f"nobody looks after alerts: the last look was {self._silent_s:.0f} s ago{why}; watch the health pane"
            self._rooms.bus.publish(AlertRaised(Severity.CRITICAL, SOURCE, text, now_ns))
        else:
            text = "alerts are looked after again"
            self._rooms.bus.publish(AlertRaised(Severity.INFO, SOURCE, text, now_ns))

    def reading(self) -> Reading:
        """Return how it stands; the number is of the alerts that are not over."""
        view, trouble = self._rooms.alarms.view, self._alerting.trouble
        count = len(view.open)
        if self._silent_s > SILENT_S:
            detail = self._alerting.fault or "the task that looks after alerts hangs, or is gone"
            return Reading(HealthState.DOWN, f"silent {self._silent_s // 5 * 5:.0f} s", detail, count)
        value = f"{count} on, {view.unanswered} unanswered" if count else "none"
        return Reading(
            HealthState.DEGRADED if trouble else HealthState.OK, value, trouble or view.rules, count
        )
