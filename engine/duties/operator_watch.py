"""Follows the file of the operators: what was changed at a shell reaches a desk that runs, and tries that fail are told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from threading import Thread
from typing import Final

from engine.clock import NS_PER_S, Clock, SystemClock
from engine.errors import EngineError
from engine.messages.events import AlertRaised, Severity
from engine.messages.views import HealthState
from engine.model.text import clean
from engine.observe.health import Reading
from engine.rooms import Rooms
from engine.security.operators.database import OperatorFile, Stamp
from engine.security.operators.lockout import KEPT_NS
from engine.security.operators.register import Operator
from engine.security.operators.standing import Standing, standing_of

BURST: Final = 5
"""So many failures within a minute are told."""
_MINUTE_NS: Final = 60 * NS_PER_S


class OperatorWatch:
    """Looks once a second whether the file is another, and reads it in a thread where it is."""

    def __init__(
        self,
        rooms: Rooms,
        call: Callable[..., None],
        follow: Callable[[Sequence[Operator]], None],
        clock: Clock | None = None,
    ) -> None:
        """Take what puts a call on the engine's loop, and what is told who the operators are now."""
        self._rooms = rooms
        self._call = call
        self._follow = follow
        self._now_ns = (clock or SystemClock()).now_ns
        self._file = OperatorFile(rooms.folders.operators)
        self._standing = Standing()
        self._stamp: Stamp | None = None
        self._is_reading = self._is_burst = False
        self._counted: int | None = None
        """The last failure that was counted; None before the first look."""
        self._trouble = ""
        self._since_ns = 0

    def look(self) -> None:
        """Have the file read where it changed; tell of failures that come in a burst."""
        if self._rooms.operator is not None and not self._since_ns:
            self._since_ns = self._now_ns()
        stamp = self._file.stamp()
        if stamp != self._stamp and not self._is_reading:
            self._is_reading = True
            Thread(target=self._read, args=(stamp,), name="touchline-operators", daemon=True).start()
        self._rooms.sign_ins.locked = len(self._standing.locked_at(self._now_ns()))
        self._tell_of_burst()

    def reading(self) -> Reading:
        """Return how signing in stands; the number is of the failures of the last hour."""
        operator, standing, now_ns = self._rooms.operator, self._standing, self._now_ns()
        failed, locked = standing.failed_since(now_ns - KEPT_NS), standing.locked_at(now_ns)
        if self._trouble:
            return Reading(HealthState.DOWN, "can't be read", self._trouble, failed)
        if operator is None and not standing.operators:
            return Reading(HealthState.OFF, "nobody", "nobody has to sign in")
        told = [f"locked: {', '.join(locked[:3])}{' …' if len(locked) > 3 else ''}"] if locked else []
        told.append(f"{failed:,} failed this hour")
        state = HealthState.DEGRADED if locked or self._is_burst else HealthState.OK
        if operator is None:
            state = state if locked or self._is_burst else HealthState.OFF
            return Reading(state, "nobody here", " · ".join(told), failed)
        since = f"since {datetime.fromtimestamp(self._since_ns // NS_PER_S, UTC):%H:%M} UTC"
        return Reading(state, f"{operator.name}, {operator.role.value}", " · ".join([*told, since]), failed)

    def _read(self, stamp: Stamp | None) -> None:
        try:
            found: Standing | str = standing_of(self._file, self._now_ns())
        except EngineError as error:
            found = str(error)
        except Exception as error:  # noqa: BLE001  # a file that somebody else wrote is told, and the look goes on
            found = f"{self._file.path.name}: {type(error).__name__}: {error}"
        self._call(self._take, stamp, found)

    def _take(self, stamp: Stamp | None, found: Standing | str) -> None:
        """Take in what was read; a file that changed just now may change again without another stamp."""
        self._is_reading = False
        settled = stamp is None or self._now_ns() - stamp[0] > NS_PER_S
        self._stamp = stamp if settled else None
        if isinstance(found, str):
            self._trouble, self._stamp = clean(found, 200), stamp
            return
        self._trouble, self._standing = "", found
        if self._file.migrated:
            self._tell(Severity.INFO, "operators", self._file.migrated)
            self._file.migrated = ""
        newest = max((failure.number for failure in found.failures), default=0)
        for failure in found.failures if self._counted is not None else ():
            if failure.number > (self._counted or 0):
                self._rooms.sign_ins.fail(failure.origin)
        self._counted = max(newest, self._counted or 0)
        if self._rooms.operator is not None:
            self._follow(found.operators)

    def _tell_of_burst(self) -> None:
        failures = self._standing.failures
        recent = self._standing.failed_since(self._now_ns() - _MINUTE_NS) if failures else 0
        if recent >= BURST and not self._is_burst:
            origin = clean(failures[-1].origin, 64)
            text = f"{recent} tries to sign in failed within a minute, the last from {origin}"
            self._tell(Severity.CRITICAL, "sign-in", text)
        self._is_burst = recent >= BURST

    def _tell(self, severity: Severity, source: str, text: str) -> None:
        now_ns = self._rooms.account_clock.now_ns()
        self._rooms.bus.publish(AlertRaised(severity, source, text, now_ns))
