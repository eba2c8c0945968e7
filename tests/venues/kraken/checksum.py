"""Kraken's book checksum from the texts of the levels, as its documentation has it; shares nothing with the adapter."""

from __future__ import annotations

import binascii
from collections.abc import Iterable

from tests.venues.levels import TextLevel

LEVELS = 10


def digits(text: str) -> str:
    """Return a number without its point and the zeros it begins with."""
    return text.replace(".", "").lstrip("0")


def checksum(asks: Iterable[TextLevel], bids: Iterable[TextLevel]) -> int:
    """Return the checksum of a book; asks come from the lowest, bids from the highest."""
    line = ""
    for side in (asks, bids):
        for price, quantity in list(side)[:LEVELS]:
            line += digits(price) + digits(quantity)
    return binascii.crc32(line.encode("ascii")) & 0xFFFFFFFF
