"""What Kraken's pairs are called."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Raw

from engine.adapters.kraken import messages as m


def names_of(raws: Iterable[Raw]) -> set[str]:
    """Return the names of pairs."""
    return {m.named(raw) for raw in raws}
