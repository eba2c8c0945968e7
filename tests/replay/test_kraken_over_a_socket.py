"""The recorded capture of Kraken, told over a real WebSocket as fast as it is taken."""

from __future__ import annotations

import json
from decimal import Decimal

from engine.model.instrument import Symbol
from engine.model.trade import Side
from tests.kraken_bench import Live, live
from tests.shared_data import shared
from tests.venues.kraken import capture
from tests.venues.kraken.books import Book
from tests.venues.kraken.venue import KrakenVenue

CAPTURE = "data/crypto_ws_raw/kraken_book1000_crc32_20210417.txt.gz"
COMPARED = 100


def told_again(tape: list[tuple[str, str]], books: dict[str, Book]) -> dict[str, int]:
    """Apply a recording to books of texts; return the last checksum of each."""
    proofs: dict[str, int] = {}
    for symbol, text in tape:
        part = json.loads(text, parse_float=str, parse_int=str)["data"][0]
        book = books[symbol]
        for side, levels in ((book.bids, part["bids"]), (book.asks, part["asks"])):
            side.change((level["price"], level["qty"]) for level in levels)
            for price, _ in side.ranked()[capture.DEPTH :]:
                del side.levels[price]
        proofs[symbol] = int(part["checksum"])
    return proofs


def test_every_book_of_the_capture_comes_out_right_with_all_its_checksums() -> None:
    path = shared(CAPTURE)
    pairs, tape = capture.pairs(path), list(capture.messages(path))
    symbols = tuple(Symbol(pair.symbol) for pair in pairs)
    with KrakenVenue(pairs) as venue:
        venue.floor.tape = tape
        venue.floor.faults.rest_status = 404

        async def scenario(desk: Live) -> None:
            await desk.until(
                lambda: desk.market.counters.deltas + desk.market.counters.snapshots == len(tape)
            )

        desk = live(venue, scenario, symbols=symbols, depth=capture.DEPTH)
        proofs = told_again(tape, venue.floor.books)
        there = venue.floor.books
    assert len(symbols) == 10
    assert len(tape) > 4000
    assert desk.source.connects == 1
    assert dict(desk.market.counters.refused) == {}
    for symbol in symbols:
        book = desk.market.books[symbol]
        assert (book.synced, book.resyncs, book.dropped) == (True, 0, 0)
        assert book.checksum() == proofs[symbol]
        for side, texts in ((Side.BUY, there[symbol].bids), (Side.SELL, there[symbol].asks)):
            shown = [
                (book.instrument.price(price), book.instrument.size(size))
                for price, size in book.levels(side, COMPARED)
            ]
            assert shown == [(Decimal(price), Decimal(size)) for price, size in texts.ranked()[:COMPARED]]
