"""Typed prices to whole price units of an instrument."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from engine.errors import InvalidValue
from engine.messages.views import QuoteView
from engine.model.instrument import Instrument
from engine.model.trade import Side
from terminal.orderline.errors import ResolveError
from terminal.orderline.lines import (
    Absolute,
    Limit,
    Offset,
    OffsetUnit,
    PriceBase,
    Relative,
    Trail,
    TrailUnit,
)


def mid(quote: QuoteView | None) -> int | None:
    """Return the price the market is judged by, in price units: the mid, else the last trade."""
    if quote is None:
        return None
    if quote.bid and quote.ask:
        return (quote.bid + quote.ask) // 2
    return quote.last or None


def touch(quote: QuoteView | None, side: Side) -> int | None:
    """Return the price that a market order would meet first, in price units."""
    if quote is None:
        return None
    return (quote.ask if side is Side.BUY else quote.bid) or mid(quote)


def limit_units(limit: Limit, instrument: Instrument, quote: QuoteView | None, side: Side) -> int:
    """Return a limit price; between two ticks, the one that is better for us.

    Raises:
        ResolveError: it is typed between two ticks, the market has no such price, or it is not positive.
    """
    return _units(limit, instrument, quote, round_up=side is Side.SELL)


def stop_units(stop: Limit, instrument: Instrument, quote: QuoteView | None, side: Side) -> int:
    """Return a stop price; between two ticks, the one farther from the market.

    Raises:
        ResolveError: as for `limit_units`.
    """
    return _units(stop, instrument, quote, round_up=side is Side.BUY)


def stepped(units: int, step: Offset, instrument: Instrument, *, round_up: bool) -> int:
    """Return a price a step away from another, on a tick.

    Raises:
        ResolveError: it would not be positive.
    """
    return on_tick(units + _step(step, Fraction(units), instrument), instrument, round_up=round_up)


def on_tick(units: Fraction, instrument: Instrument, *, round_up: bool) -> int:
    """Return the tick at a price, or next to it.

    Raises:
        ResolveError: it would not be positive.
    """
    ticks = units / instrument.tick_units
    rounded = (ceil(ticks) if round_up else floor(ticks)) * instrument.tick_units
    if rounded <= 0:
        raise ResolveError(
            f"the price of {instrument.symbol} would be {instrument.price(rounded)}: expected more than 0"
        )
    return rounded


def trail_units(trail: Trail, instrument: Instrument, price: int | None) -> int:
    """Return a trailing distance; a percentage is one of a price in price units, rounded up to a tick.

    Raises:
        ResolveError: it is between two ticks, or there is no price to take a percentage of.
    """
    if trail.unit is TrailUnit.TICKS:
        return int(trail.amount) * instrument.tick_units
    if trail.unit is TrailUnit.PRICE:
        return _typed(trail.amount, instrument)
    if price is None:
        raise ResolveError(f"{instrument.symbol} has no price yet to take {trail.amount}% of")
    return ceil(price * Fraction(trail.amount) / 100 / instrument.tick_units) * instrument.tick_units


def _units(price: Limit, instrument: Instrument, quote: QuoteView | None, *, round_up: bool) -> int:
    if isinstance(price, Absolute):
        return _typed(price.price, instrument)
    base = _base(price, instrument, quote)
    step = _step(price.offset, base, instrument) if price.offset else Fraction(0)
    return on_tick(base + step, instrument, round_up=round_up)


def _typed(price: Decimal, instrument: Instrument) -> int:
    """Return a typed price, which has to be on a tick: another one would be a guess."""
    below = floor(Fraction(price) / Fraction(instrument.tick))
    if below * instrument.tick != price:
        lower, upper = below * instrument.tick, (below + 1) * instrument.tick
        near = f"{lower} or {upper}" if below else f"{upper}"
        raise ResolveError(
            f"{instrument.symbol} trades in steps of {instrument.tick}: {price} is off, {near} is on"
        )
    try:
        return instrument.price_units(price)
    except InvalidValue as error:
        raise ResolveError(str(error)) from None


def _base(price: Relative, instrument: Instrument, quote: QuoteView | None) -> Fraction:
    found = Fraction(0)
    if quote is not None:
        if price.base is PriceBase.MID:
            found = Fraction(quote.bid + quote.ask, 2) if quote.bid and quote.ask else found
        else:
            found = Fraction(getattr(quote, price.base.value))
    if found <= 0:
        raise ResolveError(f"{instrument.symbol} has no {price.base} right now: type a price")
    return found


def _step(step: Offset, base: Fraction, instrument: Instrument) -> Fraction:
    amount = Fraction(step.amount)
    if step.unit is OffsetUnit.PERCENT:
        return base * amount / 100
    if step.unit is OffsetUnit.TICKS:
        return amount * instrument.tick_units
    if step.unit is OffsetUnit.BPS:
        return base * amount / 10_000
    return amount * instrument.price_scale
