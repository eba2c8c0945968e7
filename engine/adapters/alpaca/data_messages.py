"""Alpaca's market data as it comes: every frame holds an array, and its numbers are numbers.

They stay as they are written until somebody wants them in units: the same few come again and again.
What is not known, or not used here, is passed over: one odd message must not hide the others of its frame.
Source: Alpaca's market data API, "Real-time stock data", "Real-time crypto data", "Historical bars".
"""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Raw, Struct

from engine.adapters.texts import Unreadable
from engine.model.text import clean
from engine.model.undecodable import UNDECODABLE

NOTHING: Final = Raw(b"0")


class Success(Struct, tag_field="T", tag="success"):
    """A step of the greeting."""

    msg: str = ""


class Failure(Struct, tag_field="T", tag="error"):
    """A refusal."""

    code: int = 0
    msg: str = ""


class Subscription(Struct, tag_field="T", tag="subscription"):
    """All that is subscribed now."""

    trades: list[str] = []
    quotes: list[str] = []
    statuses: list[str] = []
    orderbooks: list[str] = []


class QuoteText(Struct, gc=False, tag_field="T", tag="q", rename={"ask_size": "as", "symbol": "S"}):
    """A touch; a side without a price is empty."""

    symbol: str
    bp: Raw = NOTHING
    bs: Raw = NOTHING
    ap: Raw = NOTHING
    ask_size: Raw = NOTHING
    t: str = ""


class TradeText(Struct, tag_field="T", tag="t", rename={"symbol": "S"}):
    """A print."""

    symbol: str
    p: Raw
    s: Raw
    i: int = 0
    c: list[str] | None = None
    tks: str = ""
    """Who took, of crypto: B or S."""
    t: str = ""


class LevelText(Struct, gc=False):
    """What rests at a price now; a size of 0 is nothing."""

    p: Raw
    s: Raw


class BookText(Struct, tag_field="T", tag="o", rename={"symbol": "S"}):
    """A whole book of crypto, or changes to it."""

    symbol: str
    b: list[LevelText] = []
    a: list[LevelText] = []
    r: bool = False
    t: str = ""


class StatusText(Struct, tag_field="T", tag="s", rename={"symbol": "S"}):
    """A halt, or its end."""

    symbol: str
    sc: str = ""
    sm: str = ""
    rm: str = ""
    t: str = ""


class BarText(Struct):
    """One minute; its time is when it began."""

    t: str
    o: Raw
    h: Raw
    l: Raw  # noqa: E741  # the venue's word
    c: Raw
    v: Raw
    n: int = 0
    vw: Raw = NOTHING


class Bars(Struct):
    """Minutes by symbol."""

    bars: dict[str, list[BarText] | None] | None = None


Message = Success | Failure | Subscription | QuoteText | TradeText | BookText | StatusText

_decode_all = msgspec.json.Decoder(list[Message]).decode
_decode_parts = msgspec.json.Decoder(list[Raw]).decode
_decode_one = msgspec.json.Decoder(Message).decode
_decode_bars = msgspec.json.Decoder(Bars).decode


def text_of(number: Raw) -> str:
    """Return a number as it is written, fit to be shown."""
    return clean(bytes(number).decode(errors="replace"), 40)


class _Kind(Struct):
    T: str = ""


_KNOWN: Final = frozenset(("success", "error", "subscription", "q", "t", "o", "s"))
_decode_kind = msgspec.json.Decoder(_Kind).decode


def read_frame(frame: bytes) -> tuple[list[Message], list[Unreadable]]:
    """Return the messages of a frame that are known, and what of it can't be read.

    Raises:
        Unreadable: it is no array.
    """
    try:
        return _decode_all(frame), []
    except UNDECODABLE:
        return _one_by_one(frame)


def read_bars(body: bytes) -> Bars:
    """Return the minutes of an answer.

    Raises:
        Unreadable: it is none.
    """
    try:
        return _decode_bars(body)
    except UNDECODABLE as error:
        raise Unreadable("bad_message", clean(f"expected bars: {error}")) from error


def _one_by_one(frame: bytes) -> tuple[list[Message], list[Unreadable]]:
    try:
        parts = _decode_parts(frame)
    except UNDECODABLE as error:
        raise Unreadable("bad_json", clean(str(error))) from error
    found: list[Message] = []
    faults: list[Unreadable] = []
    for part in parts:
        try:
            if _decode_kind(part).T in _KNOWN:
                found.append(_decode_one(part))
        except UNDECODABLE as error:
            faults.append(Unreadable("bad_message", clean(str(error))))
    return found, faults
