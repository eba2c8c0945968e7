"""What a person on call can do about a component, and that it was done."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Remedy(StrEnum):
    """What is done about a component; which ones it has, its row of the health board says."""

    PROBE = "probe"
    """Ask a venue whose circuit is open once, now."""
    RECONNECT = "reconnect"
    """Give the connection up for a new one, or try again at once."""
    FAIL_OVER = "fail-over"
    """Let the next source that is well speak, until it is failed back."""
    FAIL_BACK = "fail-back"
    """Let the first source in rank that is well speak again."""
    PAUSE = "pause"
    """Hear a source no more: another one speaks."""
    UNPAUSE = "unpause"
    """Hear it again."""
    RESYNC = "re-sync"
    """Ask for a fresh snapshot of a book: that of the symbol, else of every one that is lost."""
    COMPARE = "compare"
    """Ask the broker for everything, and compare."""


STEERING = frozenset({Remedy.FAIL_OVER, Remedy.FAIL_BACK, Remedy.PAUSE, Remedy.UNPAUSE})
"""Those that decide whose prices the desk trades on."""


class RemedyApplied(Struct, frozen=True, gc=False):
    """Something was done about a component."""

    component: str
    remedy: Remedy
    said: str
    """What was done, in a sentence."""
    origin: str
    event_ns: int
