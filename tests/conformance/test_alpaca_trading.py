"""alpaca-py takes the local venue's trading API for Alpaca's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from itertools import product
from typing import Any

import pytest
from alpaca.common.exceptions import APIError
from alpaca.trading.client import TradingClient
from alpaca.trading.enums import AssetClass, OrderSide, OrderStatus, QueryOrderStatus, TimeInForce
from alpaca.trading.requests import (
    ClosePositionRequest,
    GetAssetsRequest,
    GetCalendarRequest,
    GetOrderByIdRequest,
    GetOrdersRequest,
    LimitOrderRequest,
    MarketOrderRequest,
    ReplaceOrderRequest,
    StopLimitOrderRequest,
    StopLossRequest,
    StopOrderRequest,
    TakeProfitRequest,
    TrailingStopOrderRequest,
)

from tests.conformance.alpaca_client import KEY, Client, Heard, alpaca_py, decimal, running
from tests.venues.alpaca.faults import RestFault
from tests.venues.alpaca.refusal import TOO_MANY
from tests.waiting import wait_until

DAY, GTC = TimeInForce.DAY, TimeInForce.GTC
BUY, SELL = OrderSide.BUY, OrderSide.SELL


@pytest.fixture
def client() -> Iterator[Client]:
    with alpaca_py() as each:
        each.quote("AAPL", "189.99", "190.01")
        yield each


def bought(client: Client, quantity: int = 10) -> Any:
    """Have so many shares."""
    taken = client.trading.submit_order(
        MarketOrderRequest(symbol="AAPL", qty=quantity, side=BUY, time_in_force=DAY)
    )
    return client.trading.get_order_by_id(taken.id)


def resting(client: Client, price: float = 180, **terms: Any) -> Any:
    """Have an order to buy that waits."""
    usual = {"symbol": "AAPL", "qty": 10, "side": BUY, "time_in_force": DAY, "limit_price": price}
    return client.trading.submit_order(LimitOrderRequest(**{**usual, **terms}))


def test_it_reads_the_account_its_settings_the_clock_and_the_calendar(client: Client) -> None:
    account = client.trading.get_account()
    assert (account.cash, account.multiplier, account.trading_blocked) == ("100000", "2", False)
    settings = client.trading.get_account_configurations()
    settings.no_shorting = True
    assert client.trading.set_account_configurations(settings).no_shorting is True
    clock = client.trading.get_clock()
    assert clock.is_open
    assert clock.next_close > clock.timestamp
    days = client.trading.get_calendar(GetCalendarRequest(start=date(2026, 11, 25), end=date(2026, 11, 30)))
    assert [f"{day.close:%d %H:%M}" for day in days] == ["25 16:00", "27 13:00", "30 16:00"]
    assert client.trading.get_portfolio_history().base_value == 100_000


def test_it_reads_the_assets(client: Client) -> None:
    assert {each.symbol for each in client.trading.get_all_assets()} >= {"AAPL", "SPY"}
    pairs = client.trading.get_all_assets(GetAssetsRequest(asset_class=AssetClass.CRYPTO))
    assert {each.symbol: each.min_order_size for each in pairs} == {"BTC/USD": 0.0001, "ETH/USD": 0.001}
    assert client.trading.get_asset("BTC/USD").id == pairs[0].id


TERMS: dict[str, tuple[Any, dict[str, float]]] = {
    "market": (MarketOrderRequest, {}),
    "limit": (LimitOrderRequest, {"limit_price": 180.5}),
    "stop": (StopOrderRequest, {"stop_price": 200.25}),
    "stop limit": (StopLimitOrderRequest, {"stop_price": 200.25, "limit_price": 201}),
    "trail": (TrailingStopOrderRequest, {"trail_price": 5}),
    "trail in percent": (TrailingStopOrderRequest, {"trail_percent": 2.5}),
}
AT_ONCE = (TimeInForce.IOC, TimeInForce.FOK)
AUCTIONS = (TimeInForce.OPG, TimeInForce.CLS)


@pytest.mark.parametrize(("name", "force"), list(product(TERMS, TimeInForce)))
def test_it_places_every_type_with_every_time_in_force(client: Client, name: str, force: TimeInForce) -> None:
    kind, terms = TERMS[name]
    if force in AUCTIONS:
        client.venue.do(lambda: client.venue.floor.set_phase("pre"))
    request = kind(symbol="AAPL", qty=3, side=BUY, time_in_force=force, client_order_id="one", **terms)
    if (name.startswith("trail") and force not in {DAY, GTC}) or (
        name.startswith("stop") and force in AUCTIONS
    ):
        with pytest.raises(APIError) as refused:
            client.trading.submit_order(request)
        assert refused.value.status_code == 422
        return
    taken = client.trading.submit_order(request)
    assert taken.status is OrderStatus.PENDING_NEW
    found = client.trading.get_order_by_client_id("one")
    filled = name == "market" and force not in AUCTIONS
    ended = name == "limit" and force in AT_ONCE
    expected = "filled" if filled else "canceled" if ended else "accepted" if force in AUCTIONS else "new"
    assert found.status.value == expected
    assert (found.id, found.time_in_force, decimal(found.qty)) == (taken.id, force, 3)
    prices = {price: decimal(getattr(found, price)) for price in terms}
    assert prices == {price: decimal(value) for price, value in terms.items()}


def test_it_places_an_order_for_money_and_one_for_a_pair(client: Client) -> None:
    money = client.trading.submit_order(
        MarketOrderRequest(symbol="AAPL", notional=1000, side=BUY, time_in_force=DAY)
    )
    assert decimal(client.trading.get_order_by_id(money.id).filled_qty) * decimal("190.01") <= 1000
    client.trading.submit_order(MarketOrderRequest(symbol="BTC/USD", qty=0.05, side=BUY, time_in_force=GTC))
    held = client.trading.get_open_position("BTCUSD")
    assert (held.symbol, decimal(held.qty), held.asset_class) == (
        "BTCUSD",
        decimal("0.05"),
        AssetClass.CRYPTO,
    )


def test_it_places_a_bracket_and_reads_its_legs(client: Client) -> None:
    target, stop = TakeProfitRequest(limit_price=195), StopLossRequest(stop_price=185, limit_price=184.5)
    taken = resting(client, 190.01, order_class="bracket", take_profit=target, stop_loss=stop)
    nested = client.trading.get_order_by_id(taken.id, GetOrderByIdRequest(nested=True))
    assert [(leg.type.value, leg.status.value) for leg in nested.legs] == [
        ("limit", "new"),
        ("stop_limit", "new"),
    ]
    client.quote("AAPL", "196.00", "196.02")
    nested = client.trading.get_order_by_id(taken.id, GetOrderByIdRequest(nested=True))
    assert [leg.status.value for leg in nested.legs] == ["filled", "canceled"]


def test_it_places_one_cancels_the_other_and_one_triggers_the_other(client: Client) -> None:
    bought(client)
    target, stop = TakeProfitRequest(limit_price=195), StopLossRequest(stop_price=185)
    oco = LimitOrderRequest(
        symbol="AAPL",
        qty=10,
        side=SELL,
        time_in_force=GTC,
        order_class="oco",
        take_profit=target,
        stop_loss=stop,
    )
    taken = client.trading.submit_order(oco)
    assert (decimal(taken.limit_price), len(taken.legs)) == (195, 1)
    client.trading.cancel_order_by_id(taken.id)
    assert client.trading.get_order_by_id(taken.legs[0].id).status is OrderStatus.CANCELED
    oto = resting(client, 180, order_class="oto", stop_loss=StopLossRequest(stop_price=170))
    assert [leg.status.value for leg in oto.legs] == ["held"]


def test_it_replaces_cancels_and_lists_orders(client: Client) -> None:
    old = resting(client)
    new = client.trading.replace_order_by_id(old.id, ReplaceOrderRequest(qty=5, limit_price=181.25))
    assert new.replaces == old.id
    before, after = client.trading.get_order_by_id(old.id), client.trading.get_order_by_id(new.id)
    assert (before.status, before.replaced_by) == (OrderStatus.REPLACED, new.id)
    assert (after.status, decimal(after.qty), decimal(after.limit_price)) == (
        OrderStatus.NEW,
        5,
        decimal("181.25"),
    )
    other = resting(client, 179)
    listed = client.trading.get_orders(GetOrdersRequest(status=QueryOrderStatus.OPEN, symbols=["AAPL"]))
    assert [each.id for each in listed] == [other.id, new.id]
    client.trading.cancel_order_by_id(other.id)
    assert [(each.id, each.status) for each in client.trading.cancel_orders()] == [(new.id, 200)]
    closed = client.trading.get_orders(GetOrdersRequest(status=QueryOrderStatus.CLOSED, limit=2))
    assert [each.status for each in closed] == [OrderStatus.CANCELED, OrderStatus.CANCELED]
    with pytest.raises(APIError, match="order is already in") as refused:
        client.trading.cancel_order_by_id(new.id)
    assert (refused.value.status_code, refused.value.code) == (422, 42210000)


def test_it_reads_and_closes_positions(client: Client) -> None:
    assert bought(client).status is OrderStatus.FILLED
    held = client.trading.get_open_position("AAPL")
    assert (decimal(held.qty), decimal(held.avg_entry_price)) == (10, decimal("190.01"))
    part = client.trading.close_position("AAPL", ClosePositionRequest(percentage="50"))
    assert decimal(part.qty) == 5
    assert [decimal(each.qty) for each in client.trading.get_all_positions()] == [5]
    (closed,) = client.trading.close_all_positions(cancel_orders=True)
    assert (closed.symbol, closed.status, closed.body.side) == ("AAPL", 200, SELL)
    assert client.trading.get_all_positions() == []
    fills = client.trading.get("/account/activities/FILL", {"direction": "asc"})
    assert [(each["side"], each["qty"]) for each in fills] == [("buy", "10"), ("sell", "5"), ("sell", "5")]


def test_it_understands_every_refusal(client: Client) -> None:
    resting(client, client_order_id="mine")
    refusals: tuple[tuple[Callable[[], Any], int, int], ...] = (
        (lambda: resting(client, client_order_id="mine"), 422, 40010001),
        (lambda: resting(client, qty=100_000), 403, 40310000),
        (lambda: resting(client, symbol="NONE"), 422, 42210000),
        (lambda: client.trading.get_open_position("AAPL"), 404, 40410000),
    )
    for request, status, code in refusals:
        with pytest.raises(APIError) as refused:
            request()
        assert (refused.value.status_code, refused.value.code) == (status, code)
    stranger = TradingClient(KEY, "wrong", url_override=client.venue.trading_url)
    with pytest.raises(APIError, match=r"unauthorized\.") as refused:
        stranger.get_account()
    assert refused.value.status_code == 401


def test_it_comes_back_after_a_storm_of_429(client: Client) -> None:
    client.venue.floor.faults.rest.append(RestFault("error", path="/v2/account", times=2, error=TOO_MANY))
    assert client.trading.get_account().status.value == "ACTIVE"
    assert client.venue.floor.requests.count("GET /v2/account") == 3


def test_it_hears_of_every_change_of_an_order(client: Client) -> None:
    heard, stream = Heard(), client.trades()
    stream.subscribe_trade_updates(heard.hear)
    with running(stream):
        wait_until(lambda: client.venue.do(lambda: any(s.listens for s in client.venue.floor.trade_sessions)))
        client.quote("AAPL", "189.99", "190.01", "4")
        taken = resting(client, 190.01)
        client.quote("AAPL", "189.99", "190.02", "100")
        new = client.trading.replace_order_by_id(taken.id, ReplaceOrderRequest(limit_price=189.5))
        client.trading.cancel_order_by_id(new.id)
        wait_until(lambda: any(each.event == "canceled" for each in heard.all))
    told = [(each.event, each.order.id == taken.id) for each in heard.all]
    assert [(getattr(event, "value", event), first) for event, first in told] == [
        ("pending_new", True),
        ("new", True),
        ("partial_fill", True),
        ("pending_replace", True),
        ("replaced", True),
        ("new", False),
        ("pending_cancel", False),
        ("canceled", False),
    ]
    fill = heard.all[2]
    assert (fill.price, fill.qty, fill.position_qty) == (190.01, 4, 4)
    assert heard.all[4].order.replaced_by == new.id


def test_its_stream_comes_back_after_the_connection_was_dropped(client: Client) -> None:
    heard, stream = Heard(), client.trades()
    stream.subscribe_trade_updates(heard.hear)

    def listens() -> bool:
        return client.venue.do(lambda: any(s.listens for s in client.venue.floor.trade_sessions))

    with running(stream):
        wait_until(listens)
        client.venue.do(client.venue.floor.drop)
        wait_until(lambda: not listens())
        wait_until(listens)
        bought(client)
        wait_until(lambda: any(each.event == "fill" for each in heard.all))
