"""Which of Kraken's pairs are wanted, and what is known of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from msgspec import Raw

from engine.adapters.kraken import messages as m
from engine.adapters.kraken import parse as p
from engine.adapters.texts import TextUnits
from engine.model.instrument import Symbol
from engine.model.text import clean


class Listed:
    """One pair that is wanted and known."""

    __slots__ = ("last_trade", "since_ns", "status", "units")

    def __init__(self, pair: m.Pair) -> None:
        self.units = TextUnits(p.instrument_of(pair))
        self.status = pair.status
        self.since_ns = 0
        """Where its history ends: prints from before are in its bars already."""
        self.last_trade = 0
        """The highest id of a print that was handed on: what comes again after a reconnect is not."""

    @property
    def symbol(self) -> Symbol:
        """Its name."""
        return self.units.instrument.symbol


def names_of(raws: Iterable[Raw]) -> set[str]:
    """Return the names of pairs."""
    return {m.named(raw) for raw in raws}


def choose(raws: Iterable[Raw], wanted: Sequence[Symbol]) -> list[Raw]:
    """Return the wanted pairs, in the order of the message."""
    return [raw for raw in raws if m.named(raw) in wanted]


def unknown(wanted: Sequence[Symbol], names: set[str]) -> str:
    """Return a sentence about what the venue does not have, nothing if it has everything."""
    missing = [symbol for symbol in wanted if symbol not in names]
    if not missing:
        return ""
    close = [clean(name, 32) for name in get_close_matches(missing[0], sorted(names), 3)]
    hint = f"; it has {', '.join(close)}" if close else ""
    return f"Kraken has no pair {', '.join(missing)}{hint}"
