"""A recorded capture of Coinbase's older feed, told again in the words of today's."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.venues.coinbase.floor import Floor
from tests.venues.coinbase.stock import Pair
from tests.venues.levels import TextLevel

TAKERS = {"buy": "sell", "sell": "buy"}
"""A print names the side that rested."""


@dataclass
class Tape:
    """The books that the recording began with, and what came after."""

    snapshots: dict[str, tuple[list[TextLevel], list[TextLevel]]] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    """Changes of books, and prints."""

    def pairs(self) -> tuple[Pair, ...]:
        """Return what traded, in the decimals that were written."""
        found = []
        for symbol, sides in self.snapshots.items():
            prices, sizes = zip(*(level for side in sides for level in side), strict=True)
            found.append(Pair(symbol, max(map(_decimals, prices)), max(map(_decimals, sizes))))
        return tuple(found)

    def begin(self, floor: Floor) -> None:
        """Fill the books."""
        for symbol, sides in self.snapshots.items():
            floor.change(symbol, *sides)

    def play(self, floor: Floor) -> None:
        """Tell everything that came after, as fast as it is taken."""
        for each in self.messages:
            symbol = each["product_id"]
            if each["type"] == "match":
                floor.trade(symbol, TAKERS[each["side"]], each["price"], each["size"])
            else:
                sides = [
                    [(p, q) for kind, p, q in each["changes"] if kind == side] for side in ("buy", "sell")
                ]
                floor.change(symbol, *sides)


def tape_of(path: Path) -> Tape:
    """Read a capture of lines: a time and a frame."""
    tape = Tape()
    for message in _messages(path):
        kind = message.get("type")
        if kind == "snapshot":
            tape.snapshots[message["product_id"]] = (
                [(price, size) for price, size in message["bids"]],
                [(price, size) for price, size in message["asks"]],
            )
        elif kind in {"l2update", "match"}:
            tape.messages.append(message)
    return tape


def _messages(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            _, colon, text = line.partition(": ")
            if colon and text.startswith("{") and "->" not in line[:60]:
                yield json.loads(text)


def _decimals(text: str) -> int:
    return max(0, -int(Decimal(text).as_tuple().exponent))
