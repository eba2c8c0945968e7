"""Text from outside is data: it is cleaned once on entry, before anything keeps it."""

from __future__ import annotations

import unicodedata
from typing import Final

from engine.model.redaction import redacted

_HARMFUL_CATEGORIES: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
ALERT_LENGTH_MAX: Final = 400
"""Characters of what a person is told; the log has the same."""
_NO_SECRET_MAX: Final = 11
"""A text of so many characters holds no secret beside what says that it is one."""


def clean(text: str, length_max: int = 200) -> str:
    """Return the text without control, format and private characters and without secrets, cut to `length_max`.

    Escape sequences lose their ESC and thereby their power; direction overrides and zero-width
    characters vanish. Terminals obey these, and Textual passes them through.
    """
    kept = harmless(text if len(text) <= 4 * length_max else text[: 4 * length_max])
    if len(kept) > _NO_SECRET_MAX:
        kept = redacted(kept)
    return kept if len(kept) <= length_max else kept[: length_max - 1] + "…"


def harmless(text: str) -> str:
    """Return the text without what a terminal would obey instead of show."""
    if text.isprintable():
        return text
    return "".join(c for c in text if unicodedata.category(c) not in _HARMFUL_CATEGORIES)
