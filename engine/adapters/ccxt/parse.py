"""What ccxt says, as whole units. It keeps every number as a float, so digits beyond the fifteenth are its guess.

A size that is finer than the steps of orders is rounded to them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from engine.adapters.texts import Unreadable
from engine.clock import NS_PER_MS
from engine.errors import InvalidValue
from engine.model.bar import Bar, RecordedBar
from engine.model.depth import Level
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.model.text import clean
from engine.model.trade import Side, Trade

DECIMAL_PLACES, TICK_SIZE = 2, 4
"""How ccxt tells the steps of an exchange: `precisionMode`."""
UNITS_MAX = 1 << 50
"""Beyond this many units a float can't tell two of them apart."""
MINUTE_NS = 60_000 * NS_PER_MS
_SIDES = {"buy": Side.BUY, "sell": Side.SELL}


def has_steps(mode: int) -> bool:
    """Tell whether an exchange's prices have steps."""
    return mode in {DECIMAL_PLACES, TICK_SIZE}


def instrument_of(market: Mapping[str, Any], mode: int, source: str, label: str) -> Instrument:
    """Return the instrument of a market.

    Raises:
        Unreadable: its steps are not told, or contradict each other.
    """
    precision, limits = market.get("precision") or {}, market.get("limits") or {}
    tick, lot = _step(precision.get("price"), mode), _step(precision.get("amount"), mode)
    name = str(market["symbol"])
    try:
        return Instrument(
            symbol=Symbol(name),
            venue=source,
            asset_class=AssetClass.CRYPTO,
            currency=clean(str(market.get("quote")), 16),
            base=clean(str(market.get("base")), 16),
            description=f"{clean(name, 32)} at {label}: nothing proves that its book misses nothing",
            price_unit=_unit(tick),
            tick=tick,
            size_unit=_unit(lot),
            lot=lot,
            size_min=_least(limits, "amount"),
            notional_min=_least(limits, "cost"),
        )
    except (InvalidValue, ArithmeticError) as error:
        raise Unreadable("bad_instrument", clean(str(error))) from error


def units_of(value: object, scale: int) -> int:
    """Return a number in units, the nearest one.

    Raises:
        Unreadable: it is none, below zero, or too large for a float to be exact.
    """
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise Unreadable("not_a_number", clean(str(value), 40))
    units = round(value * scale)
    if not 0 <= units < UNITS_MAX:
        raise Unreadable("negative_value" if units < 0 else "absurd_value", clean(str(value), 40))
    return units


def levels_of(rows: Iterable[Sequence[Any]], instrument: Instrument, depth: int) -> tuple[Level, ...]:
    """Return the best levels of one side; one whose size is less than a step is left out.

    Raises:
        Unreadable: a price or a size is none.
    """
    prices, sizes = instrument.price_scale, instrument.size_scale
    levels = [(units_of(row[0], prices), units_of(row[1], sizes)) for row in list(rows)[:depth]]
    return tuple(level for level in levels if level[0] and level[1])


def trade_of(raw: Mapping[str, Any], instrument: Instrument, source: str, received_ns: int) -> Trade:
    """Return a print; ccxt names the side that took, and does not promise that its ids rise.

    Raises:
        Unreadable: a number is none.
    """
    price = units_of(raw.get("price"), instrument.price_scale)
    size = units_of(raw.get("amount"), instrument.size_scale)
    if not price:
        raise Unreadable("zero_price", clean(str(raw.get("price")), 40))
    side, at_ns = _SIDES.get(str(raw.get("side"))), time_ns(raw.get("timestamp"))
    return Trade(instrument.symbol, source, price, size, side, at_ns, received_ns)


def key_of(raw: Mapping[str, Any]) -> str:
    """Return what tells one print from another: its id, or what it says where it has none."""
    told = (raw.get("timestamp"), raw.get("price"), raw.get("amount"), raw.get("side"))
    return str(raw.get("id") or told)


def minutes_of(
    rows: Iterable[Sequence[Any]], instrument: Instrument, source: str, now_ns: int
) -> list[RecordedBar]:
    """Return the closed minutes, oldest first; what they turned over is taken from their middle.

    Raises:
        Unreadable: a number is none.
    """
    bars = [_bar(row, instrument) for row in sorted(rows, key=lambda row: row[0])]
    return [RecordedBar(source, bar, now_ns) for bar in bars if bar.start_ns + MINUTE_NS <= now_ns]


def time_ns(milliseconds: object) -> int:
    """Return a time of ccxt, 0 for none."""
    return int(milliseconds) * NS_PER_MS if isinstance(milliseconds, int | float) and milliseconds > 0 else 0


def _bar(row: Sequence[Any], instrument: Instrument) -> Bar:
    start_ns = time_ns(row[0])
    if not start_ns or start_ns % MINUTE_NS:
        raise Unreadable("absurd_time", clean(str(row[0]), 40))
    first, high, low, last = (units_of(price, instrument.price_scale) for price in row[1:5])
    volume = units_of(row[5], instrument.size_scale)
    return Bar(
        symbol=instrument.symbol,
        interval_ns=MINUTE_NS,
        start_ns=start_ns,
        open=first,
        high=high,
        low=low,
        close=last,
        volume=volume,
        turnover=(high + low) // 2 * volume,
        trades=0,
        closed=True,
    )


def _step(told: object, mode: int) -> Decimal:
    """Return a step, which ccxt tells as itself or as decimals."""
    if not isinstance(told, int | float) or not math.isfinite(told):
        raise Unreadable("bad_instrument", "its steps are not told")
    step = Decimal(repr(told)) if mode == TICK_SIZE else Decimal(1).scaleb(-int(told))
    if not Decimal("1e-12") <= step <= Decimal(1_000_000):
        raise Unreadable("bad_instrument", f"a step of {step}")
    return step


def _unit(step: Decimal) -> Decimal:
    """Return the decimal place in which a step is written."""
    exponent = step.normalize().as_tuple().exponent
    return Decimal(1).scaleb(min(0, int(exponent)))


def _least(limits: Mapping[str, Any], what: str) -> Decimal:
    told = (limits.get(what) or {}).get("min")
    return (
        Decimal(repr(told))
        if isinstance(told, int | float) and told > 0 and math.isfinite(told)
        else Decimal(0)
    )
