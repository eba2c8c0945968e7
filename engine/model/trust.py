"""How far a price is believed."""

from __future__ import annotations

from enum import StrEnum


class Trust(StrEnum):
    """Whether a price may be sent against."""

    NONE = "none"
    """No quote yet."""
    GOOD = "good"
    STALE = "stale"
    """Too old, or its source is silent."""
    DISTRUSTED = "distrusted"
    """Crossed, gapped, or refused too often to be believed."""
