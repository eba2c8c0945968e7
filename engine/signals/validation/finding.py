"""What a rule found wrong with data, and where."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct


class Severity(StrEnum):
    """What becomes of a row that a rule names."""

    FAIL = "fail"
    """It must not be used, and the data is not clean."""
    WARN = "warn"
    """It may be true; somebody should look."""


class Rule(Struct, frozen=True):
    """One thing that is looked for."""

    name: str
    severity: Severity
    meaning: str


class Finding(NamedTuple):
    """One row that a rule names."""

    rule: Rule
    row: int
    """In its file, from 1; 0 for what is of no single row."""
    time_ns: int
    """0 where it has none that can be told."""
    found: str
