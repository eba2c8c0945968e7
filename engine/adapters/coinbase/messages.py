"""Coinbase's messages as they come; what they mean is `parse`'s.

Prices and sizes are texts. A stream's frame is an envelope with a number, whose events are read by its channel.
Source: Coinbase's documentation, "Advanced Trade": WebSocket channels, public products and candles.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import msgspec
from msgspec import Raw, Struct

from engine.adapters.texts import Unreadable
from engine.model.text import clean
from engine.model.undecodable import UNDECODABLE

T = TypeVar("T")

BOOKS, TRADES, TICKER, STATUS = "l2_data", "market_trades", "ticker", "status"
HEARTBEATS, SUBSCRIPTIONS = "heartbeats", "subscriptions"
SNAPSHOT, UPDATE = "snapshot", "update"
ONLINE = "online"


class Envelope(Struct):
    """One frame; its events are not read yet."""

    channel: str = ""
    sequence_num: int | None = None
    """Counts the frames of one connection, whatever their channel."""
    timestamp: datetime | None = None
    events: Raw = Raw(b"[]")
    type: str = ""
    """Of what is no channel's: an error."""
    message: str = ""


class Level(Struct):
    """What rests at a price now; a quantity of 0 is nothing."""

    side: str
    price_level: str
    new_quantity: str


class BookEvent(Struct):
    """A whole book, or changes to it, whose levels are not read yet."""

    type: str
    product_id: str
    updates: Raw


class Match(Struct):
    """One print; the older feed has it in the same words."""

    product_id: str = ""
    price: str = ""
    size: str = ""
    side: str = ""
    """Of the order that rested."""
    trade_id: int | str = 0
    time: datetime | None = None


class TradeEvent(Struct):
    """Prints, newest first in the one that comes with a subscription."""

    trades: list[Match]


class Ticker(Struct):
    """The touch at a print; what else is in it, the tape tells."""

    product_id: str
    best_bid: str = ""
    best_bid_quantity: str = ""
    best_ask: str = ""
    best_ask_quantity: str = ""


class TickerEvent(Struct):
    """Touches."""

    tickers: list[Ticker]


class ProductStatus(Struct):
    """How a product is."""

    id: str
    status: str = ""


class StatusEvent(Struct):
    """How products are."""

    products: list[ProductStatus] = []


class Subscribed(Struct):
    """The products of each channel that this connection has now."""

    subscriptions: dict[str, list[str]] = {}


class Product(Struct):
    """What can be traded, and its rules."""

    product_id: str
    base_increment: str
    quote_increment: str
    price_increment: str = ""
    base_currency_id: str = ""
    quote_currency_id: str = ""
    base_name: str = ""
    base_min_size: str = ""
    base_max_size: str = ""
    quote_min_size: str = ""
    status: str = ""
    alias: str = ""
    """The product whose book this one shares, and under whose name the stream tells it."""
    trading_disabled: bool = False
    is_disabled: bool = False
    cancel_only: bool = False
    post_only: bool = False
    auction_mode: bool = False


class Products(Struct):
    """Products, not read yet: one that is odd must not hide the others."""

    products: list[Raw] = []


class Named(Struct):
    """Which product it is, and whose market it shares."""

    product_id: str = ""
    alias: str = ""


class Time(Struct):
    """What time it is there."""

    epoch_millis: str = msgspec.field(name="epochMillis", default="")


class Permissions(Struct):
    """What a key may do."""

    can_view: bool = False
    can_trade: bool = False
    can_transfer: bool = False


class Fault(Struct):
    """Why a read was refused."""

    message: str = ""


class Candle(Struct):
    """One minute, from its start in seconds."""

    start: str
    low: str
    high: str
    open: str
    close: str
    volume: str


class Candles(Struct):
    """Minutes, newest first."""

    candles: list[Candle] = []


def _reader(decode: Callable[[bytes | Raw], T], reason: str) -> Callable[[bytes | Raw], T]:
    def read(body: bytes | Raw) -> T:
        try:
            return decode(body)
        except UNDECODABLE as error:
            raise Unreadable(reason, clean(str(error), 120)) from error

    return read


read_envelope = _reader(msgspec.json.Decoder(Envelope).decode, "bad_json")
"""Each of these reads one kind of text, and raises Unreadable for any other."""
read_books = _reader(msgspec.json.Decoder(list[BookEvent]).decode, "bad_message")
read_levels = _reader(msgspec.json.Decoder(list[Level]).decode, "bad_message")
read_trades = _reader(msgspec.json.Decoder(list[TradeEvent]).decode, "bad_message")
read_tickers = _reader(msgspec.json.Decoder(list[TickerEvent]).decode, "bad_message")
read_statuses = _reader(msgspec.json.Decoder(list[StatusEvent]).decode, "bad_message")
read_subscribed = _reader(msgspec.json.Decoder(list[Subscribed]).decode, "bad_message")
read_products = _reader(msgspec.json.Decoder(Products).decode, "bad_answer")
read_product = _reader(msgspec.json.Decoder(Product).decode, "bad_instrument")
read_time = _reader(msgspec.json.Decoder(Time).decode, "bad_answer")
read_permissions = _reader(msgspec.json.Decoder(Permissions).decode, "bad_answer")
read_fault = _reader(msgspec.json.Decoder(Fault).decode, "bad_answer")
read_candles = _reader(msgspec.json.Decoder(Candles).decode, "bad_answer")
_decode_named = msgspec.json.Decoder(Named).decode


def named(product: Raw) -> Named:
    """Return the names of a product that is not read yet, none for one without."""
    try:
        return _decode_named(product)
    except UNDECODABLE:
        return Named()
