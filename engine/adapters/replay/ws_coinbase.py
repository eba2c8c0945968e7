"""Coinbase's older feed as recorded: level 2 books without numbers, matches and tickers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct

from engine.adapters.coinbase import messages as m
from engine.adapters.coinbase import parse as p
from engine.adapters.replay import files
from engine.adapters.replay.captures import line_recording
from engine.adapters.replay.cryptofeed import CryptofeedDecoder, cryptofeed_span
from engine.adapters.replay.instruments import Instruments
from engine.adapters.replay.listing import Listing
from engine.adapters.replay.recording import Recording
from engine.adapters.texts import TextUnits, Unreadable, moment_ns
from engine.model.depth import DepthDelta, DepthSnapshot
from engine.model.undecodable import UNDECODABLE

VENUE = p.SOURCE


class _Message(m.Match, Struct):
    type: str = ""
    bids: list[list[str]] = []
    asks: list[list[str]] = []
    changes: list[tuple[str, str, str]] = []
    sequence: int = 0
    best_bid: str = ""
    best_ask: str = ""
    best_bid_size: str = ""
    best_ask_size: str = ""

    @property
    def event_ns(self) -> int:
        return moment_ns(self.time)


class _Products(Struct):
    product_id: str = ""
    product_ids: list[str] = []


_decode_message = msgspec.json.Decoder(_Message).decode
_decode_products = msgspec.json.Decoder(_Products).decode


class CoinbaseDecoder(CryptofeedDecoder):
    """Reads one capture of Coinbase."""

    source = VENUE

    def __init__(self, instruments: Instruments) -> None:
        super().__init__(instruments)
        self._kinds: dict[str, Callable[[_Message, int, list[object]], None]] = {
            "snapshot": self._snapshot,
            "l2update": self._update,
            "match": self._match,
            "last_match": self._match,
            "ticker": self._ticker,
        }

    def message(self, body: bytes, received: int, events: list[object]) -> None:
        """Append the events of one message."""
        message = _decode_message(body)
        handler = self._kinds.get(message.type)
        if handler is not None:
            if not message.product_id:
                raise Unreadable("bad_message", "expected a product_id")
            handler(message, received, events)

    def _units(
        self, message: _Message, prices: list[str], sizes: list[str], events: list[object]
    ) -> TextUnits:
        return self.listings.get(message.product_id, VENUE, prices, sizes, events)

    def _snapshot(self, message: _Message, received: int, events: list[object]) -> None:
        both = message.bids + message.asks
        if not all(len(level) >= 2 for level in both):
            raise Unreadable("bad_message", "a level without price or size")
        units = self._units(message, [level[0] for level in both], [level[1] for level in both], events)
        bids, asks = units.levels(message.bids), units.levels(message.asks)
        at = message.event_ns
        events.append(DepthSnapshot(units.instrument.symbol, VENUE, bids, asks, 0, at, received))

    def _update(self, message: _Message, received: int, events: list[object]) -> None:
        changes = message.changes
        units = self._units(message, [price for _, price, _ in changes], [s for _, _, s in changes], events)
        if any(side != "buy" and side != "sell" for side, _, _ in changes):
            raise Unreadable("bad_message", "expected buy or sell")
        bids = units.levels([change[1:] for change in changes if change[0] == "buy"])
        asks = units.levels([change[1:] for change in changes if change[0] == "sell"])
        at = message.event_ns
        events.append(DepthDelta(units.instrument.symbol, VENUE, bids, asks, 0, 0, 0, at, received))

    def _match(self, message: _Message, received: int, events: list[object]) -> None:
        units = self._units(message, [message.price], [message.size], events)
        events.append(p.trade_of(message, units, received))

    def _ticker(self, message: _Message, received: int, events: list[object]) -> None:
        units = self._units(message, [message.best_bid, message.best_ask], [], events)
        bid, ask = (message.best_bid, message.best_bid_size), (message.best_ask, message.best_ask_size)
        at, number = message.event_ns, message.sequence
        events.append(p.quote_of(units, bid, ask, at, received, number))


def open_coinbase(path: Path, head: list[bytes]) -> Recording:
    """Describe a capture by its first lines."""
    products: dict[str, None] = {}
    for line in head:
        body = line.partition(b": ")[2]
        try:
            found = _decode_products(body)
        except UNDECODABLE:
            continue
        products.update(dict.fromkeys([found.product_id, *found.product_ids]))
    listings = tuple(Listing(product, VENUE) for product in products if product)
    span = cryptofeed_span(head, files.last_line(path))
    return line_recording(path, "Coinbase capture", listings, span, CoinbaseDecoder)
