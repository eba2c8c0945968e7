"""Kraken's messages as they come (WebSocket v2, public channels); what they mean is `parse`'s.

Numbers are JSON numbers whose digits count: they stay as they were written.
Source: Kraken API documentation, "WebSocket v2": book, trade, ticker, instrument, status, heartbeat, ping.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import msgspec
from msgspec import Raw, Struct, ValidationError

from engine.adapters.texts import Unreadable
from engine.model.text import clean
from engine.model.undecodable import UNDECODABLE

ONLINE = "online"


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
