"""What a look at the way to a venue found, one step at a time."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Outcome(StrEnum):
    """How a step went."""

    OK = "ok"
    WARNING = "warning"
    """Well, but it may not stay so."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """Not tried: it needs a step that was not well, or there is nothing to try."""


class Step(Struct, frozen=True):
    """One step of the way, and what to do where it failed."""

    name: str
    outcome: Outcome
    detail: str
    remedy: str = ""
    took_ms: float = 0.0
