"""Why a message is refused: short, stable words that counters, summaries and metrics share."""

from __future__ import annotations

CROSSED = "crossed"
LOCKED = "locked"
OUTLIER = "outlier"
STALE = "stale"
OUT_OF_ORDER = "out_of_order"
DUPLICATE = "duplicate"
SIZE = "size"
SEQUENCE = "sequence"
UNLISTED = "unlisted"
"""Nobody listed the instrument first."""
OTHER_SOURCE = "other_source"
"""The book belongs to another source, which is still there."""

DISTRUSTING = frozenset({CROSSED, LOCKED, OUTLIER, STALE, SIZE})
"""Reasons that, several in a row, make the quote that is kept doubtful. What is merely repeated or
overtaken does not."""
