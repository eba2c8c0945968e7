"""python-binance takes the local venue for Binance's account: orders, executions, coins, refusals, user data.

It signs by itself, with times and ids of its own. What it places the adapter sees, and what the adapter places it sees.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest
from binance import AsyncClient, BinanceSocketManager
from binance.exceptions import BinanceAPIException

from engine.messages.reports import AcceptReport, CancelReport, StockReport
from engine.model.order import OrderStatus
from engine.model.trade import Side
from tests.binance_broker_bench import BinanceBench
from tests.venues.binance.keys import KEYS
from tests.venues.binance.stock import PAIRS
from tests.venues.binance.venue import BinanceVenue
from tests.waiting import until

((KEY, SECRET),) = KEYS.items()
LIMIT = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "2",
    "price": "95",
}


@pytest.fixture
def venue() -> Iterator[BinanceVenue]:
    with BinanceVenue(PAIRS) as each:
        each.do(lambda: each.floor.quote("BTCUSDT", "99.00", "101.00", "100", "100"))
        yield each


@asynccontextmanager
async def python_binance(venue: BinanceVenue, secret: str = SECRET) -> AsyncIterator[AsyncClient]:
    class Client(AsyncClient):  # type: ignore[misc]
        API_URL = f"{venue.api_url}/api"
        WS_API_URL = venue.user_url

    client = await Client.create(KEY, secret)
    try:
        yield client
    finally:
        await client.close_connection()


def with_client(venue: BinanceVenue, scenario: Callable[[AsyncClient], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(60), python_binance(venue) as client:
            await scenario(client)

    asyncio.run(bounded())


def test_python_binance_places_reads_and_cancels_orders(venue: BinanceVenue) -> None:
    async def scenario(client: AsyncClient) -> None:
        made = await client.create_order(**LIMIT)
        assert (made["status"], made["fills"]) == ("NEW", [])
        (working,) = await client.get_open_orders(symbol="BTCUSDT")
        assert (working["orderId"], Decimal(working["price"])) == (made["orderId"], Decimal(95))
        gone = await client.cancel_order(symbol="BTCUSDT", origClientOrderId=made["clientOrderId"])
        assert (gone["status"], gone["origClientOrderId"]) == ("CANCELED", made["clientOrderId"])
        read = await client.get_order(symbol="BTCUSDT", orderId=made["orderId"])
        assert read["status"] == "CANCELED"

    with_client(venue, scenario)


def test_python_binance_trades_and_finds_its_fills_and_coins(venue: BinanceVenue) -> None:
    async def scenario(client: AsyncClient) -> None:
        before = Decimal((await client.get_asset_balance("BTC"))["free"])
        made = await client.order_market_buy(symbol="BTCUSDT", quantity="3")
        assert [(Decimal(each["price"]), Decimal(each["qty"])) for each in made["fills"]] == [
            (Decimal(101), Decimal(3))
        ]
        (trade,) = await client.get_my_trades(symbol="BTCUSDT")
        assert (trade["orderId"], trade["id"]) == (made["orderId"], made["fills"][0]["tradeId"])
        assert Decimal((await client.get_asset_balance("BTC"))["free"]) == before + 3
        assert [each["status"] for each in await client.get_all_orders(symbol="BTCUSDT")] == ["FILLED"]

    with_client(venue, scenario)


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"quantity": "0.000001"}, -1013),
        ({"price": "95.001"}, -1013),
        ({"quantity": "9000", "price": "99999"}, -2010),
        ({"symbol": "NONE"}, -1121),
        ({"side": "HOLD"}, -1117),
    ],
)
def test_python_binance_is_refused_with_the_code_that_it_knows(
    venue: BinanceVenue, terms: dict[str, str], code: int
) -> None:
    async def scenario(client: AsyncClient) -> None:
        with pytest.raises(BinanceAPIException) as refused:
            await client.create_order(**(LIMIT | terms))
        assert refused.value.code == code

    with_client(venue, scenario)


def test_python_binance_with_another_secret_is_refused(venue: BinanceVenue) -> None:
    async def scenario() -> None:
        async with python_binance(venue, "another") as client:
            with pytest.raises(BinanceAPIException) as refused:
                await client.get_account()
            assert refused.value.code == -1022

    asyncio.run(scenario())


def test_python_binance_hears_of_its_orders(venue: BinanceVenue) -> None:
    async def scenario(client: AsyncClient) -> None:
        heard: list[dict[str, Any]] = []
        async with BinanceSocketManager(client).user_socket() as socket:
            await until(lambda: bool(venue.floor.user_sessions))
            await client.create_order(**(LIMIT | {"price": "101"}))
            while len(heard) < 2:
                event = await socket.recv()
                event = event.get("event", event)
                if event["e"] == "executionReport":
                    heard.append(event)
        assert [(each["x"], each["X"]) for each in heard] == [("NEW", "NEW"), ("TRADE", "FILLED")]
        assert Decimal(heard[1]["L"]) == 101

    with_client(venue, scenario)


def test_what_one_places_the_other_sees(venue: BinanceVenue) -> None:
    bench = BinanceBench(venue).begin()
    placed: dict[str, Any] = {}

    async def place(client: AsyncClient) -> None:
        placed.update(await client.create_order(**LIMIT))

    with_client(venue, place)
    bench.broker.take_stock(0, 1)
    bench.settle()
    (theirs,) = bench.wait_for_report(StockReport).stock.orders
    assert (theirs.venue_id, theirs.status) == (str(placed["orderId"]), OrderStatus.WORKING)
    client_id = bench.send(Side.BUY, 1, 94)
    venue_id = bench.wait_for_report(AcceptReport).venue_id

    async def cancel(client: AsyncClient) -> None:
        ours = await client.get_order(symbol="BTCUSDT", orderId=int(venue_id))
        assert ours["clientOrderId"] == client_id
        await client.cancel_order(symbol="BTCUSDT", orderId=int(venue_id))

    with_client(venue, cancel)
    bench.settle()
    assert bench.wait_for_report(CancelReport).client_id == client_id
    bench.close()


def test_python_binance_places_a_list_that_keeps_its_coins_once_and_cancels_it(venue: BinanceVenue) -> None:
    async def scenario(client: AsyncClient) -> None:
        before = await client.get_asset_balance("BTC")
        made = await client.create_oco_order(
            symbol="BTCUSDT",
            side="SELL",
            quantity="2",
            aboveType="LIMIT_MAKER",
            abovePrice="120",
            belowType="STOP_LOSS",
            belowStopPrice="90",
        )
        assert (made["contingencyType"], made["listOrderStatus"]) == ("OCO", "EXECUTING")
        (open_list,) = await client.get_open_oco_orders()
        assert open_list["orderListId"] == made["orderListId"]
        kept = await client.get_asset_balance("BTC")
        assert Decimal(kept["locked"]) - Decimal(before["locked"]) == 2
        await client.cancel_order(symbol="BTCUSDT", orderId=made["orders"][0]["orderId"])
        for each in made["orders"]:
            read = await client.get_order(symbol="BTCUSDT", orderId=each["orderId"])
            assert (read["status"], read["orderListId"]) == ("CANCELED", made["orderListId"])
        assert await client.get_open_oco_orders() == []

    with_client(venue, scenario)
