"""A row of the health board and numbers for the exporter, as what runs beside the engine tells them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from engine.messages.views import HealthState

Point = tuple[tuple[str, ...], float]
"""Values of the labels of a metric, and the number."""
Points = Iterable[Point]
ReadMetrics = Mapping[str, Callable[[], Points]]
"""What reads metrics, by their names."""


class RowReading(NamedTuple):
    """How something beside the engine is right now; its fields are those of a row of the health board."""

    state: HealthState
    value: str
    detail: str = ""
    number: float = 0.0
