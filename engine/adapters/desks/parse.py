"""What another desk says, as this one's records; what no desk would say is refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from engine.adapters.texts import Unreadable
from engine.errors import InvalidValue
from engine.messages.shared_quotes import SharedPrint, SharedRow, SharedTerms
from engine.model.instrument import Instrument, Symbol
from engine.model.market_status import StatusChange
from engine.model.quote import Quote
from engine.model.text import clean
from engine.model.trade import Trade

_ADJUSTED_MAX: Final = 18
"""Powers of ten beyond which no step is."""
_CALENDAR: Final = re.compile(r"24/7|[A-Za-z0-9_]{2,16}")


def instrument_of(terms: SharedTerms) -> Instrument:
    """Return the instrument as it is at the other desk.

    Raises:
        Unreadable: no instrument is so.
    """
    for step in (terms.price_unit, terms.tick, terms.size_unit, terms.lot, terms.multiplier):
        if not _is_sane(step) or step <= 0:
            raise Unreadable("bad_terms", f"a step of {clean(str(step), 32)}")
    for least in (terms.size_min, terms.notional_min):
        if not _is_sane(least) or least < 0:
            raise Unreadable("bad_terms", f"a least of {clean(str(least), 32)}")
    if not _CALENDAR.fullmatch(terms.calendar):
        raise Unreadable("bad_terms", f"a calendar {clean(terms.calendar, 32)}")
    try:
        return _instrument(terms)
    except InvalidValue as error:
        raise Unreadable("bad_terms", clean(str(error))) from error


def quote_of(row: SharedRow, source: str, number: int, receive_ns: int) -> Quote:
    """Return the touch of a row, received at that time by our clock."""
    return Quote(
        Symbol(row.symbol),
        source,
        row.bid,
        row.ask,
        row.bid_size,
        row.ask_size,
        row.event_ns,
        receive_ns,
        number,
    )


def status_of(row: SharedRow, source: str, receive_ns: int) -> StatusChange:
    """Return whether the symbol of a row trades."""
    return StatusChange(Symbol(row.symbol), source, row.session, clean(row.session_reason), 0, receive_ns)


def trade_of(symbol: Symbol, source: str, told: SharedPrint, receive_ns: int) -> Trade:
    """Return a print, received at that time by our clock."""
    return Trade(
        symbol,
        source,
        told.price,
        told.size,
        told.aggressor,
        told.event_ns,
        receive_ns,
        told.trade_id,
        clean(told.conditions, 64),
        told.sets_last,
    )


def fresh_prints(row: SharedRow, known: int) -> Sequence[SharedPrint]:
    """Return the prints of a row beyond the first `known` of the run."""
    count = min(row.printed - known, len(row.prints))
    return row.prints[len(row.prints) - count :] if count > 0 else ()


def _is_sane(number: Decimal) -> bool:
    """Tell whether a number is safe to reckon with: a huge exponent would take all memory there is."""
    return number.is_finite() and -_ADJUSTED_MAX <= number.adjusted() <= _ADJUSTED_MAX


def _instrument(terms: SharedTerms) -> Instrument:
    return Instrument(
        symbol=Symbol(clean(terms.symbol, 64)),
        venue=clean(terms.venue, 64),
        asset_class=terms.asset_class,
        currency=clean(terms.currency, 64),
        base=clean(terms.base, 64),
        description=clean(terms.description, 64),
        price_unit=terms.price_unit,
        tick=terms.tick,
        size_unit=terms.size_unit,
        lot=terms.lot,
        size_min=terms.size_min,
        notional_min=terms.notional_min,
        multiplier=terms.multiplier,
        calendar=terms.calendar,
        tradable=terms.tradable,
    )
