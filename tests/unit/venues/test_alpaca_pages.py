"""The pages of the local Alpaca venue's REST APIs."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import httpx
import pytest

from tests.unit.venues.alpaca_hands import KEY, Hands, alpaca, refused
from tests.venues.alpaca.texts import moment


@pytest.fixture
def hands() -> Iterator[Hands]:
    with alpaca() as each:
        yield each


def test_nobody_is_let_in_without_the_key_and_its_secret(hands: Hands) -> None:
    for headers in ({}, {"APCA-API-KEY-ID": KEY, "APCA-API-SECRET-KEY": "wrong"}):
        answer = httpx.get(hands.venue.trading_url + "/v2/account", headers=headers, trust_env=False)
        assert refused(answer) == (401, None, "unauthorized.")


def test_crypto_data_needs_no_key(hands: Hands) -> None:
    url = hands.venue.data_url + "/v1beta3/crypto/us/latest/quotes"
    answer = httpx.get(url, params={"symbols": "BTC/USD"}, trust_env=False)
    assert answer.json()["quotes"]["BTC/USD"]["bp"] == 60999.5


def test_money_and_quantities_of_trading_are_text_and_prices_of_data_are_numbers(hands: Hands) -> None:
    hands.submit(qty=10, limit_price=190.05, type="limit")
    account, position = hands.get("/v2/account"), hands.get("/v2/positions/AAPL")
    assert all(isinstance(account[name], str) for name in ("cash", "equity", "buying_power", "multiplier"))
    assert all(isinstance(position[name], str) for name in ("qty", "avg_entry_price", "market_value"))
    quote = hands.get("/v2/stocks/quotes/latest", symbols="AAPL")["quotes"]["AAPL"]
    assert all(isinstance(quote[name], int | float) for name in ("bp", "bs", "ap", "as"))


def test_cash_and_positions_add_up_to_equity(hands: Hands) -> None:
    hands.submit()
    hands.submit(symbol="SPY", side="sell", qty="3")
    hands.quote("AAPL", "195.00", "195.02")
    hands.do(lambda: hands.venue.floor.others_take("AAPL", "sell", "1"))
    account, positions = hands.get("/v2/account"), hands.get("/v2/positions")
    worth = sum(Decimal(each["market_value"]) for each in positions)
    assert Decimal(account["equity"]) == Decimal(account["cash"]) + worth
    assert {each["symbol"]: (each["side"], each["qty"]) for each in positions} == {
        "AAPL": ("long", "10"),
        "SPY": ("short", "-3"),
    }
    assert {each["symbol"]: each["unrealized_pl"] for each in positions} == {"AAPL": "49.9", "SPY": "0"}


def test_a_position_is_found_by_symbol_and_by_id_and_a_missing_one_is_404(hands: Hands) -> None:
    hands.submit(symbol="BTC/USD", qty="0.5", time_in_force="gtc")
    asset = hands.get("/v2/assets/BTC/USD")
    assert hands.get(f"/v2/positions/{asset['id']}") == hands.get("/v2/positions/BTCUSD")
    missing = hands.client.get("/v2/positions/AAPL")
    assert refused(missing) == (404, 40410000, "position does not exist")


def test_a_part_of_a_position_is_closed_and_then_all_of_them(hands: Hands) -> None:
    hands.submit()
    hands.submit(symbol="SPY", side="sell", qty="4")
    part = hands.client.delete("/v2/positions/AAPL", params={"percentage": "50"})
    hands.do(lambda: None)
    assert (part.json()["qty"], hands.held()) == ("5", "5")
    hands.submit(side="sell", type="limit", limit_price="200", qty="5")
    everything = hands.client.delete("/v2/positions", params={"cancel_orders": "true"})
    hands.do(lambda: None)
    assert everything.status_code == 207
    assert {each["symbol"]: each["status"] for each in everything.json()} == {"AAPL": 200, "SPY": 200}
    assert hands.get("/v2/positions") == []


def test_an_order_is_found_by_id_and_by_the_clients_name(hands: Hands) -> None:
    taken = hands.submit(client_order_id="mine 1")
    assert hands.get("/v2/orders:by_client_order_id", client_order_id="mine 1")["id"] == taken["id"]
    for path in ("/v2/orders/nothing", "/v2/orders:by_client_order_id?client_order_id=nothing"):
        answer = hands.client.get(path)
        assert refused(answer) == (404, 40410000, "order not found for nothing")


def test_orders_are_listed_by_state_time_symbol_and_direction(hands: Hands) -> None:
    ids = [
        hands.submit(type="limit", limit_price=f"{180 + n}", client_order_id=f"o{n}")["id"] for n in range(4)
    ]
    done = hands.submit(symbol="SPY", qty="1")["id"]
    middle = hands.order(ids[1])["submitted_at"]

    def listed(**query: str) -> list[str]:
        return [each["id"] for each in hands.get("/v2/orders", **query)]

    assert listed() == ids[::-1]
    assert listed(status="closed") == [done]
    assert listed(status="all", direction="asc", limit="2") == ids[:2]
    assert listed(after=middle, direction="asc") == ids[2:]
    assert listed(until=middle) == ids[:1]
    assert listed(status="all", symbols="SPY,QQQ") == [done]
    assert listed(after_order_id=ids[2]) == ids[3:]
    assert listed(before_order_id=ids[2]) == [ids[1], ids[0]]
    assert refused(hands.client.get("/v2/orders", params={"limit": "501"}))[0] == 422
    assert refused(hands.client.get("/v2/orders", params={"status": "some"}))[0] == 422


def test_legs_are_listed_inside_their_parent_or_beside_it(hands: Hands) -> None:
    terms = {
        "order_class": "bracket",
        "take_profit": {"limit_price": "195"},
        "stop_loss": {"stop_price": "170"},
    }
    hands.submit(type="limit", limit_price="180", **terms)
    (nested,) = hands.get("/v2/orders", nested="true")
    assert len(nested["legs"]) == 2
    assert len(hands.get("/v2/orders")) == 3


def test_fills_are_told_page_by_page_and_none_twice(hands: Hands) -> None:
    orders = [hands.submit(qty=f"{n}")["id"] for n in range(1, 6)]
    told: list[str] = []
    token = ""
    while page := hands.get("/v2/account/activities/FILL", page_size="2", direction="asc", page_token=token):
        told += [each["order_id"] for each in page]
        token = page[-1]["id"]
    assert told == orders
    newest = hands.get("/v2/account/activities", activity_types="FILL,DIV", page_size="1")[0]
    assert (newest["order_id"], newest["qty"], newest["order_status"]) == (orders[-1], "5", "filled")
    assert hands.get("/v2/account/activities/DIV") == []
    after = hands.get("/v2/account/activities/FILL", after=newest["transaction_time"])
    assert after == []


def test_assets_are_told_by_class_and_crypto_has_its_steps(hands: Hands) -> None:
    shares = {each["symbol"] for each in hands.get("/v2/assets", status="active")}
    pairs = {each["symbol"]: each for each in hands.get("/v2/assets", asset_class="crypto")}
    assert "GONE" not in shares
    assert set(pairs) == {"BTC/USD", "ETH/USD"}
    assert pairs["BTC/USD"]["min_order_size"] == "0.0001"
    assert refused(hands.client.get("/v2/assets/NONE")) == (404, 40410000, "asset not found for NONE")


def test_every_answer_tells_what_is_left_and_more_than_that_is_refused_until_the_next_minute(
    hands: Hands,
) -> None:
    now = moment("2026-11-25T15:00:10Z")
    hands.venue.floor.faults.stopped_ns = now
    hands.venue.floor.trading_limit.per_minute = 3
    answers = [hands.client.get("/v2/clock") for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert [each.headers["X-RateLimit-Remaining"] for each in answers] == ["2", "1", "0", "0"]
    assert {each.headers["X-RateLimit-Reset"] for each in answers} == {f"{now // 10**9 + 50}"}
    assert refused(answers[-1]) == (429, 42910000, "rate limit exceeded")
    assert hands.get("/v2/stocks/quotes/latest", symbols="AAPL")  # data has a limit of its own
    hands.venue.floor.faults.stopped_ns = now + 50 * 10**9
    assert hands.client.get("/v2/clock").headers["X-RateLimit-Remaining"] == "2"


def test_pages_that_are_not_there_say_so(hands: Hands) -> None:
    assert hands.client.get("/v2/nothing").status_code == 404
    assert hands.client.put("/v2/orders").status_code == 405


def test_the_calendar_has_the_days_that_are_asked_for(hands: Hands) -> None:
    days = hands.get("/v2/calendar", start="2026-11-25", end="2026-11-30")
    assert [(each["date"], each["open"], each["close"]) for each in days] == [
        ("2026-11-25", "09:30", "16:00"),
        ("2026-11-27", "09:30", "13:00"),
        ("2026-11-30", "09:30", "16:00"),
    ]
