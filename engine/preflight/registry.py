"""Which check judges which item."""

from __future__ import annotations

from typing import Final

from engine.preflight.checks import (
    launch,
    network,
    observability,
    operations,
    resilience,
    security,
    storage,
    suite,
    trading,
)
from engine.preflight.checks.check import Checks

CHECKS: Final[Checks] = {
    **security.CHECKS,
    **network.CHECKS,
    **storage.CHECKS,
    **observability.CHECKS,
    **resilience.CHECKS,
    **trading.CHECKS,
    **suite.CHECKS,
    **operations.CHECKS,
    **launch.CHECKS,
}
