"""What one places, the other sees: alpaca-py and the adapter at the same account of the local venue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from alpaca.trading.client import TradingClient
from alpaca.trading.enums import OrderSide, OrderStatus, TimeInForce
from alpaca.trading.requests import (
    GetOrdersRequest,
    LimitOrderRequest,
    MarketOrderRequest,
    ReplaceOrderRequest,
)

from engine.adapter_contract.pair_contract import STOP, TARGET, pair
from engine.messages.reports import BustReport, CancelReport, FillReport, ReplaceReport, StockReport
from engine.messages.stock import BrokerStock
from engine.model.order import OrderStatus as Status
from engine.model.trade import Side
from tests.alpaca_bench import AAPL, AlpacaBench
from tests.conformance.alpaca_client import decimal
from tests.venues.alpaca.floor import KEYS
from tests.venues.alpaca.venue import AlpacaVenue

OTHER = "PKOTHERCLIENT"
TERMS = {"symbol": "AAPL", "side": OrderSide.BUY, "time_in_force": TimeInForce.DAY}


@pytest.fixture
def desk() -> Iterator[AlpacaBench]:
    with AlpacaVenue() as venue:
        bench = AlpacaBench(venue).begin()
        bench.quote(99, 101)
        yield bench
        bench.close()


@pytest.fixture
def client(desk: AlpacaBench) -> Any:
    """Return alpaca-py with a key of its own, as another program of the same person has it."""
    return TradingClient(OTHER, KEYS[OTHER], url_override=desk.venue.trading_url)


def stock(desk: AlpacaBench) -> BrokerStock:
    desk.broker.take_stock(0, 1)
    desk.settle()
    return desk.of(StockReport)[-1].stock


def test_an_order_of_the_adapter_is_read_and_cancelled_by_the_client(desk: AlpacaBench, client: Any) -> None:
    client_id = desk.send(Side.BUY, 10, 95)
    found = client.get_order_by_client_id(client_id)
    assert (found.symbol, decimal(found.qty), decimal(found.limit_price)) == ("AAPL", 10, 95)
    assert (found.side, found.status) == (OrderSide.BUY, OrderStatus.NEW)
    client.cancel_order_by_id(found.id)
    desk.settle()
    assert desk.wait_for_report(CancelReport).client_id == client_id
    assert [order.status for order in stock(desk).orders] == [Status.CANCELED]


def test_an_order_of_the_client_and_its_fill_are_in_the_adapters_stock(
    desk: AlpacaBench, client: Any
) -> None:
    resting = client.submit_order(LimitOrderRequest(qty=7, limit_price=95, client_order_id="theirs", **TERMS))
    filled = client.submit_order(MarketOrderRequest(qty=3, **TERMS))
    desk.settle()
    there = stock(desk)
    assert {each.client_id: (each.quantity, each.filled, each.status) for each in there.orders} == {
        "theirs": (7, 0, Status.WORKING),
        filled.client_order_id: (3, 3, Status.FILLED),
    }
    assert [(each.client_id, each.side, each.quantity, each.price) for each in there.fills] == [
        (filled.client_order_id, Side.BUY, 3, 101)
    ]
    assert there.positions == {AAPL: 3}
    assert client.get_order_by_id(resting.id).status is OrderStatus.NEW


def test_both_have_the_same_fills_position_and_cash(desk: AlpacaBench, client: Any) -> None:
    client_id = desk.send(Side.BUY, 30)
    client.submit_order(MarketOrderRequest(qty=5, **{**TERMS, "side": OrderSide.SELL}))
    desk.settle()
    there, held, account = stock(desk), client.get_open_position("AAPL"), client.get_account()
    assert there.positions == {AAPL: int(held.qty)} == {AAPL: 25}
    assert there.cash_micros == {"USD": decimal(account.cash) * 1_000_000}
    fills = client.get("/account/activities/FILL", {"direction": "asc"})
    assert [(fill.quantity, fill.price, fill.fill_id) for fill in there.fills] == [
        (int(each["qty"]), int(each["price"]), each["id"].partition("::")[2]) for each in fills
    ]
    assert desk.of(FillReport)[0].fill.client_id == client_id


def test_an_order_of_the_adapter_that_the_client_replaced_goes_on_under_its_own_name(
    desk: AlpacaBench, client: Any
) -> None:
    client_id = desk.send(Side.BUY, 10, 95)
    old = client.get_order_by_client_id(client_id)
    client.replace_order_by_id(old.id, ReplaceOrderRequest(qty=12, limit_price=96))
    report = desk.wait_for_report(ReplaceReport)
    assert (report.client_id, report.quantity, report.limit) == (client_id, 12, 96)
    desk.quote(94, 95)
    assert sum(each.fill.quantity for each in desk.of(FillReport) if each.fill.client_id == client_id) == 12


def test_a_fill_that_the_venue_takes_back_is_gone_from_both(desk: AlpacaBench, client: Any) -> None:
    desk.send(Side.BUY, 10)
    fill = desk.wait_for_report(FillReport).fill
    desk.venue.do(lambda: desk.venue.floor.pit.bust(fill.fill_id))
    assert desk.wait_for_report(BustReport).fill_id == fill.fill_id
    assert stock(desk).positions == {}
    assert client.get_all_positions() == []


def test_a_pair_of_the_adapter_is_an_oco_to_the_client_and_is_cancelled_by_it(
    desk: AlpacaBench, client: Any
) -> None:
    desk.send(Side.BUY, 10)
    desk.alpaca.submit_pair(*pair(desk))
    desk.settle()
    (found,) = client.get_orders(GetOrdersRequest(status="open", nested=True))
    (stop,) = found.legs
    assert (found.client_order_id, found.order_class.value, decimal(found.limit_price)) == (
        TARGET,
        "oco",
        120,
    )
    assert (stop.type.value, decimal(stop.stop_price), decimal(stop.qty)) == ("stop", 90, 10)
    assert decimal(client.get_open_position("AAPL").qty_available) == 0
    client.cancel_order_by_id(stop.id)
    desk.settle()
    assert {each.client_id for each in desk.of(CancelReport)} == {STOP, TARGET}
