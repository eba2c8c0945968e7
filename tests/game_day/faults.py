"""Every fault of the day."""

from __future__ import annotations

from typing import Final

from tests.game_day import machine_faults, people_faults, secret_faults, shared_faults, venue_faults
from tests.game_day.fault import Fault

FAULTS: Final[tuple[Fault, ...]] = (
    *venue_faults.FAULTS,
    *machine_faults.FAULTS,
    *shared_faults.FAULTS,
    *secret_faults.FAULTS,
    *people_faults.FAULTS,
)
