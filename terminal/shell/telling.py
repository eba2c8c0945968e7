"""What a command prints: a sentence, and a time in it."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from engine.clock import NS_PER_S


def say(text: str, code: int = 0) -> int:
    """Print a sentence; return the exit code."""
    sys.stdout.write(f"{text}\n")
    return code


def utc(time_ns: int) -> str:
    """Write a time to the second, as ISO 8601 has it."""
    return f"{datetime.fromtimestamp(time_ns // NS_PER_S, tz=UTC):%Y-%m-%dT%H:%M:%SZ}"
