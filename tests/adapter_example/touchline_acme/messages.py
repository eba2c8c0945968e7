"""What Acme's messages mean. Numbers become whole units from their texts, never through floats."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from msgspec import Struct

from engine.adapters.texts import TextUnits, Unreadable
from engine.clock import NS_PER_S
from engine.errors import InvalidValue
from engine.model.bar import Bar, RecordedBar
from engine.model.depth import DepthDelta, DepthSnapshot
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.model.quote import Quote
from engine.model.text import clean
from engine.model.trade import Side, Trade
from engine.model.undecodable import UNDECODABLE

SOURCE = "acme"
LABEL = "Acme"
MINUTE_NS = 60 * NS_PER_S
Level = tuple[str, str]


class Pair(Struct):
    """How a pair is traded."""

    base: str
    currency: str
    price_step: Decimal
    size_step: Decimal


class Print(Struct):
    """A trade; its side is who took."""

    symbol: str
    number: int
    side: str
    price: str
    size: str
    at_ns: int


class Message(Struct):
    """Anything that Acme says: what it is not about is left out."""

    pairs: dict[str, Pair] = {}
    following: str = ""
    refused: str = ""
    book: str = ""
    whole: bool = False
    number: int = 0
    bids: list[Level] = []
    asks: list[Level] = []
    touch: str = ""
    bid: Level = ("0", "0")
    ask: Level = ("0", "0")
    prints: list[Print] = []
    pong: int = 0
    at_ns: int = 0
    beat: int = 0


_decode = msgspec.json.Decoder(Message).decode
_decode_minutes = msgspec.json.Decoder(list[tuple[int, str, str, str, str, str]]).decode


def read(frame: bytes) -> Message:
    """Return a message; raises Unreadable for what is none."""
    try:
        return _decode(frame)
    except (*UNDECODABLE, msgspec.ValidationError) as error:
        raise Unreadable("bad_message", clean(str(error), 120)) from error


def instrument_of(name: str, pair: Pair) -> Instrument:
    """Return the instrument of a pair; raises Unreadable where its rules contradict each other."""
    try:
        return Instrument(
            symbol=Symbol(name),
            venue=SOURCE,
            asset_class=AssetClass.CRYPTO,
            currency=clean(pair.currency, 16),
            base=clean(pair.base, 16),
            description=f"{clean(name, 32)} at {LABEL}",
            price_unit=pair.price_step,
            tick=pair.price_step,
            size_unit=pair.size_step,
            lot=pair.size_step,
        )
    except (InvalidValue, ArithmeticError) as error:
        raise Unreadable("bad_instrument", clean(str(error))) from error


def snapshot_of(message: Message, units: TextUnits, received_ns: int) -> DepthSnapshot:
    """Return a whole book."""
    bids, asks = units.levels(message.bids), units.levels(message.asks)
    return DepthSnapshot(
        units.instrument.symbol, SOURCE, bids, asks, message.number, message.at_ns, received_ns
    )


def delta_of(message: Message, units: TextUnits, received_ns: int) -> DepthDelta:
    """Return changes to a book, each numbered one more than the last."""
    bids, asks, number = units.levels(message.bids), units.levels(message.asks), message.number
    return DepthDelta(
        units.instrument.symbol, SOURCE, bids, asks, number, number, number - 1, message.at_ns, received_ns
    )


def quote_of(message: Message, units: TextUnits, received_ns: int) -> Quote:
    """Return a touch."""
    (bid, bid_size), (ask, ask_size) = units.touch(*message.bid), units.touch(*message.ask)
    return Quote(units.instrument.symbol, SOURCE, bid, ask, bid_size, ask_size, message.at_ns, received_ns)


def trade_of(made: Print, units: TextUnits, received_ns: int) -> Trade:
    """Return a print."""
    taker = Side.BUY if made.side == "buy" else Side.SELL
    price, size = units.price(made.price), units.size(made.size)
    return Trade(
        units.instrument.symbol, SOURCE, price, size, taker, made.at_ns, received_ns, trade_id=made.number
    )


def minutes_of(body: bytes, units: TextUnits, now_ns: int) -> list[RecordedBar]:
    """Return the closed minutes of an answer, oldest first."""
    try:
        rows = _decode_minutes(body)
    except (*UNDECODABLE, msgspec.ValidationError) as error:
        raise Unreadable("bad_history", clean(str(error), 120)) from error
    bars = [_bar(row, units) for row in rows]
    return [RecordedBar(SOURCE, bar, now_ns) for bar in bars if bar.start_ns + MINUTE_NS <= now_ns]


def _bar(row: tuple[int, str, str, str, str, str], units: TextUnits) -> Bar:
    start_s, *prices, volume = row
    first, high, low, last = (units.price(price) for price in prices)
    size = units.size(volume)
    return Bar(
        symbol=units.instrument.symbol,
        interval_ns=MINUTE_NS,
        start_ns=start_s * NS_PER_S,
        open=first,
        high=high,
        low=low,
        close=last,
        volume=size,
        turnover=(high + low) // 2 * size,
        trades=0,
        closed=True,
    )
