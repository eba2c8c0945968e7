"""Watches a certificate that is shown: how long it still stands, and whether a renewed one was taken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from engine.clock import NS_PER_S, Clock
from engine.messages.events import Severity
from engine.messages.rows import RowReading
from engine.messages.views import HealthState
from engine.security.tls.certificate import DAY_NS, Certificate
from engine.security.tls.served import ServedCertificate

LOOK_S: Final = 3.0
"""How often its files are looked at."""
DAYS_GOOD: Final = 30
"""Days left below which it is not well."""
DAYS_ALERTED: Final = 14
"""Days left below which a person is told, once a day."""

Tell = Callable[[Severity, str], None]
"""Lets a person hear of something; called on the gateway's loop."""


class CertificateWatch:
    """Takes a renewed certificate in, and tells of one that ends."""

    def __init__(self, served: ServedCertificate, clock: Clock, tell: Tell) -> None:
        self._served = served
        self._clock = clock
        self._tell = tell
        self._told_ns = 0
        self._trouble = ""

    async def run(self) -> None:
        """Look again and again, until it is cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Read the files again where they changed; tell what a person has to do."""
        if await asyncio.to_thread(self._served.look):
            self._told_ns = 0
            self._tell(Severity.INFO, f"another certificate is shown from now on, {self._until()}")
        if self._served.trouble != self._trouble:
            self._trouble = self._served.trouble
            if self._trouble:
                self._tell(Severity.WARNING, f"the certificate before is shown on: {self._trouble}")
        self._tell_of_the_end()

    def standing(self) -> RowReading:
        """Return how it stands now; quick, and for any thread."""
        found, trouble = self._served.certificate, self._served.trouble
        if found is None:
            return RowReading(HealthState.OFF, "none", "", 0.0)
        left = found.days_left(self._clock.now_ns())
        state = HealthState.OK if left >= DAYS_GOOD and not trouble else HealthState.DEGRADED
        value = f"{left} day{'s' * (left != 1)} left"
        if left < 0:
            state, value = HealthState.DOWN, "over"
        return RowReading(state, value, trouble or _todo(left) + _names(found), left)

    def _tell_of_the_end(self) -> None:
        found, now_ns = self._served.certificate, self._clock.now_ns()
        if found is None or found.days_left(now_ns) >= DAYS_ALERTED or now_ns - self._told_ns < DAY_NS:
            return
        self._told_ns = now_ns
        severity = Severity.CRITICAL if found.ends_ns <= now_ns else Severity.WARNING
        self._tell(severity, f"renew the certificate {self._served.path}: it stands {self._until()}")

    def _until(self) -> str:
        found = self._served.certificate
        assert found is not None
        return f"until {datetime.fromtimestamp(found.ends_ns // NS_PER_S, UTC):%Y-%m-%d %H:%M} UTC"


def _todo(left: int) -> str:
    """Say what is to be done while it can be."""
    return "" if left >= DAYS_GOOD else "renew it · "


def _names(found: Certificate) -> str:
    kind = "development · " if found.is_development else ""
    return f"{kind}{', '.join(found.names)}"
