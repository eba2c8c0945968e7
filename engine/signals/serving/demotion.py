"""When a champion is put into shadow without anybody being asked: the rule, and nothing else. It never leads up."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from engine.signal_settings import DemoteOn
from engine.signals.serving.served_version import ServedVersion
from engine.signals.statistics.levels import Level

WHO: Final = "touchline"
REASON_LENGTH_MAX: Final = 300


def why_demote(champion: ServedVersion, rules: Collection[DemoteOn]) -> str:
    """Return why a champion must not count any more; empty where it may."""
    errors, data = champion.performance(), champion.data()
    found = []
    if "performance" in rules and errors.level >= Level.ALARM:
        found.append(f"its errors rose: {' '.join(errors.reasons)}")
    if "data" in rules and data.level >= Level.QUARANTINE:
        found.append(f"its rows must not be predicted from: {' '.join(data.reasons)}")
    return " ".join(found)[:REASON_LENGTH_MAX]
