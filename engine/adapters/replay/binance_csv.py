"""Binance's public dumps (data.binance.vision): aggTrades, trades, klines, bookTicker."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from engine.adapters.replay import files
from engine.adapters.replay.captures import line_recording
from engine.adapters.replay.instruments import Instruments
from engine.adapters.replay.listing import Listing
from engine.adapters.replay.listing_rules import binance_venue
from engine.adapters.replay.listings import Listings
from engine.adapters.replay.recording import Recording
from engine.adapters.texts import TextUnits, Unreadable
from engine.errors import FileDataError
from engine.model.bar import Bar, RecordedBar
from engine.model.quote import Quote
from engine.model.trade import Side, Trade

_MICROS_FROM = 10**14
"""Times from here on are in microseconds, as in spot files since 2025; below, in milliseconds."""
_TRUTH = {"true": True, "false": False}
_NAME = re.compile(r"^([A-Z0-9]+(?:_[A-Z0-9]+)?)-(?:[A-Za-z]+|\d+[smhdwMo]+)(?:-|$)")


class Shape(NamedTuple):
    """Where the columns of one kind of dump are."""

    kind: str
    width: int
    time: int
    prices: tuple[int, ...]
    sizes: tuple[int, ...]
    maker: int = -1
    futures: bool | None = None
    """What the shape says of the market; None for nothing."""


_TRADE, _AGGREGATE = "trades", "aggTrades"
SPOT_TRADES = Shape(_TRADE, 7, 4, (1,), (2,), 5, futures=False)
FUTURES_TRADES = Shape(_TRADE, 6, 4, (1,), (2,), 5, futures=True)
SPOT_AGGREGATES = Shape(_AGGREGATE, 8, 5, (1,), (2,), 6, futures=False)
FUTURES_AGGREGATES = Shape(_AGGREGATE, 7, 5, (1,), (2,), 6, futures=True)
KLINES = Shape("klines", 12, 0, (1, 2, 3, 4), (5,))
BOOK_TICKER = Shape("bookTicker", 7, 5, (1, 3), (2, 4), futures=True)
_HEADERS = {
    ("id", 7): SPOT_TRADES,
    ("id", 6): FUTURES_TRADES,
    ("agg_trade_id", 8): SPOT_AGGREGATES,
    ("agg_trade_id", 7): FUTURES_AGGREGATES,
    ("open_time", 12): KLINES,
    ("update_id", 7): BOOK_TICKER,
}


_HEADER_STARTS = tuple(f"{name},".encode() for name, _ in _HEADERS)


class BinanceCsvDecoder:
    """Reads the lines of one dump."""

    def __init__(self, instruments: Instruments, listing: Listing, shape: Shape) -> None:
        self._listings = Listings(instruments, padded=False)
        self._listing = listing
        self._shape = shape
        self.source = listing.venue
        self._row: Callable[[list[str], TextUnits, int, list[object]], int] = {
            _TRADE: self._trade,
            _AGGREGATE: self._trade,
            "klines": self._bar,
            "bookTicker": self._quote,
        }[shape.kind]

    def decode(self, line: bytes, events: list[object]) -> int:
        """Append a line's events and return when it was received."""
        if not line or line.startswith(_HEADER_STARTS):
            return 0
        fields = fields_of(line)
        shape = self._shape
        if len(fields) != shape.width:
            raise Unreadable("bad_line", f"expected {shape.width} columns, found {len(fields)}")
        prices = [fields[i] for i in shape.prices]
        sizes = [fields[i] for i in shape.sizes]
        units = self._listings.get(self._listing.symbol, self._listing.venue, prices, sizes, events)
        return self._row(fields, units, time_ns(fields[shape.time]), events)

    def _trade(self, fields: list[str], units: TextUnits, at: int, events: list[object]) -> int:
        maker = _TRUTH.get(fields[self._shape.maker].lower())
        if maker is None:
            raise Unreadable("bad_line", "expected true or false for the buyer being the maker")
        price, size = units.price(fields[1]), units.size(fields[2])
        side = Side.SELL if maker else Side.BUY
        symbol, number = units.instrument.symbol, whole(fields[0])
        events.append(Trade(symbol, self.source, price, size, side, at, at, number))
        return at

    def _quote(self, fields: list[str], units: TextUnits, at: int, events: list[object]) -> int:
        (bid, bid_size), (ask, ask_size) = units.touch(*fields[1:3]), units.touch(*fields[3:5])
        received = time_ns(fields[6])
        symbol, number = units.instrument.symbol, whole(fields[0])
        events.append(Quote(symbol, self.source, bid, ask, bid_size, ask_size, at, received, number))
        return received

    def _bar(self, fields: list[str], units: TextUnits, at: int, events: list[object]) -> int:
        open_, high, low, close = (units.price(text) for text in fields[1:5])
        volume = units.size(fields[5])
        end = time_ns(fields[6])
        end += 10**6 if len(fields[6]) < 15 else 10**3
        symbol = units.instrument.symbol
        turnover = (high + low + close) * volume // 3
        bar = Bar(
            symbol, end - at, at, open_, high, low, close, volume, turnover, whole(fields[8]), closed=True
        )
        events.append(RecordedBar(self.source, bar, end))
        return end


