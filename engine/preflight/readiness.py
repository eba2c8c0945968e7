"""Whether a live account may be armed: looked at beside the engine again and again, so that who arms it waits for nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from engine.clock import NS_PER_S
from engine.credentials import Credentials
from engine.environment import is_production
from engine.messages.events import AlertRaised, Severity
from engine.messages.views import HealthState
from engine.observe.health import Reading
from engine.rooms import Rooms

if TYPE_CHECKING:
    from engine.preflight.report import Report

ROW: Final = "preflight"
LOOK_S: Final = 60.0
"""How often it is looked while the account is disarmed; while it is armed nothing is."""
OLD_S: Final = 120.0
"""How old the last look may be when somebody arms it."""
NAMED_MAX: Final = 6
_TURN_S: Final = 1.0
_HOW: Final = "touchline preflight --live says why"


class Readiness:
    """Holds what the last look came to."""

    def __init__(self, rooms: Rooms, look: Callable[[], Report]) -> None:
        self._rooms = rooms
        self._look = look
        self._looked_ns: int | None = None
        self._wanted = True
        self._holding: list[str] = []
        self._trouble = ""
        self._told: list[str] = []
        self.looks = 0
        """How often it was judged."""

    def objection(self) -> str:
        """Return why the account may not be armed now, and have it looked at again; empty where it may be."""
        age_s = self._age_s()
        if age_s is None or age_s > OLD_S:
            self._wanted = True
            return "the preflight is being looked at; arm it in some seconds"
        if self._trouble or self._holding:
            self._wanted = True
            return self._trouble or f"{named(self._holding)} of the preflight {self._verb()}; {_HOW}"
        return ""

    def reading(self) -> Reading:
        """Return the row of the health pane; its number is how many items keep the account disarmed."""
        if self._trouble:
            return Reading(HealthState.DOWN, "can't be judged", self._trouble)
        if self._looked_ns is None:
            return Reading(HealthState.OFF, "not looked yet")
        if self._holding:
            value = f"{len(self._holding)} open"
            return Reading(HealthState.DEGRADED, value, named(self._holding), len(self._holding))
        return Reading(HealthState.OK, "may be armed", f"looked {self._age_s():.0f} s ago", 0)

    async def run(self) -> None:
        """Look while the account is disarmed, until this is cancelled."""
        while True:
            await asyncio.sleep(_TURN_S)
            if not self._rooms.arming.armed and self._is_due():
                await self.look()

    async def look(self) -> None:
        """Judge once, in a thread; what can't be judged keeps the account disarmed."""
        self._wanted = False
        try:
            report = await asyncio.to_thread(self._look)
        except Exception as error:  # noqa: BLE001  # whatever it is, nobody knows then whether it may be armed
            self._trouble = f"the preflight broke ({type(error).__name__}: {error}); {_HOW}"
        else:
            self._trouble, self._holding = "", report.holding_back()
        self._looked_ns = self._rooms.clock.monotonic_ns()
        self._tell()
        self.looks += 1

    def _is_due(self) -> bool:
        age_s = self._age_s()
        return self._wanted or age_s is None or age_s >= LOOK_S

    def _age_s(self) -> float | None:
        if self._looked_ns is None:
            return None
        return (self._rooms.clock.monotonic_ns() - self._looked_ns) / NS_PER_S

    def _tell(self) -> None:
        """Say on the desk what keeps the account disarmed, once for each change of it."""
        now = [self._trouble] if self._trouble else self._holding
        if now == self._told:
            return
        self._told = list(now)
        name = self._rooms.account.name
        kept = f"{name} stays disarmed: {self._trouble or f'{named(self._holding)} {self._verb()}; {_HOW}'}"
        text = kept if now else f"{name} may be armed: nothing of the preflight is open"
        severity = Severity.WARNING if now else Severity.INFO
        self._rooms.bus.publish(AlertRaised(severity, ROW, text, self._rooms.account_clock.now_ns()))

    def _verb(self) -> str:
        return "is open" if len(self._holding) == 1 else "are open"


def named(ids: list[str]) -> str:
    """Return the first of some ids in words."""
    more = len(ids) - NAMED_MAX
    return ", ".join(ids[:NAMED_MAX]) + (f" and {more} more" if more > 0 else "")


def ask_before_arming(rooms: Rooms, credentials: Credentials | None) -> None:
    """Have the blocking items of the checklist judged before a live account may be armed in production."""
    if not (rooms.arming.needs_name and is_production()):
        return

    def look() -> Report:
        from engine.preflight.blocking import judged_in_engine  # noqa: PLC0415  # heavy: not before the first paint

        return judged_in_engine(rooms.settings, rooms.folders, credentials, len(rooms.venues))

    readiness = Readiness(rooms, look)
    rooms.may_arm = readiness.objection
    rooms.health.register(ROW, ROW, readiness.reading)
    rooms.services.append((ROW, readiness.run))
