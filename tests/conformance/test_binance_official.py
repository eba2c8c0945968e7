"""Binance's own SDK takes the local venue for Binance: market data, orders, lists, refusals, streams and user data.

It signs, encodes and reads answers by models of its own: an answer that lacks what they want is an error there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from binance_common.configuration import (
    ConfigurationRestAPI,
    ConfigurationWebSocketAPI,
    ConfigurationWebSocketStreams,
)
from binance_common.errors import BadRequestError
from binance_sdk_spot.spot import Spot

from engine.messages.reports import CancelReport, StockReport
from engine.model.order import OrderStatus
from engine.model.trade import Side
from tests.binance_broker_bench import BinanceBench
from tests.venues.binance.keys import KEYS
from tests.venues.binance.stock import PAIRS
from tests.venues.binance.venue import BinanceVenue
from tests.waiting import until

((KEY, SECRET),) = KEYS.items()
LIMIT: dict[str, Any] = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "time_in_force": "GTC",
    "quantity": 2.0,
    "price": 95.0,
}


@pytest.fixture
def venue() -> Iterator[BinanceVenue]:
    with BinanceVenue(PAIRS) as each:
        each.do(lambda: each.floor.quote("BTCUSDT", "99.00", "101.00", "100", "100"))
        yield each


def official(venue: BinanceVenue, secret: str = SECRET) -> Spot:
    return Spot(
        config_rest_api=ConfigurationRestAPI(api_key=KEY, api_secret=secret, base_path=venue.api_url),
        config_ws_api=ConfigurationWebSocketAPI(api_key=KEY, api_secret=secret, stream_url=venue.user_url),
        config_ws_streams=ConfigurationWebSocketStreams(stream_url=venue.stream_url),
    )


def test_the_official_client_reads_the_market(venue: BinanceVenue) -> None:
    api = official(venue).rest_api
    told = {each.symbol: each for each in api.exchange_info().data().symbols}
    assert told["BTCUSDT"].status == "TRADING"
    book = api.depth("BTCUSDT").data()
    assert (book.bids[0], book.asks[0]) == (["99.00000000", "100.00000000"], ["101.00000000", "100.00000000"])
    assert api.time().data().server_time > 0


def test_the_official_client_places_reads_and_cancels_orders(venue: BinanceVenue) -> None:
    api = official(venue).rest_api
    made = api.new_order(**LIMIT).data()
    (working,) = api.get_open_orders("BTCUSDT").data()
    assert (working.order_id, Decimal(working.price)) == (made.order_id, Decimal(95))
    gone = api.delete_order("BTCUSDT", orig_client_order_id=made.client_order_id).data()
    assert gone.status == "CANCELED"
    assert api.get_order("BTCUSDT", order_id=made.order_id).data().status == "CANCELED"


def test_the_official_client_trades_and_finds_its_fills_and_coins(venue: BinanceVenue) -> None:
    api = official(venue).rest_api

    def held() -> Decimal:
        return next(Decimal(each.free) for each in api.get_account().data().balances if each.asset == "BTC")

    before = held()
    made = api.new_order("BTCUSDT", "BUY", "MARKET", quantity=3.0).data()
    assert (made.status, Decimal(made.executed_qty)) == ("FILLED", Decimal(3))
    (trade,) = api.my_trades("BTCUSDT").data()
    assert (trade.order_id, Decimal(trade.price)) == (made.order_id, Decimal(101))
    assert held() == before + 3


def test_the_official_client_holds_a_stop_and_a_target_as_one(venue: BinanceVenue) -> None:
    api = official(venue).rest_api
    made = api.order_list_oco(
        "BTCUSDT", "SELL", 2.0, "LIMIT_MAKER", "STOP_LOSS", above_price=120.0, below_stop_price=90.0
    ).data()
    assert made.list_order_status == "EXECUTING"
    api.delete_order_list("BTCUSDT", order_list_id=made.order_list_id)
    assert api.open_order_list().data() == []


@pytest.mark.parametrize(
    ("terms", "told"),
    [({"price": 95.001}, "PRICE_FILTER"), ({"quantity": 9000.0, "price": 99999.0}, "insufficient")],
)
def test_the_official_client_is_refused_in_words_that_it_knows(
    venue: BinanceVenue, terms: dict[str, Any], told: str
) -> None:
    with pytest.raises(BadRequestError, match=told):
        official(venue).rest_api.new_order(**(LIMIT | terms))


def test_the_official_client_hears_of_the_market(venue: BinanceVenue) -> None:
    async def scenario() -> None:
        heard: list[Any] = []
        streams = official(venue).websocket_streams
        await streams.create_connection()
        try:
            stream = await streams.book_ticker("btcusdt")
            stream.on("message", heard.append)
            await until(lambda: any("btcusdt@bookTicker" in each.streams for each in venue.floor.sessions))
            venue.do(lambda: venue.floor.quote("BTCUSDT", "99.50", "100.50", "5", "6"))
            await until(lambda: bool(heard))
        finally:
            await streams.close_connection()
        assert (Decimal(heard[-1].b), Decimal(heard[-1].a)) == (Decimal("99.5"), Decimal("100.5"))

    asyncio.run(scenario())


def test_the_official_client_hears_of_its_orders(venue: BinanceVenue) -> None:
    async def scenario() -> None:
        heard: list[Any] = []
        client = official(venue)
        api = client.websocket_api
        await api.create_connection()
        try:
            subscribed = await api.user_data_stream_subscribe_signature()
            subscribed.stream.on("message", heard.append)
            await asyncio.to_thread(client.rest_api.new_order, **(LIMIT | {"price": 101.0}))
            await until(lambda: sum(_is_report(each) for each in heard) == 2)
        finally:
            await api.close_connection()
        reports = [each.actual_instance for each in heard if _is_report(each)]
        assert [(each.x, each.X) for each in reports] == [("NEW", "NEW"), ("TRADE", "FILLED")]

    asyncio.run(scenario())


def _is_report(event: Any) -> bool:
    return type(event.actual_instance).__name__ == "ExecutionReport"


def test_what_the_official_client_places_the_adapter_sees_and_the_other_way_round(
    venue: BinanceVenue,
) -> None:
    api = official(venue).rest_api
    bench = BinanceBench(venue).begin()
    placed = api.new_order(**LIMIT).data()
    bench.broker.take_stock(0, 1)
    bench.settle()
    (theirs,) = bench.wait_for_report(StockReport).stock.orders
    assert (theirs.venue_id, theirs.status) == (str(placed.order_id), OrderStatus.WORKING)
    client_id = bench.send(Side.BUY, 1, 94)
    api.delete_order("BTCUSDT", orig_client_order_id=client_id)
    bench.settle()
    assert bench.wait_for_report(CancelReport).client_id == client_id
    bench.close()
