"""Every fault of the day."""

from __future__ import annotations

from typing import Final

from tests.game_day import (
    account_faults,
    death_faults,
    gateway_faults,
    journal_faults,
    keeping_faults,
    machine_faults,
    network_faults,
    order_faults,
    people_faults,
    processor_faults,
    resource_faults,
    screen_faults,
    secret_faults,
    sequence_faults,
    shared_faults,
    standby_faults,
    venue_faults,
)
from tests.game_day.fault import Fault

FAULTS: Final[tuple[Fault, ...]] = (
    *venue_faults.FAULTS,
    *network_faults.FAULTS,
    *account_faults.FAULTS,
    *machine_faults.FAULTS,
    *journal_faults.FAULTS,
    *resource_faults.FAULTS,
    *keeping_faults.FAULTS,
    *secret_faults.FAULTS,
    *shared_faults.FAULTS,
    *people_faults.FAULTS,
    *order_faults.FAULTS,
    *standby_faults.FAULTS,
    *screen_faults.FAULTS,
    *gateway_faults.FAULTS,
    *sequence_faults.FAULTS,
    *death_faults.FAULTS,
    *processor_faults.FAULTS,
)
