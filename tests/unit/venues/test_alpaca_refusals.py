"""What the local Alpaca venue does not take, and how it says so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.venues.alpaca_hands import Hands, alpaca, refused

PARAMETER, STATE, FORBIDDEN = 40010001, 42210000, 40310000
TARGET, STOP = {"limit_price": "195"}, {"stop_price": "185"}


@pytest.fixture(scope="module")
def hands() -> Iterator[Hands]:
    with alpaca() as each:
        yield each


@pytest.mark.parametrize(
    ("terms", "status", "code", "words"),
    [
        ({"symbol": None}, 422, PARAMETER, "symbol is required"),
        ({"symbol": "NONE"}, 422, STATE, "invalid symbol"),
        ({"symbol": "GONE"}, 422, PARAMETER, "asset GONE is not active"),
        ({"side": "hold"}, 422, PARAMETER, "invalid side"),
        ({"type": "iceberg"}, 422, PARAMETER, "invalid type"),
        ({"time_in_force": "gtd"}, 422, PARAMETER, "invalid time_in_force"),
        ({"qty": None}, 422, PARAMETER, "qty or notional is required"),
        ({"notional": "100"}, 422, PARAMETER, "only one of qty or notional"),
        ({"qty": "0"}, 422, PARAMETER, "qty must be > 0"),
        ({"qty": "ten"}, 422, PARAMETER, "invalid qty"),
        ({"type": "limit"}, 422, PARAMETER, "limit orders require limit price"),
        ({"limit_price": "190"}, 422, PARAMETER, "market orders must not have limit price"),
        ({"type": "stop"}, 422, PARAMETER, "stop orders require stop price"),
        ({"type": "stop_limit", "stop_price": "191"}, 422, PARAMETER, "require both stop and limit"),
        ({"type": "trailing_stop"}, 422, PARAMETER, "one of trail_price or trail_percent"),
        ({"type": "trailing_stop", "trail_price": "1", "trail_percent": "1"}, 422, PARAMETER, "one of trail"),
        ({"type": "trailing_stop", "trail_price": "1", "time_in_force": "ioc"}, 422, STATE, "DAY or GTC"),
        ({"type": "limit", "limit_price": "190.001"}, 422, STATE, "sub-penny"),
        ({"symbol": "PNNY", "type": "limit", "limit_price": "0.50001"}, 422, STATE, "sub-penny"),
        ({"client_order_id": "x" * 129}, 422, PARAMETER, "no more than 128"),
        ({"extended_hours": True}, 422, STATE, "extended hours order must be"),
        ({"qty": "1.5", "time_in_force": "gtc"}, 422, STATE, "fractional orders must be DAY orders"),
        ({"qty": "1.5", "order_class": "oto", "stop_loss": STOP}, 422, STATE, "must be simple orders"),
        ({"qty": "1.5", "symbol": "HARD"}, 403, FORBIDDEN, "is not fractionable"),
        ({"qty": "1.5", "side": "sell"}, 422, STATE, "fractional orders cannot be sold short"),
        ({"symbol": "HARD", "side": "sell"}, 422, STATE, "cannot be sold short"),
        ({"type": "stop", "stop_price": "180"}, 422, STATE, "stop price must be greater than current price"),
        (
            {"side": "sell", "type": "stop", "stop_price": "200"},
            422,
            STATE,
            "must be less than current price",
        ),
        (
            {"type": "stop", "stop_price": "200", "time_in_force": "opg"},
            422,
            STATE,
            "must be market or limit",
        ),
        ({"order_class": "bracket", "take_profit": TARGET}, 422, PARAMETER, "bracket orders require"),
        (
            {"order_class": "bracket", "take_profit": TARGET, "stop_loss": {}},
            422,
            PARAMETER,
            "bracket orders",
        ),
        (
            {"order_class": "oto", "take_profit": TARGET, "stop_loss": STOP},
            422,
            PARAMETER,
            "oto orders require",
        ),
        ({"take_profit": TARGET}, 422, STATE, "not allowed for simple orders"),
        (
            {"order_class": "bracket", "take_profit": TARGET, "stop_loss": STOP, "time_in_force": "ioc"},
            422,
            STATE,
            "bracket orders must be DAY or GTC",
        ),
        (
            {"order_class": "bracket", "take_profit": {"limit_price": "190"}, "stop_loss": STOP},
            422,
            STATE,
            "take_profit.limit_price must be >= base_price + 0.01",
        ),
        (
            {"order_class": "bracket", "take_profit": TARGET, "stop_loss": {"stop_price": "190.01"}},
            422,
            STATE,
            "stop_loss.stop_price must be <= base_price - 0.01",
        ),
        (
            {"order_class": "oco", "side": "sell", "take_profit": TARGET, "stop_loss": STOP},
            422,
            STATE,
            "oco orders must be limit orders",
        ),
        ({"qty": "2000"}, 403, FORBIDDEN, "insufficient buying power"),
        ({"symbol": "BTC/USD", "qty": "1"}, 422, STATE, "invalid crypto time_in_force"),
        ({"symbol": "BTC/USD", "qty": "1", "type": "stop", "stop_price": "70000"}, 422, STATE, "order type"),
        (
            {"symbol": "BTC/USD", "qty": "0.00001", "time_in_force": "gtc"},
            422,
            STATE,
            "qty must be >= 0.0001",
        ),
        (
            {"symbol": "BTC/USD", "qty": None, "notional": "5", "time_in_force": "gtc"},
            403,
            FORBIDDEN,
            "cost basis",
        ),
        ({"symbol": "BTC/USD", "side": "sell", "time_in_force": "gtc"}, 403, FORBIDDEN, "balance for BTC"),
        (
            {"symbol": "BTC/USD", "qty": "2", "time_in_force": "gtc"},
            403,
            FORBIDDEN,
            "insufficient buying power",
        ),
    ],
)
def test_the_venue_refuses(
    hands: Hands, terms: dict[str, object], status: int, code: int, words: str
) -> None:
    told = hands.refusal(**terms)
    assert told[:2] == (status, code)
    assert words in told[2]
    assert hands.get("/v2/orders", status="all") == []


@pytest.fixture
def fresh() -> Iterator[Hands]:
    with alpaca() as each:
        yield each


def test_a_name_that_was_used_is_refused_even_of_an_order_that_ended(fresh: Hands) -> None:
    fresh.submit(client_order_id="mine-1")
    assert fresh.refusal(client_order_id="mine-1") == (422, PARAMETER, "client_order_id must be unique")


def test_what_an_order_holds_is_not_sold_twice_and_not_beyond_nothing(fresh: Hands) -> None:
    fresh.submit()
    resting = fresh.submit(side="sell", type="limit", limit_price="200", qty="6")
    told = fresh.client.post(
        "/v2/orders",
        json={"symbol": "AAPL", "qty": "5", "side": "sell", "type": "market", "time_in_force": "day"},
    )
    assert refused(told)[2] == "insufficient qty available for order (requested: 5, available: 4)"
    assert told.json()["held_for_orders"] == "6"
    fresh.client.delete(f"/v2/orders/{resting['id']}")
    assert fresh.submit(side="sell", qty="5")["status"] == "pending_new"


def test_open_orders_use_up_buying_power(fresh: Hands) -> None:
    before = float(fresh.get("/v2/account")["buying_power"])
    fresh.submit(type="limit", limit_price="100", qty="100")
    assert float(fresh.get("/v2/account")["buying_power"]) == before - 10_000


def test_an_order_that_could_meet_ones_own_is_refused(fresh: Hands) -> None:
    fresh.submit(type="limit", limit_price="180")
    told = fresh.refusal(side="sell", type="stop", stop_price="170")
    assert told == (403, FORBIDDEN, "potential wash trade detected. use complex orders")
    assert fresh.submit(side="sell", type="limit", limit_price="195")["status"] == "pending_new"


def test_an_account_that_is_blocked_trades_nothing(fresh: Hands) -> None:
    fresh.venue.floor.account.flags["trading_blocked"] = True
    assert fresh.refusal() == (403, None, "account is not authorized to trade")


def test_an_account_may_suspend_itself(fresh: Hands) -> None:
    assert fresh.client.patch("/v2/account/configurations", json={"suspend_trade": True}).status_code == 200
    assert fresh.refusal()[:2] == (403, FORBIDDEN)


def test_a_body_that_is_no_order_is_refused(fresh: Hands) -> None:
    for body in (b"{", b"[]", b"null", b'"x"'):
        assert refused(fresh.client.post("/v2/orders", content=body))[:2] == (400, 40010000)
