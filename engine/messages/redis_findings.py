"""What was found at a Redis, as a person reads it."""

from __future__ import annotations

from enum import StrEnum, unique

from msgspec import Struct


@unique
class Verdict(StrEnum):
    """Whether something is as it should be."""

    OK = "ok"
    CHANGE = "change"
    UNKNOWN = "unknown"
    """The user may not see it."""


class Finding(Struct, frozen=True):
    """One thing that was looked at."""

    name: str
    verdict: Verdict
    found: str
    line: str = ""
    """The line of the server's configuration that sets it right."""
