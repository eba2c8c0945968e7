"""Kraken's WebSocket v1: books with checksums, trades and spreads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Raw, Struct

from engine.adapters.replay import files
from engine.adapters.replay.captures import line_recording
from engine.adapters.replay.cryptofeed import CryptofeedDecoder, cryptofeed_span, seconds_ns
from engine.adapters.replay.listing import Listing
from engine.adapters.replay.recording import Recording
from engine.adapters.texts import TextUnits, Unreadable
from engine.model.depth import DepthDelta, DepthSnapshot, Level
from engine.model.market_status import Session, StatusChange
from engine.model.quote import Quote
from engine.model.text import clean
from engine.model.trade import Side, Trade
from engine.model.undecodable import UNDECODABLE

VENUE = "kraken"
Texts = list[str]


class _Event(Struct):
    event: str = ""
    status: str = ""
    pair: str = ""


class _Book(Struct, rename={"ask_snapshot": "as", "bid_snapshot": "bs", "checksum": "c"}):
    ask_snapshot: list[Texts] | None = None
    bid_snapshot: list[Texts] | None = None
    a: list[Texts] = []
    b: list[Texts] = []
    checksum: str = ""


_decode_parts = msgspec.json.Decoder(list[Raw]).decode
_decode_event = msgspec.json.Decoder(_Event).decode
_decode_book = msgspec.json.Decoder(_Book).decode
_decode_texts = msgspec.json.Decoder(Texts).decode
_decode_trades = msgspec.json.Decoder(list[Texts]).decode
_decode_text = msgspec.json.Decoder(str).decode
_SIDES = {"b": Side.BUY, "s": Side.SELL}


class KrakenDecoder(CryptofeedDecoder):
    """Reads one capture of Kraken."""

    source = VENUE
    padded = True

    def message(self, body: bytes, received: int, events: list[object]) -> None:
        """Append the events of one message."""
        if body.startswith(b"{"):
            self._event(_decode_event(body), received, events)
            return
        parts = _decode_parts(body)
        if len(parts) < 4:
            raise Unreadable("bad_message", f"expected four members or more, found {len(parts)}")
        channel, pair = _decode_text(parts[-2]), _decode_text(parts[-1])
        if channel.startswith("book"):
            self._book([_decode_book(part) for part in parts[1:-2]], pair, received, events)
        elif channel == "trade":
            self._trades(_decode_trades(parts[1]), pair, received, events)
        elif channel == "spread":
            self._spread(_decode_texts(parts[1]), pair, received, events)

    def _event(self, event: _Event, received: int, events: list[object]) -> None:
        """Turn the venue's own trouble into a halt of all that it trades."""
        if event.event != "systemStatus":
            return
        session = Session.OPEN if event.status == "online" else Session.HALTED
        reason = clean(f"Kraken is {event.status}", 60)
        events.extend(
            StatusChange(instrument.symbol, VENUE, session, reason, 0, received)
            for instrument in self.listings.known()
        )

    def _units(
        self, pair: str, prices: Sequence[str], sizes: Sequence[str], events: list[object]
    ) -> TextUnits:
        return self.listings.get(pair, VENUE, prices, sizes, events)

    def _book(self, books: list[_Book], pair: str, received: int, events: list[object]) -> None:
        first = books[0]
        if first.bid_snapshot is not None or first.ask_snapshot is not None:
            bids, asks = first.bid_snapshot or [], first.ask_snapshot or []
        else:
            bids = [level for book in books for level in book.b]
            asks = [level for book in books for level in book.a]
        if any(len(level) < 3 for level in bids + asks):
            raise Unreadable("bad_message", "expected price, size and time of each level")
        both = bids + asks
        units = self._units(pair, [level[0] for level in both], [level[1] for level in both], events)
        at = max((seconds_ns(level[2].encode()) for level in both), default=0)
        levels = units.levels(bids), units.levels(asks)
        symbol = units.instrument.symbol
        if first.bid_snapshot is not None or first.ask_snapshot is not None:
            events.append(DepthSnapshot(symbol, VENUE, *levels, 0, at, received))
        else:
            checksum = next((book.checksum for book in books if book.checksum), "")
            events.append(_delta(units, levels, at, received, checksum))

    def _trades(self, trades: list[Texts], pair: str, received: int, events: list[object]) -> None:
        for trade in trades:
            if len(trade) < 4:
                raise Unreadable("bad_message", "expected price, size, time and side of a trade")
            units = self._units(pair, trade[:1], trade[1:2], events)
            price, size = units.price(trade[0]), units.size(trade[1])
            at = seconds_ns(trade[2].encode())
            side = _SIDES.get(trade[3])
            events.append(Trade(units.instrument.symbol, VENUE, price, size, side, at, received))

    def _spread(self, spread: Texts, pair: str, received: int, events: list[object]) -> None:
        if len(spread) < 5:
            raise Unreadable("bad_message", "expected bid, ask, time and both sizes")
        bid, ask, time, bid_size, ask_size = spread[:5]
        units = self._units(pair, (bid, ask), (bid_size, ask_size), events)
        (best_bid, bids), (best_ask, asks) = units.touch(bid, bid_size), units.touch(ask, ask_size)
        at = seconds_ns(time.encode())
        events.append(Quote(units.instrument.symbol, VENUE, best_bid, best_ask, bids, asks, at, received))


def _delta(
    units: TextUnits,
    levels: tuple[tuple[Level, ...], tuple[Level, ...]],
    at: int,
    received: int,
    checksum: str,
) -> DepthDelta:
    if checksum and not (checksum.isascii() and checksum.isdigit() and len(checksum) < 11):
        raise Unreadable("bad_message", "expected a checksum of 32 bits")
    number = int(checksum) if checksum else None
    return DepthDelta(units.instrument.symbol, VENUE, *levels, 0, 0, 0, at, received, number)


def open_kraken(path: Path, head: list[bytes]) -> Recording:
    """Describe a capture by its first lines."""
    pairs: dict[str, None] = {}
    for line in head:
        body = line.partition(b": ")[2]
        try:
            if body.startswith(b"{"):
                pairs[_decode_event(body).pair] = None
            elif body.startswith(b"["):
                pairs[_decode_text(_decode_parts(body)[-1])] = None
        except (*UNDECODABLE, IndexError):
            continue
    listings = tuple(Listing(pair, VENUE) for pair in pairs if pair)
    span = cryptofeed_span(head, files.last_line(path))
    return line_recording(path, "Kraken capture", listings, span, KrakenDecoder)
