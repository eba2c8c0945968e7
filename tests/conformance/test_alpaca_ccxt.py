"""ccxt, a second client that knows nothing of the first, takes the local venue's crypto for Alpaca's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import ccxt.pro
import pytest

from tests.conformance.alpaca_client import KEY, SECRET, Client, alpaca_py
from tests.waiting import until

PATIENCE_S = 60.0


@asynccontextmanager
async def connected(client: Client) -> AsyncIterator[Any]:
    rest, streams = client.venue.trading_url, client.venue.stream_url
    exchange = ccxt.pro.alpaca(
        {
            "apiKey": KEY,
            "secret": SECRET,
            "urls": {
                "api": {
                    "trader": rest,
                    "market": rest,
                    "broker": rest,
                    "ws": {"crypto": f"{streams}/v1beta3/crypto/us", "trading": f"{streams}/stream"},
                }
            },
        }
    )
    try:
        yield exchange
    finally:
        await exchange.close()


def run(scenario: Callable[[Client, Any], Awaitable[None]]) -> None:
    async def bounded(client: Client) -> None:
        async with asyncio.timeout(PATIENCE_S), connected(client) as exchange:
            await exchange.load_markets()
            await scenario(client, exchange)

    with alpaca_py() as client:
        client.quote("BTC/USD", "60999.50", "61000.50", "2")
        asyncio.run(bounded(client))


def test_it_reads_the_market() -> None:
    async def scenario(client: Client, exchange: Any) -> None:
        market = exchange.market("BTC/USD")
        assert (market["active"], market["limits"]["amount"]["min"]) == (True, 0.0001)
        book = await exchange.fetch_order_book("BTC/USD")
        assert (book["bids"], book["asks"]) == ([[60999.5, 2.0]], [[61000.5, 2.0]])
        await asyncio.to_thread(
            client.venue.do, lambda: client.venue.floor.others_take("BTC/USD", "sell", "0.5")
        )
        (made,) = await exchange.fetch_trades("BTC/USD", since=exchange.milliseconds() - 60_000)
        assert (made["price"], made["amount"], made["side"]) == (60999.5, 0.5, "sell")
        since = exchange.parse8601("2026-11-24T00:00:00Z")
        bars = await exchange.fetch_ohlcv("BTC/USD", "1m", since=since, limit=10)
        assert [(each[0] - since) // 60_000 for each in bars] == list(range(10))

    run(scenario)


def test_it_places_changes_and_cancels_orders_and_reads_what_they_cost() -> None:
    async def scenario(_client: Client, exchange: Any) -> None:
        bought = await exchange.create_order("BTC/USD", "market", "buy", 0.5, params={"timeInForce": "gtc"})
        filled = await exchange.fetch_order(bought["id"])
        assert (filled["status"], filled["filled"], filled["average"]) == ("closed", 0.5, 61000.5)
        resting = await exchange.create_order(
            "BTC/USD", "limit", "buy", 0.1, 50000, {"clientOrderId": "mine"}
        )
        assert (await exchange.fetch_open_orders("BTC/USD"))[0]["clientOrderId"] == "mine"
        changed = await exchange.edit_order(resting["id"], "BTC/USD", "limit", "buy", 0.2, 51000)
        assert (changed["price"], changed["amount"]) == (51000, 0.2)
        await exchange.cancel_order(changed["id"], "BTC/USD")
        assert await exchange.fetch_open_orders("BTC/USD") == []
        with pytest.raises(ccxt.InsufficientFunds):
            await exchange.create_order("BTC/USD", "limit", "buy", 10, 50000)
        with pytest.raises(ccxt.InvalidOrder):
            await exchange.cancel_order("00000000-0000-4000-8000-000000000000")

    run(scenario)


def test_it_hears_books_trades_and_its_own_orders() -> None:
    async def scenario(client: Client, exchange: Any) -> None:
        book = await exchange.watch_order_book("BTC/USD")
        assert (book["bids"][0][0], book["asks"][0][0]) == (60999.5, 61000.5)
        orders = asyncio.create_task(exchange.watch_orders())
        trades = asyncio.create_task(exchange.watch_trades("BTC/USD"))
        await until(lambda: client.venue.do(lambda: _both_listen(client)))
        await exchange.create_order("BTC/USD", "market", "buy", 0.5, params={"timeInForce": "gtc"})
        assert (await orders)[0]["symbol"] == "BTC/USD"
        (made,) = await trades
        assert (made["price"], made["amount"], made["side"]) == (61000.5, 0.5, "buy")
        while book["asks"][0][1] != 1.5:
            book = await exchange.watch_order_book("BTC/USD")

    run(scenario)


def _both_listen(client: Client) -> bool:
    floor = client.venue.floor
    return any(each.listens for each in floor.trade_sessions) and any(
        each.channels["trades"] for each in floor.data_sessions
    )
