"""What the screen sees of the lock of a desk that somebody signed in at."""

from __future__ import annotations

from msgspec import Struct


class LockView(Struct, frozen=True, gc=False):
    """Whether the desk is locked, and what came of the last try to open it."""

    operator: str
    locked: bool = False
    reason: str = ""
    wants_code: bool = False
    """Whether a code is wanted besides the password."""
    tries: int = 0
    """How many tries were judged since the start."""
    failures: int = 0
    """How many of them failed."""
    refusal: str = ""
    """Why the last one failed; empty where it did not."""
    retry_after_s: int = 0
    """How long to wait before the next one, counted from then."""
