"""Which check judges which item."""

from __future__ import annotations

from typing import Final

from engine.preflight.checks import (
    backups,
    figures,
    launch,
    models,
    network,
    observability,
    operations,
    resilience,
    rollback,
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
    **models.CHECKS,
    **suite.CHECKS,
    **figures.CHECKS,
    **operations.CHECKS,
    **backups.CHECKS,
    **launch.CHECKS,
    **rollback.CHECKS,
}
