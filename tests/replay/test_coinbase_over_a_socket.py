"""The recorded capture of Coinbase's older feed, told over a real WebSocket in today's words as fast as it is taken."""

from __future__ import annotations

from engine.model.instrument import Symbol
from tests.coinbase_bench import Live, live
from tests.shared_data import shared
from tests.venues.coinbase.capture import tape_of
from tests.venues.coinbase.venue import CoinbaseVenue

CAPTURE = "data/crypto_ws_raw/coinbase_l2_ticker_matches_20210417.txt.gz"
COMPARED = 1000


def test_every_book_and_every_print_of_the_capture_comes_out_right() -> None:
    tape = tape_of(shared(CAPTURE))
    pairs = tape.pairs()
    symbols = tuple(Symbol(pair.symbol) for pair in pairs)
    prints = sum(each["type"] == "match" for each in tape.messages)
    changes = len(tape.messages) - prints
    with CoinbaseVenue(pairs) as venue:
        venue.do(lambda: tape.begin(venue.floor))

        async def scenario(desk: Live) -> None:
            await desk.agrees()
            await desk.do(lambda: tape.play(venue.floor))
            counters = desk.market.counters
            await desk.until(lambda: (counters.deltas, counters.trades) == (changes, prints))
            await desk.agrees()

        desk = live(venue, scenario, symbols=symbols, depth=COMPARED)
    assert len(symbols) == 10
    assert changes > 8000
    assert prints > 10
    assert (desk.source.connects, desk.source.unreadable) == (1, 0)
    assert dict(desk.market.counters.refused) == {}
    assert [book.resyncs for book in desk.market.books.values()] == [0] * len(symbols)
    late = "no history of "  # which is asked for all the while, and may wait behind a flood of frames
    assert [each for each in desk.alerts if not each.startswith(late)] == []
