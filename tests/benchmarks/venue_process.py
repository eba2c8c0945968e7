"""A local venue in a process of its own; it tells as many events as it is asked for, as fast as they are read.

`python -m tests.benchmarks.venue_process alpaca` prints its addresses as JSON. A GET of `burst_url` with a kind and a
count answers with the number of the last event once all are made; then they are written many at a time, so that the
client is what is measured. No limit is in the way.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from random import Random
from typing import Any

from tests.benchmarks.feed_server import BINARY, TEXT, framed, send
from tests.venues.alpaca.limits import RateLimit
from tests.venues.alpaca.venue import AlpacaVenue
from tests.venues.binance.stock import BTC, MIDS, ladder
from tests.venues.binance.venue import BinanceVenue
from tests.venues.http_door import Answer, HttpDoor, Request

NO_LIMIT = 10_000_000
LEVELS = 40
SHARES = ("AAPL", "MSFT", "SPY", "HARD")
_STEP_NS = 200
"""Faster than anyone reads, as in a burst."""
Session = Any
"""Of either venue: a connection, and frames that wait for it."""
Make = Callable[[int, int], int]
"""Puts so many events, so many a frame, into the sessions that want them; returns the number of the last."""


async def alpaca() -> None:
    """Serve Alpaca's protocols until killed."""
    venue = AlpacaVenue()
    floor = venue.floor
    floor.trading_limit = floor.data_limit = RateLimit(NO_LIMIT)
    floor.connections_max = 0

    def quotes(count: int, a_frame: int) -> int:
        rng, first_ns, assets = Random(1), floor.now_ns(), [floor.listing.assets[each] for each in SHARES]
        told = []
        for number in range(count):
            asset = assets[number % len(assets)]
            bid = float(asset.mid) + rng.randrange(-50, 50) / 100
            sizes = {"bs": rng.randint(1, 40), "as": rng.randint(1, 40)}
            prices = {"bp": round(bid, 2), "ap": round(bid + rng.choice((0.01, 0.02)), 2)}
            terms = {"bx": "V", "ax": "V", "c": ["R"], "z": asset.tape}
            told.append(
                {"T": "q", "S": asset.symbol, **prices, **sizes, **terms, "t": first_ns + number * _STEP_NS}
            )
        for start in range(0, count, a_frame):
            for session in floor.data_sessions:
                session.tell(*told[start : start + a_frame])
        return count

    floor.quote("BTC/USD", "60999", "61001", "5", "5")
    names = ("trading_url", "data_url", "stream_url", "trades_url")
    await _serve(
        venue, names, {"quotes": quotes}, lambda: [(each, each._waiting) for each in floor.data_sessions]
    )


async def binance() -> None:
    """Serve Binance's protocols until killed."""
    venue = BinanceVenue([BTC])
    floor, book = venue.floor, venue.floor.books[BTC.symbol]
    venue.rest.weight_max = NO_LIMIT
    venue.rest.account.counts.most = {10: NO_LIMIT, 86_400: NO_LIMIT}
    floor.exchange.purse.free = {"USDT": Decimal(100_000), "BTC": Decimal(0)}
    floor.change(BTC.symbol, *ladder(BTC, MIDS[BTC.symbol], LEVELS))

    def told(stream: str, make: Callable[[list[Any], list[Any]], dict[str, Any]], deepest: int) -> Make:
        def events(count: int, _: int) -> int:
            rng = Random(1)
            bids, asks = book.tops(deepest)
            for _ in range(count):
                sides = [[(rng.choice(side)[0], f"{rng.randint(1, 900) / 100:.5f}")] for side in (bids, asks)]
                floor.tell(stream, make(*sides))
            return book.last_id

        return events

    def delta(bids: list[Any], asks: list[Any]) -> dict[str, Any]:
        return book.delta(book.change(bids, asks), bids, asks, floor.now_ms())

    def best(bids: list[Any], asks: list[Any]) -> dict[str, Any]:
        book.change(bids, asks)
        return book.best()

    kinds = {"book": told("btcusdt@depth", delta, LEVELS), "touch": told("btcusdt@bookTicker", best, 1)}
    names = ("stream_url", "api_url", "orders_url", "user_url")
    await _serve(venue, names, kinds, lambda: [(each, each.outbox) for each in floor.sessions])


async def _serve(
    venue: AlpacaVenue | BinanceVenue,
    names: Iterable[str],
    kinds: Mapping[str, Make],
    sessions: Callable[[], list[tuple[Session, asyncio.Queue[str | bytes]]]],
) -> None:
    """Open a venue on this loop, with a door for bursts, and print where it is."""
    writing: set[asyncio.Task[None]] = set()

    async def answer(request: Request) -> Answer:
        asked = request.query
        last = kinds[asked["kind"]](int(asked["count"]), int(asked.get("a_frame", "1")))
        for session, waiting in sessions():  # before the loop lets the session write them one by one
            frames = [_frame(waiting.get_nowait()) for _ in range(waiting.qsize())]
            writing.add(asyncio.create_task(send(session.connection, frames)))
        return Answer(200, json.dumps({"last": last}))

    door = HttpDoor(answer)
    await venue._open()
    await door.open()
    told = {name: getattr(venue, name) for name in names}
    print(json.dumps({**told, "burst_url": f"http://127.0.0.1:{door.port}/"}), flush=True)
    await asyncio.Event().wait()


def _frame(message: str | bytes) -> bytes:
    return framed(TEXT, message.encode()) if isinstance(message, str) else framed(BINARY, message)


if __name__ == "__main__":
    asyncio.run({"alpaca": alpaca, "binance": binance}[sys.argv[1]]())
