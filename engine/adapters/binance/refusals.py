"""What Binance says when it refuses: the reason for a person, and what that tells of the order.

Source: Binance spot API documentation, "Errors".
"""

from __future__ import annotations

from typing import Final

from engine.adapters.binance.messages import read_fault
from engine.messages.reports import Refusal
from engine.model.text import clean

WRONG_TIME: Final = -1021
NOT_THERE: Final = -2013
NO_SYMBOL: Final = -1121
ARCHIVED: Final = -2026
ABSENT: Final = frozenset({NOT_THERE, ARCHIVED, NO_SYMBOL})
"""What says that there is no such order, or no such symbol."""
_UNDECIDED: Final = frozenset({-1000, -1001, -1006, -1007})
"""What does not say whether a request was carried out."""
KEY: Final = frozenset({-1022, -2008, -2014, -2015})
"""What says that the key is not accepted."""
_SENTENCES: Final = {
    WRONG_TIME: "Binance did not take it, because its clock and ours differ; the clock is measured anew, send it again",
    -1003: "Binance was asked too often, and did not take it",
    -1015: "Binance counts too many orders, and did not take it",
    -1022: "Binance does not accept the signature",
    -1111: "Binance takes fewer decimals",
    NO_SYMBOL: "Binance has no such symbol where orders go",
    -2008: "Binance does not know the key",
    -2014: "Binance does not accept the key",
    -2015: "Binance does not accept the key, or not from this address, or not for orders",
    -2039: "Binance has that order under another id",
}
_FILTERS: Final = {
    "PRICE_FILTER": "the price is not on its steps, or beyond its bounds",
    "LOT_SIZE": "the size is not on its steps, or beyond its bounds",
    "MARKET_LOT_SIZE": "the size is beyond the bounds of market orders",
    "MIN_NOTIONAL": "the order is worth too little",
    "NOTIONAL": "the order is worth too little or too much",
    "PERCENT_PRICE": "the price is too far from the market",
    "PERCENT_PRICE_BY_SIDE": "the price is too far from the market",
    "MAX_NUM_ORDERS": "too many orders work in this symbol",
    "MAX_NUM_ALGO_ORDERS": "too many stops work in this symbol",
    "MAX_POSITION": "more may not be held of this coin",
}
_FILTER = "Filter failure: "


def code_of(body: bytes) -> int:
    """Return the code of a refusal, 0 where there is none."""
    return read_fault(body).code


def is_undecided(status: int, body: bytes) -> bool:
    """Whether a refusal leaves open what became of a request."""
    return status >= 500 or code_of(body) in _UNDECIDED


def reason_of(status: int, body: bytes) -> str:
    """Return why it refused, in plain words and in its own, cleaned."""
    fault = read_fault(body)
    message = clean(fault.msg)
    if message.startswith(_FILTER):
        name = message.removeprefix(_FILTER)
        known = _FILTERS.get(name, "it does not keep the rules of the symbol")
        return f"{known} ({name})"
    known = _SENTENCES.get(fault.code, "")
    if known:
        return known
    if status in {418, 429}:
        return _SENTENCES[-1003]
    return message or f"Binance answered {status}"


def kind_of(body: bytes) -> Refusal:
    """Return what a refusal says of the order itself."""
    fault = read_fault(body)
    if fault.code in ABSENT:
        return Refusal.UNKNOWN_ORDER
    return Refusal.DUPLICATE_ID if fault.msg.startswith("Duplicate order sent") else Refusal.OTHER
