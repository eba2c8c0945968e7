"""Kraken's proof that our book is its book."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from zlib import crc32

from engine.model.depth import Level

CHECKSUM_LEVELS: Final = 10
KRAKEN_DEPTHS: Final = frozenset({10, 25, 100, 500, 1000})
"""The depths one can subscribe to; no deletion is sent for what is pushed out below."""


def kraken_checksum(asks: Iterable[Level], bids: Iterable[Level]) -> int:
    """Return the CRC32 of the ten best asks, then the ten best bids, best first.

    Kraken takes each price and size as text without its point and leading zeros: that is our whole
    number, given that `price_unit` and `size_unit` have the pair's own number of decimals.
    Source: Kraken WebSocket API, "Book checksum".
    """
    digits = [f"{price}{size}" for price, size in asks]
    digits += [f"{price}{size}" for price, size in bids]
    return crc32("".join(digits).encode())
