"""python-binance and ccxt take the local venue for Binance: symbols, books in sequence, prints, touches, minutes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import ccxt.pro
import pytest
from binance import AsyncClient, BinanceSocketManager, DepthCacheManager

from tests.venues.binance.stock import MIDS, PAIRS, ladder
from tests.venues.binance.venue import BinanceVenue
from tests.venues.walk import Walk
from tests.waiting import until

LEVELS = 40
STEPS = 60
MARK = ("50000.00", "7.00000")
"""A level far from the touch, by which the end is known."""
PATIENCE_S = 60.0
Levels = list[tuple[Decimal, Decimal]]


@pytest.fixture
def venue() -> Iterator[BinanceVenue]:
    with BinanceVenue(PAIRS) as each:
        for pair in PAIRS:
            each.floor.change(pair.symbol, *ladder(pair, MIDS[pair.symbol], LEVELS))
        yield each


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(PATIENCE_S):
            await scenario()

    asyncio.run(bounded())


async def do(venue: BinanceVenue, what: Callable[[], object]) -> None:
    await asyncio.to_thread(venue.do, what)


async def subscribed(venue: BinanceVenue, stream: str) -> None:
    """Return once somebody hears of it."""
    await until(lambda: venue.do(lambda: any(stream in each.streams for each in venue.floor.sessions)))


@asynccontextmanager
async def walking(venue: BinanceVenue, *streams: str) -> AsyncIterator[None]:
    """Let the market move all the while, once somebody hears of it."""
    walk = Walk(venue.floor, 1)

    async def go_on() -> None:
        for stream in streams:
            await subscribed(venue, stream)
        while True:
            await do(venue, walk.step)
            await asyncio.sleep(0.01)

    task = asyncio.create_task(go_on())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def numbers(levels: list[Any]) -> Levels:
    return [(Decimal(str(level[0])), Decimal(str(level[1]))) for level in levels]


def there(venue: BinanceVenue, symbol: str) -> tuple[Levels, Levels]:
    bids, asks = venue.do(lambda: venue.floor.books[symbol].tops(20))
    return numbers(bids), numbers(asks)


# python-binance


@asynccontextmanager
async def python_binance(venue: BinanceVenue) -> AsyncIterator[tuple[AsyncClient, BinanceSocketManager]]:
    class Client(AsyncClient):  # type: ignore[misc]
        API_URL = f"{venue.api_url}/api"

    client = await Client.create()
    sockets = BinanceSocketManager(client)
    sockets.STREAM_URL = f"{venue.stream_url}/"
    try:
        yield client, sockets
    finally:
        await client.close_connection()


def test_python_binance_reads_symbols_books_prints_and_minutes(venue: BinanceVenue) -> None:
    venue.do(lambda: venue.floor.trade("BTCUSDT", "sell", "60999.99", "0.50000"))

    async def scenario() -> None:
        async with python_binance(venue) as (client, _):
            info = await client.get_symbol_info("ETHUSDT")
            assert (info["baseAsset"], info["status"]) == ("ETH", "TRADING")
            book = await client.get_order_book(symbol="BTCUSDT", limit=20)
            assert (numbers(book["bids"]), numbers(book["asks"])) == there(venue, "BTCUSDT")
            (made,) = await client.get_recent_trades(symbol="BTCUSDT")
            assert (Decimal(made["price"]), made["isBuyerMaker"]) == (Decimal("60999.99"), True)
            minutes = await client.get_klines(symbol="BTCUSDT", interval="1m", limit=10)
            assert len({each[0] for each in minutes}) == 10
            assert {each[0] % 60_000 for each in minutes} == {0}
            assert client.response.headers["x-mbx-used-weight-1m"] == str(venue.rest.used)
            ticker = await client.get_orderbook_ticker(symbol="ETHUSDT")
            assert Decimal(ticker["askPrice"]) == there(venue, "ETHUSDT")[1][0][0]

    run(scenario)


@pytest.mark.parametrize("skips", [0, 1])
def test_python_binance_keeps_a_book_in_sequence_and_sees_a_gap(venue: BinanceVenue, skips: int) -> None:
    async def scenario() -> None:
        async with python_binance(venue) as (client, sockets):
            async with DepthCacheManager(client, symbol="BTCUSDT", bm=sockets, limit=1000) as cache:
                async with walking(venue, "btcusdt@depth"):
                    for _ in range(STEPS):
                        await cache.recv()
                venue.floor.faults.skip = skips
                await do(venue, lambda: venue.floor.change("BTCUSDT", bids=[("40000.00", "1.00000")]))
                await do(venue, lambda: venue.floor.change("BTCUSDT", bids=[MARK]))
                while numbers([MARK])[0] not in numbers((book := await cache.recv()).get_bids()):
                    pass
            assert (numbers(book.get_bids())[:20], numbers(book.get_asks())[:20]) == there(venue, "BTCUSDT")
        books_read = sum("/depth" in read for read in venue.floor.reads)
        assert books_read == 1 + skips

    run(scenario)


def test_python_binance_hears_prints_and_touches(venue: BinanceVenue) -> None:
    async def scenario() -> None:
        async with python_binance(venue) as (_, sockets):
            streams = ["btcusdt@trade", "btcusdt@bookTicker"]
            async with sockets.multiplex_socket(streams) as heard:
                await subscribed(venue, "btcusdt@bookTicker")
                await do(venue, lambda: venue.floor.trade("BTCUSDT", "buy", "61000.01", "0.50000"))
                await do(venue, lambda: venue.floor.change("BTCUSDT", bids=[("61000.00", "2.00000")]))
                made, touch = (await heard.recv())["data"], (await heard.recv())["data"]
        assert (made["e"], Decimal(made["p"]), made["m"]) == ("trade", Decimal("61000.01"), False)
        assert numbers([(touch["b"], touch["B"])]) == numbers([("61000.00", "2.00000")])

    run(scenario)


# ccxt


@asynccontextmanager
async def ccxt_pro(venue: BinanceVenue) -> AsyncIterator[Any]:
    api, streams = f"{venue.api_url}/api/v3", f"{venue.stream_url}/ws"
    exchange = ccxt.pro.binance(
        {
            "options": {
                "defaultType": "spot",
                "fetchMarkets": {"types": ["spot"]},
                "fetchCurrencies": False,
                "fetchMargins": False,
            },
            "urls": {"api": {"public": api, "private": api, "ws": {"spot": streams}}},
        }
    )
    exchange.has["fetchCurrencies"] = False
    try:
        yield exchange
    finally:
        await exchange.close()


def test_ccxt_reads_symbols_books_prints_and_minutes(venue: BinanceVenue) -> None:
    venue.do(lambda: venue.floor.trade("BTCUSDT", "sell", "60999.99", "0.50000"))

    async def scenario() -> None:
        async with ccxt_pro(venue) as exchange:
            markets = await exchange.load_markets()
            market = markets["ETH/USDT"]
            assert (market["active"], market["precision"]["price"], market["precision"]["amount"]) == (
                True,
                0.01,
                0.0001,
            )
            assert market["limits"]["cost"]["min"] == 5.0
            book = await exchange.fetch_order_book("BTC/USDT", 20)
            assert (numbers(book["bids"]), numbers(book["asks"])) == there(venue, "BTCUSDT")
            minutes = await exchange.fetch_ohlcv("BTC/USDT", "1m", limit=10)
            assert len(minutes) == 10
            with pytest.raises(ccxt.BadSymbol):
                await exchange.public_get_depth({"symbol": "BTCEUR"})

    run(scenario)


def test_ccxt_keeps_a_book_in_sequence_and_hears_prints(venue: BinanceVenue) -> None:
    async def scenario() -> None:
        async with ccxt_pro(venue) as exchange:
            await exchange.load_markets()
            async with walking(venue, "btcusdt@depth"):
                for _ in range(STEPS):
                    book = await exchange.watch_order_book("BTC/USDT", 1000)
            watched = asyncio.create_task(exchange.watch_trades("BTC/USDT"))
            await subscribed(venue, "btcusdt@trade")
            await do(venue, lambda: venue.floor.trade("BTCUSDT", "sell", "60999.99", "0.50000"))
            (made,) = await watched
            assert (made["price"], made["side"]) == (60_999.99, "sell")
            await do(venue, lambda: venue.floor.change("BTCUSDT", bids=[MARK]))
            while book["nonce"] != venue.floor.books["BTCUSDT"].last_id:
                book = await exchange.watch_order_book("BTC/USDT", 1000)
            bids, asks = numbers(book["bids"])[:20], numbers(book["asks"])[:20]
            assert (bids, asks) == there(venue, "BTCUSDT")

    run(scenario)
