"""Binance's combined streams as recorded: `receive_ns json`, spot and futures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from engine.adapters.binance import messages as m
from engine.adapters.binance import parse as p
from engine.adapters.replay import files
from engine.adapters.replay.captures import line_recording
from engine.adapters.replay.instruments import Instruments
from engine.adapters.replay.listing import Listing
from engine.adapters.replay.listing_rules import binance_venue
from engine.adapters.replay.listings import Listings
from engine.adapters.replay.recording import Recording
from engine.adapters.texts import TextUnits, Unreadable
from engine.model.undecodable import UNDECODABLE


class _Line(m.Book):
    data: m.Event | None = None


_decode_line = msgspec.json.Decoder(_Line).decode


class BinanceDecoder:
    """Reads one capture; a snapshot names no symbol and takes that of the lines around it."""

    def __init__(self, instruments: Instruments, symbols: tuple[str, ...], *, futures: bool) -> None:
        self._listings = Listings(instruments, padded=False)
        self._symbols = symbols
        self._futures = futures
        self._prints: set[str] = set()
        """Symbols with single trades, whose aggregates would count twice."""
        self.source = binance_venue(symbols[0] if symbols else "", futures=futures)
        self._kinds: dict[str, Callable[[m.Event, int, list[object]], None]] = {
            "": self._quote,
            "bookTicker": self._quote,
            "depthUpdate": self._delta,
            "trade": self._trade,
            "aggTrade": self._trade,
        }

    def decode(self, line: bytes, events: list[object]) -> int:
        """Append a line's events and return when it was received."""
        stamp, _, body = line.partition(b" ")
        if not stamp.isdigit() or not body:
            if not line.strip():
                return 0
            raise Unreadable("bad_line", "expected a time and JSON")
        received = int(stamp[:20])
        message = _decode_line(body)
        if message.last_update_id:
            self._snapshot(message, received, events)
            return received
        data = message.data or m.decode_event(body)
        handler = self._kinds.get(data.kind)
        if handler is not None:
            if not data.symbol:
                raise Unreadable("bad_message", "expected a symbol")
            handler(data, received, events)
        return received

    def _units(self, data: m.Event, prices: list[str], sizes: list[str], events: list[object]) -> TextUnits:
        venue = binance_venue(data.symbol, futures=self._futures)
        return self._listings.get(data.symbol, venue, prices, sizes, events)

    def _quote(self, data: m.Event, received: int, events: list[object]) -> None:
        bid, ask = p.touch_texts(data)
        units = self._units(data, [bid, ask], [data.bid_size, data.ask_size], events)
        events.append(p.quote_of(data, units, received))

    def _delta(self, data: m.Event, received: int, events: list[object]) -> None:
        bids, asks = p.changes(data)
        units = self._units(
            data, [price for price, _ in bids + asks], [size for _, size in bids + asks], events
        )
        events.append(p.delta_of(data, units, received))

    def _trade(self, data: m.Event, received: int, events: list[object]) -> None:
        number = data.trade_id
        if data.kind == "trade":
            self._prints.add(data.symbol)
        elif data.symbol in self._prints:
            return
        else:
            number = data.ask if isinstance(data.ask, int) else 0
        units = self._units(data, [data.price], [data.size], events)
        events.append(p.trade_of(data, units, number, received))

    def _snapshot(self, message: _Line, received: int, events: list[object]) -> None:
        if len(self._symbols) != 1:
            raise Unreadable("bad_message", f"a snapshot without symbol, among {len(self._symbols)} symbols")
        data = m.Event(symbol=self._symbols[0])
        both = message.bids + message.asks
        units = self._units(data, [price for price, _ in both], [size for _, size in both], events)
        events.append(p.snapshot_of(message, units, received))


def is_binance(head: list[bytes]) -> bool:
    """Tell whether these lines are times in ns with Binance's JSON."""
    return any(_parsed(line) is not None for line in head[:50])


def open_binance(path: Path, head: list[bytes]) -> Recording:
    """Describe a capture by its first lines."""
    found: dict[str, None] = {}
    futures = False
    for line in head:
        message = _parsed(line)
        if message is None:
            continue
        futures = futures or bool(message.data and message.data.previous_id) or message.event_ms > 0
        if message.data and message.data.symbol:
            found[message.data.symbol] = None
    symbols = tuple(found)
    listings = tuple(Listing(symbol, binance_venue(symbol, futures=futures)) for symbol in symbols)

    def make(instruments: Instruments) -> BinanceDecoder:
        return BinanceDecoder(instruments, symbols, futures=futures)

    return line_recording(path, "Binance capture", listings, _span(head, files.last_line(path)), make)


def _parsed(line: bytes) -> _Line | None:
    stamp, _, body = line.partition(b" ")
    if not stamp.isdigit():
        return None
    try:
        message = _decode_line(body)
        if message.data is None and not message.last_update_id:
            message.data = m.decode_event(body)
    except UNDECODABLE:
        return None
    return message if message.last_update_id or (message.data and message.data.symbol) else None


def _span(head: list[bytes], last: bytes | None) -> tuple[int, int] | None:
    stamps = [line.partition(b" ")[0] for line in (*head[:1], *([last] if last else []))]
    if len(stamps) != 2 or not all(stamp.isdigit() for stamp in stamps):
        return None
    return int(stamps[0][:20]), int(stamps[1][:20])
