"""The local Binance venue's account: who may ask, what it takes and refuses, and what becomes of orders and coins."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.venues.binance.keys import KEYS
from tests.venues.binance.stock import PAIRS
from tests.venues.binance.venue import BinanceVenue

((KEY, SECRET),) = KEYS.items()
LIMIT = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "2",
    "price": "95",
}
ORDER = "/api/v3/order"


@pytest.fixture
def venue() -> Iterator[BinanceVenue]:
    with BinanceVenue(PAIRS) as each:
        each.do(lambda: each.floor.quote("BTCUSDT", "99.00", "101.00", "10", "10"))
        yield each


class Told:
    """What was answered."""

    def __init__(self, status: int, headers: dict[str, str], body: Any) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def code(self) -> int:
        return int(self.body["code"])


def ask(
    venue: BinanceVenue,
    method: str,
    path: str,
    told: dict[str, str],
    *,
    key: str = KEY,
    secret: str = SECRET,
    in_body: bool = False,
    late_ms: int = 0,
) -> Told:
    text = urlencode({**told, "timestamp": str(round(time.time() * 1000) - late_ms)})
    text += f"&signature={hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()}"
    return send(venue, method, path if in_body else f"{path}?{text}", text if in_body else "", key)


def send(venue: BinanceVenue, method: str, target: str, body: str, key: str) -> Told:
    link = http.client.HTTPConnection(venue.api_url.removeprefix("http://"), timeout=10)
    try:
        link.request(method, target, body, {"X-MBX-APIKEY": key} if key else {})
        answer = link.getresponse()
        return Told(answer.status, dict(answer.getheaders()), json.loads(answer.read()))
    finally:
        link.close()


def place(venue: BinanceVenue, **terms: str) -> Told:
    return ask(venue, "POST", ORDER, LIMIT | terms)


# Who may ask


@pytest.mark.parametrize("in_body", [False, True])
def test_a_request_may_be_signed_in_its_query_or_in_its_body(venue: BinanceVenue, in_body: bool) -> None:
    made = ask(venue, "POST", ORDER, LIMIT, in_body=in_body)
    assert (made.status, made.body["status"]) == (200, "NEW")


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ({"secret": "another"}, 400, -1022),
        ({"key": "nobody"}, 401, -2015),
        ({"key": ""}, 401, -2014),
        ({"late_ms": 6000}, 400, -1021),
        ({"late_ms": -2000}, 400, -1021),
    ],
)
def test_who_is_not_known_or_not_in_time_is_refused(
    venue: BinanceVenue, how: dict[str, Any], status: int, code: int
) -> None:
    refused = ask(venue, "GET", "/api/v3/account", {}, **how)
    assert (refused.status, refused.code) == (status, code)


def test_what_is_not_signed_is_refused(venue: BinanceVenue) -> None:
    assert send(venue, "GET", "/api/v3/account?timestamp=1", "", KEY).code == -1102


# What is taken


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"side": "HOLD"}, -1117),
        ({"type": "ICEBERG"}, -1116),
        ({"price": ""}, -1102),
        ({"timeInForce": "DAY"}, -1115),
        ({"type": "MARKET"}, -1106),
        ({"newClientOrderId": "a~b"}, -1100),
        ({"newClientOrderId": "a" * 37}, -1100),
        ({"quantity": "-1"}, -1100),
        ({"quantity": "1e-9"}, -1111),
        ({"quantity": "0.000001"}, -1013),
        ({"price": "95.001"}, -1013),
        ({"quantity": "0.01"}, -1013),
        ({"quantity": "9000", "price": "99999"}, -2010),
        ({"symbol": "NONE"}, -1121),
    ],
)
def test_an_order_that_breaks_a_rule_is_refused_with_its_code(
    venue: BinanceVenue, terms: dict[str, str], code: int
) -> None:
    assert place(venue, **terms).code == code
    assert venue.do(lambda: venue.floor.exchange.open) == []


def test_an_id_is_used_once_among_open_orders_and_again_after(venue: BinanceVenue) -> None:
    assert place(venue, newClientOrderId="one").status == 200
    assert place(venue, newClientOrderId="one").body["msg"] == "Duplicate order sent."
    assert ask(venue, "DELETE", ORDER, {"symbol": "BTCUSDT", "origClientOrderId": "one"}).status == 200
    assert place(venue, newClientOrderId="one").status == 200


@pytest.mark.parametrize(
    ("time_in_force", "filled", "status"),
    [
        ("GTC", "10.00000000", "PARTIALLY_FILLED"),
        ("IOC", "10.00000000", "EXPIRED"),
        ("FOK", "0.00000000", "EXPIRED"),
    ],
)
def test_what_can_not_be_filled_at_once_rests_or_ends(
    venue: BinanceVenue, time_in_force: str, filled: str, status: str
) -> None:
    made = place(venue, quantity="15", price="101", timeInForce=time_in_force).body
    assert (made["executedQty"], made["status"]) == (filled, status)


def test_more_orders_than_are_counted_are_refused_and_the_headers_say_how_many(venue: BinanceVenue) -> None:
    venue.rest.account.counts.most[86_400] = 2
    made = [place(venue, price=price) for price in ("95", "94", "93")]
    assert [each.status for each in made] == [200, 200, 429]
    assert made[-1].code == -1015
    assert [each.headers["X-MBX-ORDER-COUNT-1D"] for each in made] == ["1", "2", "2"]


def test_an_order_that_is_taken_costs_no_weight_and_one_that_is_refused_does(venue: BinanceVenue) -> None:
    assert place(venue).headers["X-MBX-USED-WEIGHT-1M"] == "0"
    assert place(venue, side="HOLD").headers["X-MBX-USED-WEIGHT-1M"] == "1"


# What becomes of it


def coins(venue: BinanceVenue, coin: str) -> tuple[Decimal, Decimal]:
    balances = ask(venue, "GET", "/api/v3/account", {}).body["balances"]
    (found,) = [each for each in balances if each["asset"] == coin]
    return Decimal(found["free"]), Decimal(found["locked"])


def test_an_open_order_holds_what_it_may_cost_and_gives_the_rest_back(venue: BinanceVenue) -> None:
    free, _ = coins(venue, "USDT")
    place(venue, newClientOrderId="one")
    assert coins(venue, "USDT") == (free - 190, Decimal(190))
    ask(venue, "DELETE", ORDER, {"symbol": "BTCUSDT", "origClientOrderId": "one"})
    assert coins(venue, "USDT") == (free, Decimal(0))
    place(venue, quantity="15", price="110")
    assert coins(venue, "USDT") == (free - 10 * 101 - 5 * 110, Decimal(5 * 110))


def test_a_fee_is_taken_from_what_an_order_gets(venue: BinanceVenue) -> None:
    venue.floor.exchange.fee_rate = Decimal("0.001")
    bought, paid = coins(venue, "BTC")[0], coins(venue, "USDT")[0]
    (fill,) = place(venue, price="101").body["fills"]
    assert (Decimal(fill["commission"]), fill["commissionAsset"]) == (Decimal("0.002"), "BTC")
    assert coins(venue, "BTC")[0] == bought + 2 - Decimal("0.002")
    assert coins(venue, "USDT")[0] == paid - 202


def test_a_resting_order_meets_who_comes_to_it_at_its_own_price_and_the_book_shows_what_is_left(
    venue: BinanceVenue,
) -> None:
    place(venue, price="98")
    venue.do(lambda: venue.floor.quote("BTCUSDT", "95.00", "97.00", "10", "10"))
    (trade,) = ask(venue, "GET", "/api/v3/myTrades", {"symbol": "BTCUSDT"}).body
    assert (Decimal(trade["price"]), Decimal(trade["qty"]), trade["isMaker"]) == (
        Decimal(98),
        Decimal(2),
        True,
    )
    assert venue.do(lambda: venue.floor.books["BTCUSDT"].touch()[1]) == ("97.00", "8")


def test_an_order_is_made_smaller_and_never_larger(venue: BinanceVenue) -> None:
    place(venue, newClientOrderId="one")
    path, named = f"{ORDER}/amend/keepPriority", {"symbol": "BTCUSDT", "origClientOrderId": "one"}
    assert ask(venue, "PUT", path, named | {"newQty": "3", "newClientOrderId": "one"}).code == -2038
    amended = ask(venue, "PUT", path, named | {"newQty": "1", "newClientOrderId": "one"}).body["amendedOrder"]
    assert (Decimal(amended["qty"]), amended["clientOrderId"]) == (Decimal(1), "one")
    assert coins(venue, "USDT")[1] == 95


def test_pages_go_on_from_an_id_and_reach_no_longer_than_a_day_by_time(venue: BinanceVenue) -> None:
    for price in ("95", "94", "93"):
        place(venue, price=price)
    read = {"symbol": "BTCUSDT", "orderId": "4000002", "limit": "1"}
    assert [each["orderId"] for each in ask(venue, "GET", "/api/v3/allOrders", read).body] == [4_000_002]
    span = {"symbol": "BTCUSDT", "startTime": "0", "endTime": "86400001"}
    assert ask(venue, "GET", "/api/v3/allOrders", span).code == -1127


def test_every_open_order_of_a_symbol_is_cancelled_at_once(venue: BinanceVenue) -> None:
    for price in ("95", "94"):
        place(venue, price=price)
    gone = ask(venue, "DELETE", "/api/v3/openOrders", {"symbol": "BTCUSDT"}).body
    assert [each["status"] for each in gone] == ["CANCELED", "CANCELED"]
    assert ask(venue, "GET", "/api/v3/openOrders", {"symbol": "BTCUSDT"}).body == []


def test_an_order_is_tried_without_being_placed(venue: BinanceVenue) -> None:
    assert ask(venue, "POST", f"{ORDER}/test", LIMIT).body == {}
    assert ask(venue, "POST", f"{ORDER}/test", LIMIT | {"side": "HOLD"}).code == -1117
    assert venue.do(lambda: venue.floor.exchange.open) == []
