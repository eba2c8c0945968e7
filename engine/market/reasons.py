"""Why a message is refused: short, stable words that counters, summaries and metrics share."""

from __future__ import annotations

from typing import Final

CROSSED: Final = "crossed"
LOCKED: Final = "locked"
OUTLIER: Final = "outlier"
STALE: Final = "stale"
OUT_OF_ORDER: Final = "out_of_order"
DUPLICATE: Final = "duplicate"
SIZE: Final = "size"
SEQUENCE: Final = "sequence"
UNLISTED: Final = "unlisted"
"""Nobody listed the instrument first."""
OTHER_SOURCE: Final = "other_source"
"""The book belongs to another source, which is still there."""

DISTRUSTING: Final = frozenset({CROSSED, LOCKED, OUTLIER, STALE, SIZE})
"""Reasons that, several in a row, make the quote that is kept doubtful. What is merely repeated or
overtaken does not."""
