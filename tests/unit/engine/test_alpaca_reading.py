"""Alpaca's trading messages, word for word, and what they mean."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.alpaca import messages as m
from engine.adapters.alpaca import reading as r
from engine.adapters.alpaca.assets import bare, instrument_of
from engine.adapters.alpaca.names import client_id_of, next_name
from engine.adapters.alpaca.refusals import kind_of, reason_of
from engine.adapters.alpaca.times import text_of, time_ns
from engine.adapters.alpaca.writing import order_body, terms_body
from engine.adapters.texts import Unreadable
from engine.errors import DataError
from engine.messages.reports import (
    BustReport,
    CancelRejectReport,
    CancelReport,
    CorrectReport,
    ExpireReport,
    Refusal,
    RejectReport,
)
from engine.model.instrument import Symbol
from engine.model.order import OrderRequest, OrderStatus, OrderType, TimeInForce
from engine.model.trade import Side
from tests.unit.engine.alpaca_texts import (
    AAPL,
    AAPL_ASSET,
    BTC,
    FILL_ID,
    ORDER,
    ORDER_ID,
    body,
    update,
)

ACCOUNT = "PAPER-1"
AT_NS = 1_795_532_400_000_000_000
"""2026-11-24T15:00:00Z."""
RECEIVED_NS = AT_NS + 5_000_000_000
SHARE = 10**9
"""One share in size units."""


def order(**fields: object) -> m.OrderText:
    return m.read_order(body(ORDER, **fields))


def request(**terms: object) -> OrderRequest:
    fields: dict[str, object] = {
        "client_id": "mdr1x2yz-12",
        "number": 12,
        "account": ACCOUNT,
        "symbol": AAPL.symbol,
        "side": Side.BUY,
        "quantity": 10 * SHARE,
        "type": OrderType.LIMIT,
        "limit": 1_901_200,
    }
    return OrderRequest(**(fields | terms))  # type: ignore[arg-type]


# Times


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-24T15:00:00Z", AT_NS),
        ("2026-11-24T10:00:00-05:00", AT_NS),
        ("2026-11-24T15:00:00.1Z", AT_NS + 100_000_000),
        ("2026-11-24T10:00:00.123456789-05:00", AT_NS + 123_456_789),
        ("2026-11-24T15:00:00.000001Z", AT_NS + 1_000),
        (None, 0),
        ("", 0),
    ],
)
def test_a_time_keeps_its_nanoseconds_in_any_zone(text: str | None, expected: int) -> None:
    assert time_ns(text) == expected


@given(st.integers(0, 4_000_000_000), st.integers(0, 999_999_999), st.integers(0, 9))
def test_a_time_is_its_second_and_what_digits_it_has(seconds: int, rest_ns: int, digits: int) -> None:
    fraction = f"{rest_ns:09}"[:digits]
    text = f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}{'.' if fraction else ''}{fraction}Z"
    assert time_ns(text) == seconds * 1_000_000_000 + int(fraction.ljust(9, "0"))


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24T15:00:00",
        "yesterday",
        "2026-13-24T15:00:00Z",
        "1795532400",
        "2026-11-24T15:00:00.+12345678Z",
        "2026-11-24T15:00:00.1234_5678Z",
        "2026-11-24T15:00:00.12345678\u0669Z",
        "2026-11-24T15:00:0\u0669.123456789Z",
    ],
)
def test_a_time_without_a_zone_is_no_time(text: str) -> None:
    with pytest.raises(Unreadable):
        time_ns(text)


@given(st.integers(0, 4_000_000_000_000_000_000))
def test_a_time_that_was_written_reads_as_the_microsecond_below(at_ns: int) -> None:
    assert time_ns(text_of(at_ns)) == at_ns - at_ns % 1000


# Assets


def test_a_share_is_ordered_in_cents_and_held_in_parts() -> None:
    assert (AAPL.tick, AAPL.lot) == (Decimal("0.01"), Decimal(1))
    assert (AAPL.price_units(Decimal("0.1234")), AAPL.size_units(Decimal("0.123456789"))) == (1234, 123456789)
    assert (AAPL.calendar, AAPL.currency, AAPL.tradable) == ("XNYS", "USD", True)


def test_a_coin_has_the_steps_that_its_asset_tells() -> None:
    assert (BTC.tick, BTC.lot, BTC.size_min) == (Decimal(1), Decimal("0.0001"), Decimal("0.0001"))
    assert (BTC.base, BTC.currency, BTC.calendar) == ("BTC", "USD", "24/7")
    assert bare(BTC.symbol) == "BTCUSD"


def test_an_option_can_be_held_and_not_ordered() -> None:
    option = instrument_of(
        m.read_asset(body(AAPL_ASSET, **{"class": "us_option", "symbol": "AAPL261218C00200000"}))
    )
    assert (option.multiplier, option.tradable) == (Decimal(100), False)


def test_an_asset_with_steps_that_do_not_divide_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="bad_instrument"):
        instrument_of(
            m.read_asset(body(AAPL_ASSET, **{"class": "crypto", "min_trade_increment": "0.00000000003"}))
        )


# Orders


def test_an_order_is_read_in_units() -> None:
    read = r.order_of(order(), "mdr1x2yz-12", AAPL)
    assert (read.venue_id, read.side, read.type, read.tif) == (
        ORDER_ID,
        Side.BUY,
        OrderType.LIMIT,
        TimeInForce.DAY,
    )
    assert (read.quantity, read.filled, read.limit, read.stop) == (10 * SHARE, 0, 1_901_200, None)
    assert (read.status, read.updated_ns) == (OrderStatus.WORKING, AT_NS + 223_456_789)


def test_an_echo_in_another_format_is_the_same_order() -> None:
    as_numbers = order(qty=10.0, filled_qty=0, limit_price=190.1200)
    assert r.order_of(as_numbers, "a", AAPL) == r.order_of(order(), "a", AAPL)


@pytest.mark.parametrize(
    ("status", "filled", "expected"),
    [
        ("pending_new", "0", OrderStatus.WORKING),
        ("accepted", "0", OrderStatus.WORKING),
        ("held", "0", OrderStatus.WORKING),
        ("done_for_day", "0", OrderStatus.WORKING),
        ("done_for_day", "4", OrderStatus.PARTIALLY_FILLED),
        ("stopped", "0", OrderStatus.WORKING),
        ("suspended", "0", OrderStatus.WORKING),
        ("calculated", "4", OrderStatus.PARTIALLY_FILLED),
        ("pending_cancel", "4", OrderStatus.PARTIALLY_FILLED),
        ("a_status_of_tomorrow", "0", OrderStatus.WORKING),
        ("partially_filled", "4", OrderStatus.PARTIALLY_FILLED),
        ("filled", "10", OrderStatus.FILLED),
        ("canceled", "4", OrderStatus.CANCELED),
        ("expired", "0", OrderStatus.EXPIRED),
        ("rejected", "0", OrderStatus.REJECTED),
    ],
)
def test_only_what_ends_an_order_is_an_end(status: str, filled: str, expected: OrderStatus) -> None:
    assert r.order_of(order(status=status, filled_qty=filled), "a", AAPL).status is expected


def test_an_order_in_the_place_of_another_counts_what_that_had_filled() -> None:
    read = r.order_of(order(qty="6", filled_qty="1"), "a", AAPL, carried=4 * SHARE)
    assert (read.quantity, read.filled, read.status) == (10 * SHARE, 5 * SHARE, OrderStatus.PARTIALLY_FILLED)


def test_an_order_for_money_has_the_size_that_it_filled() -> None:
    read = r.order_of(order(qty=None, notional="500", filled_qty="2.628", status="filled"), "a", AAPL)
    assert (read.quantity, read.filled) == (2_628_000_000, 2_628_000_000)


@pytest.mark.parametrize("field", ["qty", "filled_qty", "limit_price"])
@pytest.mark.parametrize("value", ["NaN", "-1", "1e40"])
def test_a_number_that_is_none_is_refused(field: str, value: str) -> None:
    with pytest.raises(DataError):
        r.order_of(order(**{field: value}), "a", AAPL)


# Fills


def read_update(event: str, terms: dict[str, Any] | None = None, **fields: Any) -> m.TradeUpdate:
    return m.read_update(update(event, terms, **fields))


def test_a_fill_is_the_same_on_both_ways_it_comes() -> None:
    streamed = read_update("partial_fill", execution_id=FILL_ID, price="190.12", qty="2", position_qty="2")
    listed = {
        "id": f"20261124150001123::{FILL_ID}",
        "activity_type": "FILL",
        "transaction_time": "2026-11-24T15:00:01.123Z",
        "type": "partial_fill",
        "price": "190.12",
        "qty": "2",
        "side": "buy",
        "symbol": "AAPL",
        "leaves_qty": "8",
        "order_id": ORDER_ID,
        "cum_qty": "2",
        "order_status": "partially_filled",
    }
    (activity,) = m.read_activities(json.dumps([listed]).encode())
    fill = r.fill_of_update(streamed, "mdr1x2yz-12", AAPL, ACCOUNT, RECEIVED_NS)
    assert fill == r.fill_of_activity(activity, "mdr1x2yz-12", AAPL, ACCOUNT, RECEIVED_NS)
    assert (fill.fill_id, fill.price, fill.quantity) == (FILL_ID, 1_901_200, 2 * SHARE)
    assert fill.event_ns == AT_NS + 1_123_000_000


def test_a_price_finer_than_a_unit_is_rounded_since_a_fill_is_a_fact() -> None:
    streamed = read_update("fill", execution_id=FILL_ID, price="190.123456", qty="10")
    assert r.fill_of_update(streamed, "a", AAPL, ACCOUNT, RECEIVED_NS).price == 1_901_235


@pytest.mark.parametrize(
    "missing", [{"price": None}, {"qty": None}, {"execution_id": None}, {"qty": "0"}, {"price": "0"}]
)
def test_a_fill_without_its_terms_is_refused(missing: dict[str, Any]) -> None:
    fields: dict[str, Any] = {"execution_id": FILL_ID, "price": "190.12", "qty": "2"}
    with pytest.raises(DataError):
        r.fill_of_update(read_update("fill", **(fields | missing)), "a", AAPL, ACCOUNT, RECEIVED_NS)


def test_a_fill_of_a_coin_has_every_digit() -> None:
    streamed = read_update(
        "fill", {"symbol": "BTC/USD"}, execution_id=FILL_ID, price="61234.5", qty="0.012345678"
    )
    fill = r.fill_of_update(streamed, "a", BTC, ACCOUNT, RECEIVED_NS)
    assert (BTC.price(fill.price), BTC.size(fill.quantity)) == (Decimal("61234.5"), Decimal("0.012345678"))


# What else happens


@pytest.mark.parametrize(
    ("status", "kind"),
    [("canceled", CancelReport), ("expired", ExpireReport), ("rejected", RejectReport)],
)
def test_an_end_is_told_as_what_it_is(status: str, kind: type) -> None:
    assert type(r.end_of(status, "a", "", 1, 40)) is kind


@pytest.mark.parametrize(
    "status", ["new", "filled", "replaced", "done_for_day", "pending_cancel", "stopped", "held"]
)
def test_what_is_no_end_by_itself_is_not_told_as_one(status: str) -> None:
    assert r.end_of(status, "a", "", 1, 40) is None


def test_a_fill_that_was_taken_back_names_the_first_execution() -> None:
    told = read_update("trade_bust", execution_id="x", previous_execution_id=FILL_ID, reason="TRADE_BUST")
    report = r.change_of(told, "a", AAPL, ACCOUNT, RECEIVED_NS)
    assert report == BustReport("a", FILL_ID, "TRADE_BUST", AT_NS + 1_123_456_789)


def test_a_fill_that_was_corrected_has_its_new_terms() -> None:
    told = read_update("trade_correct", execution_id=FILL_ID, price="190.10", qty="2")
    report = r.change_of(told, "a", AAPL, ACCOUNT, RECEIVED_NS)
    assert isinstance(report, CorrectReport)
    assert (report.fill.fill_id, report.fill.price) == (FILL_ID, 1_901_000)


@pytest.mark.parametrize("event", ["order_cancel_rejected", "order_replace_rejected"])
def test_a_request_that_was_refused_later_is_told_with_its_reason(event: str) -> None:
    report = r.change_of(read_update(event, reason="TOO_LATE\x1b[31m"), "a", AAPL, ACCOUNT, RECEIVED_NS)
    assert isinstance(report, CancelRejectReport)
    assert report.reason == "TOO_LATE[31m"


def test_an_event_of_tomorrow_says_nothing() -> None:
    assert r.change_of(read_update("an_event_of_tomorrow"), "a", AAPL, ACCOUNT, RECEIVED_NS) is None


# Account and positions


def test_the_cash_is_exact() -> None:
    account = m.read_account(
        b'{"cash":"100000.123456","currency":"USD","account_number":"PA3ABC","status":"ACTIVE"}'
    )
    assert r.cash_micros(account) == {"USD": 100_000_123_456}
    assert r.blocked(account) == ""


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ('"status":"ACCOUNT_CLOSED"', "ACCOUNT_CLOSED"),
        ('"trading_blocked":true', "blocked"),
        ('"account_blocked":true', "blocked"),
        ('"trade_suspended_by_user":true', "suspended"),
    ],
)
def test_an_account_that_may_not_trade_says_why(told: str, found: str) -> None:
    assert found in r.blocked(m.read_account(f'{{"cash":"1",{told}}}'.encode()))


@pytest.mark.parametrize(
    ("qty", "side", "units"),
    [("5", "long", 5), ("-5", "short", -5), ("5", "short", -5), ("0.5", "long", 0.5)],
)
def test_a_position_is_signed_by_its_side(qty: str, side: str, units: float) -> None:
    (position,) = m.read_positions(f'[{{"symbol":"AAPL","qty":"{qty}","side":"{side}"}}]'.encode())
    assert r.position_units(position, AAPL) == units * SHARE


# Writing


def test_an_order_is_written_in_texts() -> None:
    written = json.loads(order_body(request(), AAPL))
    assert written == {
        "client_order_id": "mdr1x2yz-12",
        "symbol": "AAPL",
        "side": "buy",
        "qty": "10",
        "type": "limit",
        "time_in_force": "day",
        "limit_price": "190.12",
    }


def test_a_trailing_stop_says_its_distance() -> None:
    written = json.loads(
        order_body(
            request(type=OrderType.TRAILING, limit=None, trail=15_000, side=Side.SELL, tif=TimeInForce.GTC),
            AAPL,
        )
    )
    assert (written["type"], written["trail_price"], written["side"]) == ("trailing_stop", "1.5", "sell")
    assert "limit_price" not in written


def test_a_size_of_a_coin_is_written_without_an_exponent() -> None:
    written = json.loads(
        order_body(request(symbol=Symbol("BTC/USD"), quantity=100_000, limit=61_000 * 10**9), BTC)
    )
    assert (written["qty"], written["limit_price"]) == ("0.0001", "61000")


def test_new_terms_say_the_whole_size_and_only_the_prices_that_there_are() -> None:
    assert json.loads(terms_body("a~1", AAPL, 12 * SHARE, 1_901_000, None)) == {
        "client_order_id": "a~1",
        "qty": "12",
        "limit_price": "190.1",
    }


@pytest.mark.parametrize(("symbol", "told"), [("BTC/USD", "gtc"), ("AAPL", "day")])
def test_a_market_order_of_coins_has_no_day_since_their_market_has_none(symbol: str, told: str) -> None:
    instrument = BTC if symbol == "BTC/USD" else AAPL
    body = order_body(request(symbol=Symbol(symbol), type=OrderType.MARKET, limit=None), instrument)
    assert json.loads(body)["time_in_force"] == told


# Names


def test_an_order_keeps_our_id_whatever_takes_its_place() -> None:
    name = next_name("mdr1x2yz-12", AT_NS)
    assert name != next_name("mdr1x2yz-12", AT_NS + 1000)
    assert client_id_of(order(client_order_id=name, replaces="x")) == "mdr1x2yz-12"
    assert client_id_of(order(client_order_id="strategy~2")) == "strategy~2"


@pytest.mark.parametrize("odd", ["", None, "x" * 100, "a\x1b[2Jb"])
def test_an_id_that_can_not_be_kept_gives_way_to_the_venues(odd: str | None) -> None:
    assert client_id_of(order(client_order_id=odd)) == ORDER_ID


# Refusals


@pytest.mark.parametrize(
    ("status", "told", "reason", "kind"),
    [
        (
            403,
            '{"code":40310000,"message":"insufficient buying power"}',
            "insufficient buying power",
            Refusal.OTHER,
        ),
        (
            422,
            '{"code":40010001,"message":"client_order_id must be unique"}',
            "client_order_id must be unique",
            Refusal.DUPLICATE_ID,
        ),
        (
            404,
            '{"code":40410000,"message":"order not found for x"}',
            "order not found for x",
            Refusal.UNKNOWN_ORDER,
        ),
        (401, '{"message":"unauthorized."}', "Alpaca does not accept the key: unauthorized.", Refusal.OTHER),
        (
            429,
            '{"code":42910000,"message":"rate limit exceeded"}',
            "too often: rate limit exceeded",
            Refusal.OTHER,
        ),
        (403, '{"message":"denied","reject_reason":"wash trade"}', "denied: wash trade", Refusal.OTHER),
        (422, "<html>", "Alpaca answered 422", Refusal.OTHER),
        (422, '{"message":"a\\u001b[31mb"}', "a[31mb", Refusal.OTHER),
        (422, '{"message":7}', "Alpaca answered 422", Refusal.OTHER),
    ],
)
def test_a_refusal_keeps_the_venues_words_cleaned(status: int, told: str, reason: str, kind: Refusal) -> None:
    assert reason in reason_of(status, told.encode())
    assert kind_of(status, told.encode()) is kind


@pytest.mark.parametrize(
    "read", [m.read_order, m.read_orders, m.read_update, m.read_account, m.read_positions]
)
@given(st.binary(max_size=60))
def test_whatever_comes_is_read_or_unreadable(read: object, junk: bytes) -> None:
    with pytest.raises(Unreadable):
        read(junk + b"{")  # type: ignore[operator]
