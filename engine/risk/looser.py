"""What a change of the limits lets happen that was not allowed before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

from engine.model.instrument import AssetClass
from engine.risk.limits import Limits, SymbolLimits, overlay

NAMED_MAX: Final = 3
"""How many limits a sentence names."""
_NARROWED: Final = frozenset({"restricted", "default", "asset_class", "symbol"})
_STATES_NOTHING: Final = SymbolLimits()
_NO_LIMIT: Final = Decimal("Infinity")


def loosened(before: Limits, after: Limits, classes: Mapping[str, AssetClass]) -> tuple[str, ...]:
    """Return each limit that is looser or gone, as "account.gross_max_ratio 2 → 3"; nothing where all are as strict.

    What is compared is what holds for an instrument, whichever section says it. `classes` says of which class a symbol
    is; one that is not in it may be of any.
    """
    found = [f"restricted {symbol} → not" for symbol in before.restricted if symbol not in after.restricted]
    for name in Limits.__struct_fields__:
        if name not in _NARROWED:
            found += _between(name, getattr(before, name), getattr(after, name))
    found += _between("default", before.default, after.default)
    for each in AssetClass:
        found += _of_class(each, before, after)
    for symbol in sorted({*before.symbol, *after.symbol}):
        for each in (classes[symbol],) if symbol in classes else tuple(AssetClass):
            found += _of_symbol(symbol, each, before, after)
    return tuple(dict.fromkeys(found))


def in_words(looser: tuple[str, ...]) -> str:
    """Name what is looser, the first of it."""
    more = len(looser) - NAMED_MAX
    return ", ".join(looser[:NAMED_MAX]) + (f" and {more} more" if more > 0 else "")


def _of_class(each: AssetClass, before: Limits, after: Limits) -> Iterator[str]:
    was, now = (limits.asset_class.get(each, _STATES_NOTHING) for limits in (before, after))
    yield from _between(
        f"asset_class.{each}", overlay(before.default, was), overlay(after.default, now), _changed(was, now)
    )


def _of_symbol(symbol: str, each: AssetClass, before: Limits, after: Limits) -> Iterator[str]:
    was, now = (limits.symbol.get(symbol, _STATES_NOTHING) for limits in (before, after))
    yield from _between(
        f"symbol.{symbol}",
        overlay(_wider(before, each), was),
        overlay(_wider(after, each), now),
        _changed(was, now),
    )


def _wider(limits: Limits, each: AssetClass) -> SymbolLimits:
    return overlay(limits.default, limits.asset_class.get(each, _STATES_NOTHING))


def _changed(was: Struct, now: Struct) -> tuple[str, ...]:
    """Return what a section itself says otherwise than before; what changed in a wider one is told of that one."""
    return tuple(key for key in was.__struct_fields__ if getattr(was, key) != getattr(now, key))


def _between(section: str, was: Struct, now: Struct, keys: tuple[str, ...] | None = None) -> Iterator[str]:
    for key in was.__struct_fields__ if keys is None else keys:
        before, after = getattr(was, key), getattr(now, key)
        if _room(key, after) > _room(key, before):
            yield f"{section}.{key} {_shown(before)} → {_shown(after)}"


def _room(key: str, value: Any) -> Decimal:
    """Return how much a limit allows: the more, the looser."""
    if key == "duplicate_window_ms":
        return Decimal(-(value or 0))
    if key == "extended_hours":
        return Decimal(value is not False)
    if value is None or (key == "var_max_percent" and not value):
        return _NO_LIMIT
    return Decimal(value)


def _shown(value: Any) -> str:
    return "none" if value is None else str(value)
