"""A recorded capture of Kraken's older stream, told again in the words of the newer one; every digit is kept."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.venues.kraken.books import Pair, book_json
from tests.venues.kraken.checksum import checksum
from tests.venues.levels import TextLevel

DEPTH = 1000
STAMP = "2021-04-17T16:48:53.000000Z"


def renamed(symbol: str) -> str:
    """Return a pair's name as the newer stream has it."""
    return symbol.replace("XBT", "BTC").replace("XDG", "DOGE")


def records(path: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the pair and the parts of each message about a book."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            found = re.match(r"[\d.]+: (\[.*\])$", line.strip())
            if found is not None:
                parts = json.loads(found[1])
                if str(parts[-2]).startswith("book"):
                    yield renamed(parts[-1]), parts[1:-2]


def messages(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the pair and the text of each message."""
    for symbol, parts in records(path):
        if "as" in parts[0] or "bs" in parts[0]:
            asks, bids = levels(parts[0]["as"]), levels(parts[0]["bs"])
            yield symbol, book_json("snapshot", symbol, bids, asks, checksum(asks, bids), "")
        else:
            bids = [level for part in parts for level in levels(part.get("b", []))]
            asks = [level for part in parts for level in levels(part.get("a", []))]
            proof = next(int(part["c"]) for part in parts if "c" in part)
            yield symbol, book_json("update", symbol, bids, asks, proof, STAMP)


def levels(raw: list[list[str]]) -> list[TextLevel]:
    """Return prices and quantities as they are written."""
    return [(level[0], level[1]) for level in raw]


def pairs(path: Path) -> list[Pair]:
    """Return the pairs of a capture, with the decimals that their numbers are written with."""
    found: dict[str, Pair] = {}
    for symbol, parts in records(path):
        if symbol not in found and "as" in parts[0]:
            price, quantity = (len(text.partition(".")[2]) for text in parts[0]["as"][0][:2])
            found[symbol] = Pair(symbol, price, quantity, f"{Decimal(1).scaleb(-price):f}")
    return list(found.values())
