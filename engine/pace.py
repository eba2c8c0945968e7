"""How fast market time passes, and where it begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

StartAt = Callable[[int], int]
"""From a recording's first time to the time to begin at, ns UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast market time passes."""

    speed: float = 1.0
    """Market seconds a second; 0 means as fast as it can."""
    events_per_s: float | None = None
    """Instead: so many events a second, whatever their times."""
