"""Binance's combined streams as recorded: `receive_ns json`, spot and futures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct

from engine.adapters.replay import files
from engine.adapters.replay.captures import line_recording
from engine.adapters.replay.instruments import Instruments
from engine.adapters.replay.listing import Listing
from engine.adapters.replay.listing_rules import binance_venue
from engine.adapters.replay.listings import Listings
from engine.adapters.replay.recording import Recording
from engine.adapters.texts import UNDECODABLE, TextUnits, Unreadable
from engine.model.depth import DepthDelta, DepthSnapshot
from engine.model.quote import Quote
from engine.model.trade import Side, Trade

NS_PER_MS = 1_000_000
Pairs = list[tuple[str, str]]
_FIELDS = {
    "kind": "e", "symbol": "s", "event_ms": "E", "trade_ms": "T", "first_id": "U", "last_id": "u",
    "previous_id": "pu", "bid": "b", "ask": "a", "bid_size": "B", "ask_size": "A", "trade_id": "t",
    "price": "p", "size": "q", "buyer_is_maker": "m", "order_type": "X",
}  # fmt: skip


class _Data(Struct, rename=_FIELDS):
    kind: str = ""
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


class _Line(Struct, rename="camel"):
    data: _Data | None = None
    last_update_id: int = 0
    event_ms: int = msgspec.field(default=0, name="E")
    bids: Pairs = []
    asks: Pairs = []


_decode_line = msgspec.json.Decoder(_Line).decode
_decode_data = msgspec.json.Decoder(_Data).decode


class BinanceDecoder:
    """Reads one capture; a snapshot names no symbol and takes that of the lines around it."""

    def __init__(self, instruments: Instruments, symbols: tuple[str, ...], *, futures: bool) -> None:
        self._listings = Listings(instruments, padded=False)
        self._symbols = symbols
        self._futures = futures
        self._prints: set[str] = set()
        """Symbols with single trades, whose aggregates would count twice."""
        self.source = binance_venue(symbols[0] if symbols else "", futures=futures)
        self._kinds: dict[str, Callable[[_Data, int, list[object]], None]] = {
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
        data = message.data or _decode_data(body)
        handler = self._kinds.get(data.kind)
        if handler is not None:
            if not data.symbol:
                raise Unreadable("bad_message", "expected a symbol")
            handler(data, received, events)
        return received

    def _units(self, data: _Data, prices: list[str], sizes: list[str], events: list[object]) -> TextUnits:
        venue = binance_venue(data.symbol, futures=self._futures)
        return self._listings.get(data.symbol, venue, prices, sizes, events)

    def _quote(self, data: _Data, received: int, events: list[object]) -> None:
        bid, ask = data.bid, data.ask
        if not (isinstance(bid, str) and isinstance(ask, str) and bid):
            raise Unreadable("bad_message", "expected a best bid and ask")
        units = self._units(data, [bid, ask], [data.bid_size, data.ask_size], events)
        best_bid, bid_size = units.touch(bid, data.bid_size)
        best_ask, ask_size = units.touch(ask, data.ask_size)
        symbol, source = units.instrument.symbol, units.instrument.venue
        at = (data.event_ms or data.trade_ms) * NS_PER_MS
        events.append(
            Quote(symbol, source, best_bid, best_ask, bid_size, ask_size, at, received, data.last_id)
        )

    def _delta(self, data: _Data, received: int, events: list[object]) -> None:
        bids, asks = data.bid, data.ask
        if not (isinstance(bids, list) and isinstance(asks, list)):
            raise Unreadable("bad_message", "expected lists of levels")
        units = self._units(data, [p for p, _ in bids + asks], [s for _, s in bids + asks], events)
        events.append(
            DepthDelta(
                units.instrument.symbol,
                units.instrument.venue,
                units.levels(bids),
                units.levels(asks),
                data.first_id,
                data.last_id,
                data.previous_id,
                data.event_ms * NS_PER_MS,
                received,
            )
        )

    def _trade(self, data: _Data, received: int, events: list[object]) -> None:
        number = data.trade_id
        if data.kind == "trade":
            self._prints.add(data.symbol)
        elif data.symbol in self._prints:
            return
        else:
            number = data.ask if isinstance(data.ask, int) else 0
        units = self._units(data, [data.price], [data.size], events)
        side = Side.SELL if data.buyer_is_maker else Side.BUY
        events.append(
            Trade(
                units.instrument.symbol,
                units.instrument.venue,
                units.price(data.price),
                units.size(data.size),
                side,
                (data.trade_ms or data.event_ms) * NS_PER_MS,
                received,
                number,
                data.order_type[:32],
                data.order_type in {"", "MARKET"},
            )
        )

    def _snapshot(self, message: _Line, received: int, events: list[object]) -> None:
        if len(self._symbols) != 1:
            raise Unreadable("bad_message", f"a snapshot without symbol, among {len(self._symbols)} symbols")
        data = _Data(symbol=self._symbols[0])
        both = message.bids + message.asks
        units = self._units(data, [p for p, _ in both], [s for _, s in both], events)
        events.append(
            DepthSnapshot(
                units.instrument.symbol,
                units.instrument.venue,
                units.levels(message.bids),
                units.levels(message.asks),
                message.last_update_id,
                message.event_ms * NS_PER_MS,
                received,
            )
        )


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
            message.data = _decode_data(body)
    except UNDECODABLE:
        return None
    return message if message.last_update_id or (message.data and message.data.symbol) else None


def _span(head: list[bytes], last: bytes | None) -> tuple[int, int] | None:
    stamps = [line.partition(b" ")[0] for line in (*head[:1], *([last] if last else []))]
    if len(stamps) != 2 or not all(stamp.isdigit() for stamp in stamps):
        return None
    return int(stamps[0][:20]), int(stamps[1][:20])
