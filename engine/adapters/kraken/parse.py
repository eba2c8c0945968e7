"""What Kraken's messages mean: instruments, books, prints, touches; nothing here has a state.

Numbers become whole units from their texts, never through floats.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Raw

from engine.adapters.kraken import messages as m
from engine.adapters.texts import TextUnits, Unreadable, moment_ns
from engine.errors import InvalidValue
from engine.model.depth import DepthDelta, DepthSnapshot, Level
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.model.market_status import Session, StatusChange
from engine.model.quote import Quote
from engine.model.text import clean
from engine.model.trade import Side, Trade

SOURCE = "kraken"
LABEL = "Kraken"
DECIMALS_MAX = 12
_CHECKSUM_END = 1 << 32
_SIDES = {"buy": Side.BUY, "sell": Side.SELL}
"""A trade names the side that took."""


def instrument_of(pair: m.Pair) -> Instrument:
    """Return the instrument of a pair: prices and sizes in its own decimals, orders on its increments.

    Raises:
        Unreadable: its rules contradict each other.
    """
    if not (0 <= pair.price_precision <= DECIMALS_MAX and 0 <= pair.qty_precision <= DECIMALS_MAX):
        raise Unreadable("bad_instrument", f"expected at most {DECIMALS_MAX} decimals")
    try:
        return Instrument(
            symbol=Symbol(pair.symbol),
            venue=SOURCE,
            asset_class=AssetClass.CRYPTO,
            currency=clean(pair.quote, 16),
            base=clean(pair.base, 16),
            description=f"{clean(pair.symbol, 32)} at Kraken",
            price_unit=Decimal(1).scaleb(-pair.price_precision),
            tick=pair.price_increment,
            size_unit=Decimal(1).scaleb(-pair.qty_precision),
            lot=pair.qty_increment,
            size_min=pair.qty_min,
            notional_min=pair.cost_min or Decimal(0),
        )
    except (InvalidValue, ArithmeticError) as error:
        raise Unreadable("bad_instrument", clean(str(error))) from error


def snapshot_of(part: m.BookPart, units: TextUnits, depth: int, received_ns: int) -> DepthSnapshot:
    """Return a whole book.

    Raises:
        Unreadable: a number or the checksum is none.
    """
    symbol, at_ns = units.instrument.symbol, moment_ns(part.timestamp)
    return DepthSnapshot(
        symbol, SOURCE, *_levels(part, units), 0, at_ns, received_ns, _checksum(part.checksum), depth
    )


def delta_of(part: m.BookPart, units: TextUnits, received_ns: int) -> DepthDelta:
    """Return changes to a book.

    Raises:
        Unreadable: a number or the checksum is none.
    """
    symbol, at_ns = units.instrument.symbol, moment_ns(part.timestamp)
    return DepthDelta(
        symbol, SOURCE, *_levels(part, units), 0, 0, 0, at_ns, received_ns, _checksum(part.checksum)
    )


def trade_of(part: m.TradePart, units: TextUnits, received_ns: int) -> Trade:
    """Return a print.

    Raises:
        Unreadable: a number is none, or its id is below 0.
    """
    if part.trade_id < 0:
        raise Unreadable("bad_message", "expected a trade's id above 0")
    price, size = units.price(_text(part.price)), units.size(_text(part.qty))
    symbol, at_ns = units.instrument.symbol, moment_ns(part.timestamp)
    return Trade(
        symbol, SOURCE, price, size, _SIDES.get(part.side), at_ns, received_ns, trade_id=part.trade_id
    )


def quote_of(part: m.TickerPart, units: TextUnits, received_ns: int) -> Quote:
    """Return a touch.

    Raises:
        Unreadable: a number is none.
    """
    bid, bid_size = units.touch(_text(part.bid), _text(part.bid_qty))
    ask, ask_size = units.touch(_text(part.ask), _text(part.ask_qty))
    symbol, at_ns = units.instrument.symbol, moment_ns(part.timestamp)
    return Quote(symbol, SOURCE, bid, ask, bid_size, ask_size, at_ns, received_ns)


def status_of(symbol: Symbol, system: str, pair: str, received_ns: int) -> StatusChange:
    """Return whether a pair trades: only where the venue and the pair are both online."""
    odd = next((each for each in (system, pair) if each != m.ONLINE), "")
    session = Session.HALTED if odd else Session.OPEN
    reason = clean(f"Kraken is {odd}", 60) if odd else ""
    return StatusChange(symbol, SOURCE, session, reason, 0, received_ns)


def _levels(part: m.BookPart, units: TextUnits) -> tuple[tuple[Level, ...], tuple[Level, ...]]:
    bids = units.levels([(_text(level.price), _text(level.qty)) for level in part.bids])
    asks = units.levels([(_text(level.price), _text(level.qty)) for level in part.asks])
    return bids, asks


def _text(number: Raw) -> str:
    """Return a number's digits as they were written; null, which is no price, is 0."""
    try:
        text = str(number, "ascii")
    except UnicodeDecodeError as error:
        raise Unreadable("not_a_number", "text beyond ASCII") from error
    if text[:1] in '"n':
        return text.strip('"') if text != "null" else "0"
    return text


def _checksum(number: int | None) -> int | None:
    if number is not None and not 0 <= number < _CHECKSUM_END:
        raise Unreadable("bad_message", "expected a checksum of 32 bits")
    return number
