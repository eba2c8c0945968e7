"""Sorts what venues say when they reject an order: their sentences are endless, the kinds of them are few."""

from __future__ import annotations

import re
from typing import Final

OTHER: Final = "other"

_WORDS: Final = {
    "post_only": r"post.?only|maker|would (?:cross|match|take|trade)|immediately match",
    "funds": r"insufficient|buying power|balance|margin|funds|cash",
    "closed": r"closed|halt|not open|session|trading hours|auction|suspended|after.?hours",
    "rate": r"too many|rate limit|throttl|too often",
    "permission": r"permission|not allowed|forbidden|restricted|not enabled|unauthori[sz]ed|eligible",
    "symbol": r"symbol|instrument|asset|contract|tradable",
    "position": r"position|reduce|short|borrow|wash",
    "duration": r"time.in.force|tif\b|expir|ioc|fok|duration|no liquidity|nothing to trade",
    "price": r"price|tick|band|collar|too far",
    "size": r"quantity|qty|size|lot\b|notional|minimum|maximum",
}
"""The first that is found in a sentence is its kind."""
_PATTERNS: Final = {kind: re.compile(words, re.IGNORECASE) for kind, words in _WORDS.items()}

REASONS: Final = (*_WORDS, OTHER)


def reason_kind(text: str) -> str:
    """Return which of `REASONS` a venue's sentence is."""
    return next((kind for kind, pattern in _PATTERNS.items() if pattern.search(text)), OTHER)
