"""What a signal is found by, from the bar that it came of to the fill of its order; the version is in it."""

from __future__ import annotations

import re
from typing import Final

from engine.clock import NS_PER_S
from engine.ids import base36
from engine.messages.signal_views import SignalView

_ID: Final = re.compile(r"sig-([0-9a-f]{16})-([0-9a-z]{1,12})-.+", re.ASCII)


def signal_id(signal: SignalView) -> str:
    """Return the correlation of what comes of a signal: its version, the end of its bar, its symbol."""
    return f"sig-{signal.version}-{base36(signal.bar_end_ns // NS_PER_S)}-{signal.symbol}"


def version_in(correlation: str) -> str:
    """Return the version that a signal's correlation names; empty where it is none."""
    found = _ID.fullmatch(correlation)
    return found[1] if found else ""


def bar_end_ns_in(correlation: str) -> int:
    """Return the end of the bar that a signal came of, to the second; 0 where the correlation is none of a signal."""
    found = _ID.fullmatch(correlation)
    return int(found[2], 36) * NS_PER_S if found else 0
