"""Finds the symbol that was meant, or the ones that may have been."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from engine.model.instrument import Instrument, Symbol
from terminal.desk import Desk
from terminal.orderline.errors import ResolveError
from terminal.orderline.tokens import shown

_COMPARED_MAX = 2000
"""Comparing is slow; of more symbols only those with the same first letter are looked at."""


def instrument_of(desk: Desk, name: str | None) -> Instrument:
    """Return the named instrument, or the focused one.

    Raises:
        ResolveError: nothing is in focus, or the name is not listed; says which names are near.
    """
    if name is None:
        if desk.focus is None or desk.focus not in desk.instruments:
            raise ResolveError("no symbol is in focus: name one, as in b 100 AAPL")
        return desk.instruments[desk.focus]
    found = desk.instruments.get(Symbol(name)) or _ignoring_case(desk, name)
    if found is None:
        near = nearest(name, desk.instruments)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise ResolveError(f"{shown(name)} is not listed{hint}")
    if desk.is_dropped(found.symbol):
        raise ResolveError(f"{found.symbol} is not followed any more; watch {found.symbol} takes that back")
    return found


def nearest(name: str, symbols: Iterable[str], count: int = 3) -> list[str]:
    """Return the listed names most like this one, likeliest first."""
    known = list(symbols)
    begin = sorted((symbol for symbol in known if symbol.upper().startswith(name.upper())), key=len)
    if begin:
        return begin[:count]
    if len(known) > _COMPARED_MAX:
        known = [symbol for symbol in known if symbol[:1].upper() == name[:1].upper()][:_COMPARED_MAX]
    upper = {symbol.upper(): symbol for symbol in known}
    return [upper[match] for match in get_close_matches(name.upper(), upper, count, 0.5)]


def _ignoring_case(desk: Desk, name: str) -> Instrument | None:
    upper = name.upper()
    matches = [found for symbol, found in desk.instruments.items() if symbol.upper() == upper]
    return matches[0] if len(matches) == 1 else None
