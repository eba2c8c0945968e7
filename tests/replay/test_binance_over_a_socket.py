"""The recorded captures of Binance, told over a real WebSocket: every best price that was recorded comes out."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.config import MarketSettings
from engine.market.book import OrderBook
from engine.market.market import Market
from engine.model.instrument import Symbol
from tests.binance_bench import Live, live
from tests.shared_data import shared
from tests.venues.binance.capture import Tape, depth_tape, raw_tape
from tests.venues.binance.stock import BTC, ETH, Pair
from tests.venues.binance.venue import BinanceVenue

RAW = "data/crypto_ws_raw/binance_spot_ethusdt_20240808.txt.gz"
DEPTH = "data/crypto_depth/binance-spot_{}_20240808-09_depth.parquet"
QUOTES = "data/crypto_ticks/binance-spot_{}_20240808-09_quotes.parquet"

Best = tuple[Decimal, Decimal]


class Comparison:
    """Holds the top of a book against what was recorded for the same change."""

    def __init__(self, recorded: dict[int, Best]) -> None:
        self.recorded = recorded
        self.compared: set[int] = set()
        self.first_id: int | None = None
        """The change that the book began with: what came while it was read is applied as one."""
        self.different: list[tuple[int, Best, Best]] = []

    def on_book(self, book: OrderBook) -> None:
        if book.synced and self.first_id is None:
            self.first_id = book.last_id
        best = self.recorded.get(book.last_id)
        if best is not None and book.synced:
            self.compared.add(book.last_id)
            price = book.instrument.price
            top = price(book.best_bid), price(book.best_ask)
            if top != best:
                self.different.append((book.last_id, top, best))


def told(tape: Tape) -> dict[int, Best]:
    """Return the best prices that the capture's own touches tell."""
    touches = (json.loads(event) for _, stream, event in tape.frames if stream.endswith("@bookTicker"))
    return {each["u"]: (Decimal(each["b"]), Decimal(each["a"])) for each in touches}


def quoted(path: Path) -> dict[int, Best]:
    """Return the best prices of a table of touches."""
    import pyarrow.parquet as pq  # noqa: PLC0415  # only this test reads Parquet

    rows = pq.read_table(path, columns=["update_id", "bid", "ask"]).to_pylist()
    return {row["update_id"]: (Decimal(f"{row['bid']:.8f}"), Decimal(f"{row['ask']:.8f}")) for row in rows}


def follow(pair: Pair, tape: Tape, recorded: dict[int, Best]) -> tuple[Live, Comparison]:
    comparison, market = Comparison(recorded), Market(MarketSettings(), SystemClock())
    market.listen(on_book=comparison.on_book)
    with BinanceVenue([pair]) as venue:
        venue.floor.tape = tape
        venue.floor.faults.status, venue.floor.faults.status_of = 404, "/api/v3/klines"
        events = [json.loads(event) for _, _, event in tape.frames]
        last_id = max(event["u"] for event in events if event.get("e") == "depthUpdate")

        async def scenario(desk: Live) -> None:
            symbol = Symbol(pair.symbol)
            await desk.until(lambda: symbol in market.books and market.books[symbol].last_id == last_id)

        return live(venue, scenario, symbols=(Symbol(pair.symbol),), market=market), comparison


def holds(tape: Tape, desk: Live, comparison: Comparison, least: int) -> None:
    """Check every book that has a recorded touch, from the one that the book began with."""
    (book,) = desk.market.books.values()
    assert comparison.first_id is not None
    ids = {
        json.loads(event)["u"]
        for _, stream, event in tape.frames[tape.held_at :]
        if stream.endswith("@depth")
    }
    wanted = {each for each in ids & comparison.recorded.keys() if each >= comparison.first_id}
    assert len(wanted) >= least
    assert comparison.different == []
    assert comparison.compared == wanted
    assert (book.synced, book.resyncs, book.dropped, book.crossed) == (True, 0, 0, False)
    assert (desk.source.connects, desk.source.unreadable) == (1, 0)
    assert desk.market.counters.refused["sequence"] == 0


def test_a_capture_of_frames_comes_out_right_as_fast_as_it_is_taken() -> None:
    tape = raw_tape(shared(RAW))
    desk, comparison = follow(ETH, tape, told(tape))
    assert len(tape.frames) > 30_000
    holds(tape, desk, comparison, 100)
    trades = [json.loads(event) for _, stream, event in tape.frames if stream.endswith("@trade")]
    assert desk.market.counters.trades == len(trades)


def test_a_capture_of_frames_comes_out_right_at_the_speed_it_was_recorded_at() -> None:
    tape = raw_tape(shared(RAW))
    first_ns = tape.frames[0][0]
    tape.frames = [frame for frame in tape.frames if frame[0] < first_ns + 10 * 10**9]
    tape.speed = 1.0
    holds(tape, *follow(ETH, tape, told(tape)), 4)


@pytest.mark.parametrize("pair", [BTC, ETH], ids=lambda pair: pair.symbol)
def test_a_capture_of_levels_comes_out_right_as_fast_as_it_is_taken(pair: Pair) -> None:
    tape = depth_tape(shared(DEPTH.format(pair.symbol)), pair.symbol)
    desk, comparison = follow(pair, tape, quoted(shared(QUOTES.format(pair.symbol))))
    holds(tape, desk, comparison, 500)