def fields_of(line: bytes) -> list[str]:
    """Split a line at its commas.

    Raises:
        Unreadable: it is not ASCII.
    """
    try:
        return line.decode("ascii").split(",")
    except UnicodeDecodeError:
        raise Unreadable("bad_line", "expected plain text") from None


def whole(text: str) -> int:
    """Return a whole number.

    Raises:
        Unreadable: it is none.
    """
    if not text.isdigit() or len(text) > 19:
        raise Unreadable("not_a_number", text[:40])
    return int(text)


def time_ns(text: str) -> int:
    """Return a time in ms or in µs, told apart by its size, in ns."""
    value = whole(text)
    return value * (1000 if value >= _MICROS_FROM else 1_000_000)


def shape_of(head: list[bytes]) -> Shape | None:
    """Recognise a dump by its header, or by the width and the kinds of values of its rows."""
    try:
        rows = [fields_of(line.rstrip(b"\r")) for line in head[:20]]
    except Unreadable:
        return None
    first = rows[0] if rows else []
    if first[0][:1].isalpha():
        return _HEADERS.get((first[0].lower(), len(first)))
    return next((shape for row in rows if (shape := _shape_of_row(row))), None)


def _shape_of_row(row: list[str]) -> Shape | None:
    if not row[0].isdigit():
        return None
    if len(row) == 12 and row[6].isdigit():
        return KLINES
    for shape in (SPOT_AGGREGATES, SPOT_TRADES, FUTURES_AGGREGATES, FUTURES_TRADES):
        if len(row) == shape.width and row[shape.maker].lower() in _TRUTH and row[shape.time].isdigit():
            return shape
    return BOOK_TICKER if len(row) == 7 and row[5].isdigit() and row[6].isdigit() else None


def open_binance_csv(path: Path, head: list[bytes], shape: Shape) -> Recording:
    """Describe a dump by its name, which holds the symbol, and its first lines.

    Raises:
        FileDataError: its name does not begin with a symbol.
    """
    named = _NAME.match(path.name)
    if named is None:
        raise FileDataError(
            str(path), f"expected a name like BTCUSDT-{shape.kind}-2024-08-08.csv, for its symbol"
        )
    listing = Listing(named[1], binance_venue(named[1], futures=_is_futures(path, head, shape)))

    def make(instruments: Instruments) -> BinanceCsvDecoder:
        return BinanceCsvDecoder(instruments, listing, shape)

    layout = f"Binance {shape.kind} (CSV)"
    return line_recording(path, layout, (listing,), _span(head, files.last_line(path), shape), make)


def _is_futures(path: Path, head: list[bytes], shape: Shape) -> bool:
    """Tell the market by the columns, else by the folder, else by the header that only futures have."""
    if shape.futures is not None:
        return shape.futures
    folders = set(path.parts)
    if "spot" in folders or folders & {"futures", "um", "cm"}:
        return "spot" not in folders
    return head[0][:1].isalpha()


def _span(head: list[bytes], last: bytes | None, shape: Shape) -> tuple[int, int] | None:
    times: list[int] = []
    column = 6 if shape in {KLINES, BOOK_TICKER} else shape.time
    for line in [*head[:20], *([last] if last else [])]:
        try:
            times.append(time_ns(fields_of(line.rstrip(b"\r"))[column]))
        except (Unreadable, IndexError):
            continue
    return (times[0], times[-1]) if times and last else None
