"""Binance's messages as they come; what they mean is `parse`'s.

Keys differ by case alone. Every number with decimals is text. Source: Binance spot API documentation, "WebSocket
Streams" and "REST API"; the futures' streams add `pu` and times.
"""

from __future__ import annotations

import msgspec
from msgspec import Raw, Struct

from engine.adapters.texts import Unreadable
from engine.model.text import clean
from engine.model.undecodable import UNDECODABLE

Pairs = list[tuple[str, str]]
TIME_MS_MAX = 9_000_000_000_000
"""Times beyond this are not believed: they fit no 64 bits of nanoseconds."""
ID_MAX = (1 << 63) - 1
_FIELDS = {
    "kind": "e", "symbol": "s", "event_ms": "E", "trade_ms": "T", "first_id": "U", "last_id": "u",
    "previous_id": "pu", "bid": "b", "ask": "a", "bid_size": "B", "ask_size": "A", "trade_id": "t",
    "price": "p", "size": "q", "buyer_is_maker": "m", "order_type": "X",
}  # fmt: skip


class Event(Struct, rename=_FIELDS):
    """What a stream says: a touch, a print or changes to a book."""

    kind: str = ""
    """Nothing for a touch of the spot market."""
    symbol: str = ""
    event_ms: int = 0
    trade_ms: int = 0
    first_id: int = 0
    last_id: int = 0
    previous_id: int = 0
    bid: str | int | Pairs = ""
    """A price, an order's id or levels, by kind."""
    ask: str | int | Pairs = ""
    bid_size: str = ""
    ask_size: str = ""
    trade_id: int = 0
    price: str = ""
    size: str = ""
    buyer_is_maker: bool = False
    order_type: str = ""


class Book(Struct, rename="camel"):
    """A whole book; it names no symbol."""

    last_update_id: int = 0
    event_ms: int = msgspec.field(default=0, name="E")
    bids: Pairs = []
    asks: Pairs = []


class Fault(Struct):
    """What was wrong with a request."""

    code: int = 0
    msg: str = ""


class Frame(Struct):
    """One message of a combined stream, or the answer to a request."""

    stream: str = ""
    data: Event | None = None
    id: int | None = None
    error: Fault | None = None
    code: int = 0
    msg: str = ""
    kind: str = msgspec.field(default="", name="e")


class Limit(Struct, rename="camel"):
    """How much the venue may be asked."""

    rate_limit_type: str = ""
    interval: str = ""
    interval_num: int = 0
    limit: int = 0


class Info(Struct, rename="camel"):
    """What can be traded; its pairs are not read yet: one that is odd must not hide the others."""

    server_time: int = 0
    rate_limits: list[Limit] = []
    symbols: list[Raw] = []


class Pair(Struct, rename="camel"):
    """What can be traded, and its rules."""

    symbol: str
    status: str
    base_asset: str
    quote_asset: str
    base_asset_precision: int = 8
    quote_precision: int = 8
    filters: list[Raw] = []


class Rule(Struct, rename="camel"):
    """What is read of the rules that are known."""

    filter_type: str
    tick_size: str = ""
    max_price: str = ""
    step_size: str = ""
    min_qty: str = ""
    max_qty: str = ""
    min_notional: str = ""


class Minute(Struct, array_like=True):
    """A bar; times in milliseconds."""

    open_ms: int
    open: str
    high: str
    low: str
    close: str
    volume: str
    close_ms: int
    quote_volume: str
    trades: int


class Print(Struct, rename="camel"):
    """A print as it is read over HTTP."""

    id: int
    price: str
    qty: str
    time: int
    is_buyer_maker: bool


class _Named(Struct):
    symbol: str = ""


class _Kind(Struct, rename="camel"):
    filter_type: str = ""


decode_event = msgspec.json.Decoder(Event).decode
decode_book = msgspec.json.Decoder(Book).decode
decode_info = msgspec.json.Decoder(Info).decode
decode_minutes = msgspec.json.Decoder(list[Minute]).decode
decode_prints = msgspec.json.Decoder(list[Print]).decode
decode_names = msgspec.json.Decoder(list[_Named]).decode
_decode_frame = msgspec.json.Decoder(Frame).decode
_decode_pair = msgspec.json.Decoder(Pair).decode
_decode_named = msgspec.json.Decoder(_Named).decode
_decode_kind = msgspec.json.Decoder(_Kind).decode
_decode_rule = msgspec.json.Decoder(Rule).decode
_decode_fault = msgspec.json.Decoder(Fault).decode

_RULES = frozenset(("PRICE_FILTER", "LOT_SIZE", "MIN_NOTIONAL", "NOTIONAL"))


def decode(frame: bytes) -> Frame:
    """Read one message.

    Raises:
        Unreadable: it is none that is known.
    """
    try:
        message = _decode_frame(frame)
    except UNDECODABLE as error:
        reason = "bad_message" if isinstance(error, msgspec.ValidationError) else "bad_json"
        raise Unreadable(reason, clean(str(error))) from error
    if message.data is None and message.id is None and not message.kind and message.error is None:
        raise Unreadable("bad_message", "expected a stream's data or an answer")
    if message.data is not None:
        _check(message.data)
    return message


def _check(event: Event) -> None:
    """Refuse times and ids that are none."""
    times, ids = (event.event_ms, event.trade_ms), (event.first_id, event.last_id, event.trade_id)
    if min(*times, *ids) < 0 or max(times) > TIME_MS_MAX or max(ids) > ID_MAX:
        raise Unreadable("bad_message", "expected times and ids of a sensible size")


def event_of(made: Print) -> Event:
    """Return a print that was read over HTTP as the stream would have told it.

    Raises:
        Unreadable: its time or its id is none.
    """
    event = Event(
        kind="trade",
        trade_ms=made.time,
        trade_id=made.id,
        price=made.price,
        size=made.qty,
        buyer_is_maker=made.is_buyer_maker,
    )
    _check(event)
    return event


def named(pair: Raw) -> str:
    """Return the symbol of a pair that is not read yet, nothing for one without."""
    try:
        return _decode_named(pair).symbol
    except UNDECODABLE:
        return ""


def read_pair(pair: Raw) -> tuple[Pair, dict[str, Rule]]:
    """Read a pair and those of its rules that are known.

    Raises:
        Unreadable: it is none.
    """
    try:
        read = _decode_pair(pair)
        rules = [_decode_rule(each) for each in read.filters if _decode_kind(each).filter_type in _RULES]
    except UNDECODABLE as error:
        raise Unreadable("bad_instrument", clean(str(error))) from error
    return read, {rule.filter_type: rule for rule in rules}


def read_fault(body: bytes) -> Fault:
    """Read what a refused request was told, nothing where it was told nothing."""
    try:
        return _decode_fault(body)
    except UNDECODABLE:
        return Fault()
