"""What the numbers mean that Interactive Brokers says with a sentence."""

from __future__ import annotations

from typing import Final

from engine.errors import AdapterError, RejectedError, ThrottledError
from engine.messages.reports import Refusal
from engine.model.text import clean

CANCELED: Final = 202
"""An order was cancelled, which its status tells too."""
DUPLICATE: Final = 103
NOT_FOUND: Final = 10147
OF_CANCELS: Final = frozenset({135, 136, 161, NOT_FOUND, 10148, 10149})
"""A cancel was refused, and the order is as it was."""
OF_TERMS: Final = frozenset({104, 105})
"""Other terms were refused, and the order is as it was."""
NO_CONTRACT: Final = 200
TOO_OFTEN: Final = 100
CUT_OFF: Final = frozenset({1100, 2110})
"""The gateway has lost its own connection."""
BACK: Final = frozenset({1101, 1102, 1300})
"""It has another one, or wants to be dialled anew."""
FARM_LOST: Final = frozenset({2103, 2105, 2157})
IN_USE: Final = 326
_WARNINGS: Final = frozenset({399, 404, 10349})
_ALONE_S: Final = 10.0


def is_news(code: int) -> bool:
    """Whether it says nothing that was asked for failed."""
    return code in _WARNINGS or 1100 <= code < 1103 or 2100 <= code < 2200


def sentence(code: int, text: str) -> str:
    """Return why, in its own words, with the number by which it is looked up."""
    return f"{clean(text).removeprefix('Order rejected - reason:').strip()} ({code})"


def meaning_of(code: int, text: str) -> AdapterError:
    """Return the error as the engine has it."""
    told = sentence(code, text)
    if code == TOO_OFTEN or "pacing violation" in text.lower():
        return ThrottledError(told, _ALONE_S)
    return RejectedError(told)


def kind_of(code: int) -> Refusal:
    """Return what a refusal says of the order itself."""
    if code == DUPLICATE:
        return Refusal.DUPLICATE_ID
    return Refusal.UNKNOWN_ORDER if code == NOT_FOUND else Refusal.OTHER
