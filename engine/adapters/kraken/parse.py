"""Kraken's messages (WebSocket v2, public channels) and what they mean; nothing here has a state.

Numbers are JSON numbers whose digits count: they are kept as text and become whole units, never floats.
Source: Kraken API documentation, "WebSocket v2": book, trade, ticker, instrument, status, heartbeat, ping.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import msgspec
from msgspec import Raw, Struct, ValidationError

from engine.adapters.texts import UNDECODABLE, TextUnits, Unreadable, moment_ns
from engine.errors import InvalidValue
from engine.model.depth import DepthDelta, DepthSnapshot, Level
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.model.market_status import Session, StatusChange
from engine.model.quote import Quote
from engine.model.text import clean
from engine.model.trade import Side, Trade

SOURCE = "kraken"
ONLINE = "online"
DECIMALS_MAX = 12
_CHECKSUM_END = 1 << 32
_SIDES = {"buy": Side.BUY, "sell": Side.SELL}
"""A trade names the side that took."""


class BookLevel(Struct):
    """What rests at a price now; a quantity of 0 is nothing."""

    price: Raw
    qty: Raw


class BookPart(Struct):
    """A whole book, or changes to it."""

    symbol: str
    bids: list[BookLevel] = []
    asks: list[BookLevel] = []
    checksum: int | None = None
    timestamp: datetime | None = None


class TradePart(Struct):
    """One print."""

    symbol: str
    side: str
    price: Raw
    qty: Raw
    trade_id: int = 0
    timestamp: datetime | None = None


class TickerPart(Struct):
    """The touch; what else is in it, the tape tells."""

    symbol: str
    bid: Raw
    bid_qty: Raw
    ask: Raw
    ask_qty: Raw
    timestamp: datetime | None = None


class Pair(Struct):
    """What can be traded, and its rules."""

    symbol: str
    base: str
    quote: str
    qty_precision: int
    price_precision: int
    qty_increment: Decimal
    price_increment: Decimal
    status: str = ONLINE
    qty_min: Decimal = Decimal(0)
    cost_min: Decimal | None = None


class Pairs(Struct):
    """All pairs, not read yet: one that is odd must not hide the others."""

    pairs: list[Raw] = []


class System(Struct):
    """How the venue is."""

    system: str = ""


class BookMessage(Struct, tag_field="channel", tag="book"):
    """Books."""

    type: str
    data: list[BookPart]


class TradeMessage(Struct, tag_field="channel", tag="trade"):
    """Prints."""

    type: str
    data: list[TradePart]


class TickerMessage(Struct, tag_field="channel", tag="ticker"):
    """Touches."""

    type: str
    data: list[TickerPart]


class InstrumentMessage(Struct, tag_field="channel", tag="instrument"):
    """Pairs."""

    type: str
    data: Pairs


class StatusMessage(Struct, tag_field="channel", tag="status"):
    """The venue's own state; comes first on every connection."""

    data: list[System]


class Heartbeat(Struct, tag_field="channel", tag="heartbeat"):
    """There is nothing else to say."""


class Subscribed(Struct, frozen=True):
    """What an answer is about."""

    channel: str = ""
    symbol: str = ""


class Answer(Struct):
    """The answer to a request."""

    method: str = ""
    success: bool = True
    error: str = ""
    req_id: int = 0
    symbol: str = ""
    result: Subscribed = Subscribed()
    time_in: datetime | None = None
    time_out: datetime | None = None


Message = BookMessage | TradeMessage | TickerMessage | InstrumentMessage | StatusMessage | Heartbeat | Answer

_decode_channel: Callable[[bytes], Message] = msgspec.json.Decoder(
    BookMessage | TradeMessage | TickerMessage | InstrumentMessage | StatusMessage | Heartbeat
).decode
_decode_answer = msgspec.json.Decoder(Answer).decode
_decode_pair = msgspec.json.Decoder(Pair).decode
_decode_named = msgspec.json.Decoder(Subscribed).decode


def decode(frame: bytes) -> Message:
    """Read one message.

    Raises:
        Unreadable: it is none that is known.
    """
    try:
        return _decode_channel(frame)
    except ValidationError as error:
        return _answer(frame, error)
    except UNDECODABLE as error:
        raise Unreadable("bad_json", clean(str(error))) from error


def _answer(frame: bytes, error: ValidationError) -> Answer:
    try:
        answer = _decode_answer(frame)
    except UNDECODABLE as other:
        raise Unreadable("bad_message", clean(str(other))) from other
    if not (answer.method or answer.error):
        raise Unreadable("bad_message", clean(str(error)))
    return answer


def named(pair: Raw) -> str:
    """Return the symbol of a pair that is not read yet, nothing for one without."""
    try:
        return _decode_named(pair).symbol
    except UNDECODABLE:
        return ""


def read_pair(pair: Raw) -> Pair:
    """Read a pair.

    Raises:
        Unreadable: it is none.
    """
    try:
        return _decode_pair(pair)
    except UNDECODABLE as error:
        raise Unreadable("bad_instrument", clean(str(error))) from error


def instrument_of(pair: Pair) -> Instrument:
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


def snapshot_of(part: BookPart, units: TextUnits, depth: int, received_ns: int) -> DepthSnapshot:
    """Return a whole book.

    Raises:
        Unreadable: a number or the checksum is none.
    """
    symbol, at_ns = units.instrument.symbol, moment_ns(part.timestamp)
    return DepthSnapshot(
        symbol, SOURCE, *_levels(part, units), 0, at_ns, received_ns, _checksum(part.checksum), depth
    )


def delta_of(part: BookPart, units: TextUnits, received_ns: int) -> DepthDelta:
    """Return changes to a book.

    Raises:
        Unreadable: a number or the checksum is none.
    """
    symbol, at_ns = units.instrument.symbol, moment_ns(part.timestamp)
    return DepthDelta(
        symbol, SOURCE, *_levels(part, units), 0, 0, 0, at_ns, received_ns, _checksum(part.checksum)
    )


def trade_of(part: TradePart, units: TextUnits, received_ns: int) -> Trade:
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


def quote_of(part: TickerPart, units: TextUnits, received_ns: int) -> Quote:
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
    odd = next((each for each in (system, pair) if each != ONLINE), "")
    session = Session.HALTED if odd else Session.OPEN
    reason = clean(f"Kraken is {odd}", 60) if odd else ""
    return StatusChange(symbol, SOURCE, session, reason, 0, received_ns)


def _levels(part: BookPart, units: TextUnits) -> tuple[tuple[Level, ...], tuple[Level, ...]]:
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
