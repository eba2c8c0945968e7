"""Text from outside is data: it is cleaned once on entry, before anything keeps it."""

from __future__ import annotations

import unicodedata
from typing import Final

_HARMFUL_CATEGORIES: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


def clean(text: str, length_max: int = 200) -> str:
    """Return the text without control, format and private characters, cut to `length_max`.

    Escape sequences lose their ESC and thereby their power; direction overrides and zero-width
    characters vanish. Terminals obey these, and Textual passes them through.
    """
    if text.isascii() and text.isprintable():
        kept = text
    else:
        kept = "".join(
            c for c in text[: 4 * length_max] if unicodedata.category(c) not in _HARMFUL_CATEGORIES
        )
    return kept if len(kept) <= length_max else kept[: length_max - 1] + "…"
