"""Which of Kraken's pairs are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Raw

from engine.adapters.kraken import messages as m
from engine.model.instrument import Symbol


def names_of(raws: Iterable[Raw]) -> set[str]:
    """Return the names of pairs."""
    return {m.named(raw) for raw in raws}


def choose(raws: Iterable[Raw], wanted: Sequence[Symbol]) -> list[Raw]:
    """Return the wanted pairs, in the order of the message."""
    return [raw for raw in raws if m.named(raw) in wanted]
