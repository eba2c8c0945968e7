"""What Interactive Brokers' adapter makes of names, numbers, hours, prints and refusals, without its library."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from engine.adapters.ib.admission import Admission
from engine.adapters.ib.hours import read_hours
from engine.adapters.ib.lives import Lives
from engine.adapters.ib.names import description_of, symbol_of
from engine.adapters.ib.opening import check_settings
from engine.adapters.ib.reading import (
    cash_of,
    decimal_of,
    id_of,
    instrument_of,
    order_of,
    status_of,
    terms_of,
    version_of,
)
from engine.adapters.ib.refusals import is_news, kind_of, meaning_of, sentence
from engine.adapters.ib.ticks import Touch, minutes_of, print_of
from engine.adapters.ib.writing import order_with
from engine.adapters.texts import TextUnits, Unreadable
from engine.clock import NS_PER_S
from engine.errors import ConfigError, DataError, RejectedError, ThrottledError
from engine.messages.reports import Refusal
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.model.order import OrderStatus, OrderType, TimeInForce
from engine.settings.venues import IbSettings

UNSET = 1.7976931348623157e308
NOON_NS = 1_795_780_800 * NS_PER_S
"""12:00 UTC on 27 November 2026, 07:00 in New York."""
CONTRACT = {
    "conId": 1,
    "symbol": "AAPL",
    "secType": "STK",
    "currency": "USD",
    "exchange": "SMART",
    "primaryExchange": "NASDAQ",
    "localSymbol": "AAPL",
    "multiplier": "",
}


def contract(**values: object) -> Any:
    return SimpleNamespace(**(CONTRACT | values))


def details(**values: object) -> Any:
    told = {
        "minTick": 0.01,
        "sizeIncrement": 1.0,
        "minSize": 1.0,
        "longName": "APPLE INC",
        "priceMagnifier": 1,
    }
    return SimpleNamespace(**({"contract": contract()} | told | values))


SHARE: Instrument = instrument_of(details())


def order(**values: object) -> Any:
    told = {
        "permId": 7,
        "orderId": 3,
        "clientId": 71,
        "orderRef": "",
        "action": "BUY",
        "totalQuantity": 10.0,
        "orderType": "LMT",
        "lmtPrice": 189.05,
        "auxPrice": UNSET,
        "tif": "GTC",
        "account": "DU1",
        "trailStopPrice": UNSET,
        "outsideRth": False,
        "ocaGroup": "",
        "ocaType": 3,
        "parentId": 0,
        "goodAfterTime": "",
        "goodTillDate": "",
        "adjustedOrderType": "None",
    }
    return SimpleNamespace(**(told | values))


@pytest.mark.parametrize(
    ("symbol", "told"),
    [
        ("AAPL", {"secType": "STK", "symbol": "AAPL", "exchange": "SMART", "currency": "USD"}),
        ("BRK.B", {"secType": "STK", "symbol": "BRK B", "exchange": "SMART", "currency": "USD"}),
        ("SAP@IBIS", {"secType": "STK", "symbol": "SAP", "exchange": "SMART", "primaryExchange": "IBIS"}),
        ("EUR.USD", {"secType": "CASH", "symbol": "EUR", "currency": "USD", "exchange": "IDEALPRO"}),
        ("ESZ6@CME", {"secType": "FUT", "localSymbol": "ESZ6", "exchange": "CME"}),
    ],
)
def test_a_name_says_what_is_asked_for_and_what_is_told_has_that_name(
    symbol: str, told: dict[str, str]
) -> None:
    assert description_of(Symbol(symbol)) == told
    foreign = {"currency": "EUR"} if "@IBIS" in symbol else {}
    assert symbol_of(contract(**(told | foreign))) == symbol


def test_what_is_not_traded_here_has_no_name() -> None:
    with pytest.raises(DataError, match="of the kind OPT"):
        symbol_of(contract(secType="OPT"))


def test_an_instrument_counts_in_the_steps_that_are_told() -> None:
    assert SHARE.symbol == "AAPL"
    assert (SHARE.tick, SHARE.lot, SHARE.calendar) == (Decimal("0.01"), Decimal(1), "XNYS")
    pair = instrument_of(
        details(
            contract=contract(secType="CASH", symbol="EUR"), minTick=0.00005, sizeIncrement=0.01, minSize=1.0
        )
    )
    assert (pair.asset_class, pair.price_unit, pair.tick) == (
        AssetClass.FX,
        Decimal("0.00001"),
        Decimal("0.00005"),
    )
    assert (pair.base, pair.currency, pair.size_unit) == ("EUR", "USD", Decimal("0.01"))
    pence = instrument_of(
        details(contract=contract(currency="GBP", primaryExchange="LSE"), priceMagnifier=100)
    )
    assert pence.multiplier == Decimal("0.01")


@pytest.mark.parametrize("value", [UNSET, float("nan"), float("inf"), None, "1"])
def test_what_is_no_number_is_said(value: object) -> None:
    with pytest.raises(DataError, match="expected a number"):
        decimal_of(value)


def test_an_order_is_read_in_units_with_the_prices_that_its_type_has() -> None:
    told = order_of(order(), "a-1", SHARE, "Submitted", 4)
    assert (told.client_id, told.venue_id, told.quantity, told.filled, told.limit, told.stop) == (
        "a-1",
        "7",
        10,
        4,
        18_905,
        None,
    )
    assert (told.status, told.type, told.tif) == (
        OrderStatus.PARTIALLY_FILLED,
        OrderType.LIMIT,
        TimeInForce.GTC,
    )
    assert terms_of(order(orderType="STP", auxPrice=180.0), SHARE) == (10, None, 18_000)
    with pytest.raises(DataError, match="expected a type of order, found REL"):
        terms_of(order(orderType="REL"), SHARE)


@pytest.mark.parametrize(
    ("state", "filled", "status"),
    [
        ("PendingSubmit", 0, OrderStatus.PENDING_NEW),
        ("PreSubmitted", 0, OrderStatus.WORKING),
        ("PendingCancel", 3, OrderStatus.PARTIALLY_FILLED),
        ("Filled", 10, OrderStatus.FILLED),
        ("ApiCancelled", 3, OrderStatus.CANCELED),
        ("Inactive", 0, OrderStatus.REJECTED),
        ("Inactive", 3, OrderStatus.CANCELED),
    ],
)
def test_each_word_for_how_an_order_stands_means_one_status(
    state: str, filled: int, status: OrderStatus
) -> None:
    assert status_of(state, filled) is status


def test_other_terms_leave_the_rest_of_an_order_as_it_was_told() -> None:
    changed = order_with(was := order(), SHARE, 12, 19_001, None)
    assert (changed.totalQuantity, changed.lmtPrice, changed.tif) == (12, 190.01, "GTC")
    assert (was.totalQuantity, was.lmtPrice) == (10.0, 189.05)
    assert not hasattr(changed, "adjustedOrderType"), "what the gateway itself filled in is not said again"


def test_the_versions_of_an_execution_have_one_id() -> None:
    assert id_of("0000e0d5.64f0a1b2.01.02") == id_of("0000e0d5.64f0a1b2.01.01")
    assert (version_of("0000e0d5.64f0a1b2.01.02"), version_of("x")) == (2, 1)


def test_cash_is_that_of_each_currency() -> None:
    rows = [("CashBalance", "12.5", "USD"), ("CashBalance", "99", "BASE"), ("NetLiquidation", "1", "USD")]
    assert cash_of(rows) == {"USD": 12_500_000}
    with pytest.raises(DataError):
        cash_of([("CashBalance", "much", "USD")])


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("20261127:0400-20261127:2000;20261128:CLOSED", True),
        ("20261127:0930-20261127:1600;20261128:CLOSED", False),
        ("20261127:0000-0645,0930-1600", False),
        ("20261127:0000-0645,0650-1600", True),
        ("20261127:CLOSED", False),
        ("20261128:0930-20261128:1600", None),
        ("", None),
    ],
)
def test_hours_are_read_in_their_own_zone(text: str, is_open: bool | None) -> None:
    assert read_hours(text, "US/Eastern").is_open(NOON_NS) is is_open


@pytest.mark.parametrize(
    ("text", "zone"), [("today", "US/Eastern"), ("20261127:0930-20261127:1600", "Mars/Base")]
)
def test_hours_that_are_none_are_said(text: str, zone: str) -> None:
    with pytest.raises(Unreadable, match="bad_hours"):
        read_hours(text, zone)


def test_the_touch_comes_in_parts_and_a_side_can_go() -> None:
    touch = Touch(SHARE)
    assert touch.take(1, 189.98, 300.0)
    assert touch.take(2, 190.02, 200.0)
    assert not touch.take(0, None, 300.0)
    assert touch.take(3, None, 250.0)
    assert not touch.take(4, 190.0, 1.0), "the last trade is no part of the touch"
    quote = touch.quote("ib", 5)
    assert (quote.bid, quote.ask, quote.bid_size, quote.ask_size) == (18_998, 19_002, 300, 250)
    touch.take(1, -1.0, 0.0)
    touch.take(0, None, 100.0)
    quote = touch.quote("ib", 5)
    assert (quote.bid, quote.bid_size) == (0, 0)


def test_a_print_is_read_and_one_without_a_price_is_none() -> None:
    units = TextUnits(SHARE)
    trade = print_of("190.02;150;1795780800123;67854;190.01;true", units, "ib", 9)
    assert trade is not None
    assert (trade.price, trade.size, trade.event_ns) == (19_002, 150, 1_795_780_800_123_000_000)
    assert print_of(";0;1795780800123;67854;190.01;true", units, "ib", 9) is None
    for text in ("190.02;150", "190.02;150;soon;1;1;true", "x;150;1795780800123;1;1;true"):
        with pytest.raises(Unreadable, match="bad_print"):
            print_of(text, units, "ib", 9)


def test_only_closed_minutes_are_kept() -> None:
    row = {"open": 1.0, "high": 2.0, "low": 1.0, "close": 1.5, "volume": 7.0, "average": 1.25, "barCount": 3}
    rows = [SimpleNamespace(date=str(1_795_780_740 + 60 * each), **row) for each in range(2)]
    (bar,) = minutes_of(rows, SHARE, "ib", NOON_NS + NS_PER_S)
    assert (bar.bar.start_ns, bar.bar.open, bar.bar.high, bar.bar.volume, bar.bar.turnover) == (
        1_795_780_740 * NS_PER_S,
        100,
        200,
        7,
        875,
    )
    with pytest.raises(DataError, match="expected a time"):
        minutes_of([SimpleNamespace(date="20261127 09:30:00", **row)], SHARE, "ib", NOON_NS)


def test_a_refusal_says_why_and_what_it_means() -> None:
    assert sentence(201, "Order rejected - reason:No margin") == "No margin (201)"
    assert isinstance(meaning_of(162, "Historical data request pacing violation"), ThrottledError)
    assert isinstance(meaning_of(200, "No security definition"), RejectedError)
    assert [kind_of(code) for code in (103, 10147, 201)] == [
        Refusal.DUPLICATE_ID,
        Refusal.UNKNOWN_ORDER,
        Refusal.OTHER,
    ]
    assert [is_news(code) for code in (2104, 399, 201)] == [True, True, False]


def test_an_order_is_called_by_our_id_where_it_is_ours_and_else_by_its_number() -> None:
    lives = Lives(own=71)
    ours = lives.of(order(orderRef="a-1"))
    assert ours is not None
    assert lives.name_of("anything", 7, is_own=False) == "a-1"
    assert lives.name_of("mi0abc12-4-s1", 8, is_own=False) == "mi0abc12-4-s1", "of a desk with another number"
    assert lives.name_of("my strategy", 9, is_own=False) == "ib-9"
    assert lives.of(order(clientId=3)) is None


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (IbSettings(host="10.0.0.7"), "venues.ib.host: what is sent to a gateway is not encrypted"),
        (IbSettings(port=0), "venues.ib.port: expected a port"),
        (IbSettings(client_id=0), "venues.ib.client_id: expected a number above 0"),
    ],
)
def test_a_setting_that_can_not_be_is_refused(settings: IbSettings, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        check_settings(settings)


@pytest.mark.parametrize(
    ("accounts", "wanted", "live", "wrong"),
    [
        (("DU1",), "", False, ""),
        (("U1",), "U1", True, ""),
        (("DU1", "DU2"), "", False, "the gateway has the accounts DU1, DU2: say which in venues.ib.account"),
        (("DU1",), "DU2", False, "the gateway has the account DU1, venues.ib.account is DU2"),
        (("U1",), "", False, "U1 is a live account, and account.live says that it is a paper one"),
        (("DU1",), "", True, "DU1 is a paper account, and account.live says that it is a live one"),
    ],
)
def test_orders_go_to_the_account_that_is_meant_and_to_no_other(
    accounts: tuple[str, ...], wanted: str, live: bool, wrong: str
) -> None:
    link: Any = SimpleNamespace(accounts=accounts)
    assert asyncio.run(Admission(link, wanted, live=live)._prove()).wrong == wrong
