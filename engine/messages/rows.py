"""A row of the health board, as what runs beside the engine tells it."""

from __future__ import annotations

from typing import NamedTuple

from engine.messages.views import HealthState


class RowReading(NamedTuple):
    """How something beside the engine is right now; its fields are those of a row of the health board."""

    state: HealthState
    value: str
    detail: str = ""
    number: float = 0.0
