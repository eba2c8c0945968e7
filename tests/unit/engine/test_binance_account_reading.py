"""What Binance's messages about an account mean, and what is written to it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from engine.adapters.binance import account_messages as m
from engine.adapters.binance import account_reading as r
from engine.adapters.binance.refusals import is_undecided, kind_of, reason_of
from engine.adapters.binance.writing import objection, order_terms, smaller_terms
from engine.adapters.texts import Unreadable
from engine.errors import DataError
from engine.messages.reports import CancelReport, ExpireReport, Refusal, RejectReport
from engine.model.fill import Liquidity
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.model.order import OrderRequest, OrderStatus, OrderType, TimeInForce
from engine.model.trade import Side

BTC = Instrument(
    symbol=Symbol("BTCUSDT"),
    venue="binance",
    asset_class=AssetClass.CRYPTO,
    currency="USDT",
    base="BTC",
    price_unit=Decimal("0.01"),
    tick=Decimal("0.01"),
    size_unit=Decimal("0.00001"),
    lot=Decimal("0.00001"),
)
AT_MS = 1_795_553_239_017
TRADE: dict[str, Any] = {
    "e": "executionReport", "E": AT_MS + 1, "s": "BTCUSDT", "c": "k3-1", "S": "BUY", "o": "LIMIT", "f": "GTC",
    "q": "0.50000000", "p": "61000.00000000", "P": "0.00000000", "F": "0.00000000", "g": -1, "C": "", "x": "TRADE",
    "X": "PARTIALLY_FILLED", "r": "NONE", "i": 4293153, "l": "0.20000000", "z": "0.20000000", "L": "60999.50000000",
    "n": "0.00020000", "N": "BTC", "T": AT_MS, "t": 77, "v": 3, "I": 8641984, "w": False, "m": True, "M": False,
    "O": AT_MS - 5, "Z": "12199.90000000", "Y": "12199.90000000", "Q": "0.00000000", "V": "NONE",
}  # fmt: skip
ORDER: dict[str, Any] = {
    "symbol": "BTCUSDT", "orderId": 4293153, "orderListId": -1, "clientOrderId": "k3-1", "price": "61000.00000000",
    "origQty": "0.50000000", "executedQty": "0.20000000", "cummulativeQuoteQty": "12199.90000000",
    "status": "PARTIALLY_FILLED", "timeInForce": "GTC", "type": "LIMIT", "side": "BUY", "stopPrice": "0.00000000",
    "icebergQty": "0.00000000", "time": AT_MS - 5, "updateTime": AT_MS, "isWorking": True,
}  # fmt: skip
READ: dict[str, Any] = {
    "symbol": "BTCUSDT", "id": 77, "orderId": 4293153, "orderListId": -1, "price": "60999.50000000",
    "qty": "0.20000000", "quoteQty": "12199.90000000", "commission": "0.00020000", "commissionAsset": "BTC",
    "time": AT_MS, "isBuyer": True, "isMaker": True, "isBestMatch": True,
}  # fmt: skip


def event(**changes: Any) -> m.Execution:
    return m.read_execution(msgspec.json.encode({**TRADE, **changes}))


def order(**changes: Any) -> m.OrderText:
    return m.read_order(msgspec.json.encode({**ORDER, **changes}))


def request(**terms: Any) -> OrderRequest:
    given: dict[str, Any] = {
        "client_id": "k3-1", "number": 1, "account": "A", "symbol": BTC.symbol, "side": Side.BUY, "quantity": 50_000,
        "type": OrderType.LIMIT, "limit": 6_100_000, "tif": TimeInForce.GTC, "created_ns": 1,
    }  # fmt: skip
    return OrderRequest(**(given | terms))


# Reading


def test_a_fill_is_the_same_fact_on_the_stream_and_when_it_is_read() -> None:
    told = r.fill_of_event(event(), "k3-1", BTC, "A", AT_MS * 1_000_000 + 9)
    (trade,) = m.read_trades(msgspec.json.encode([READ]))
    assert r.fill_of_trade(trade, "k3-1", BTC, "A", AT_MS * 1_000_000 + 9) == told
    assert (told.fill_id, told.price, told.quantity) == ("BTCUSDT-77", 6_099_950, 20_000)
    assert (told.fee_micros, told.fee_currency, told.liquidity) == (200, "BTC", Liquidity.MAKER)
    assert told.event_ns == AT_MS * 1_000_000


def test_a_fill_without_a_fee_has_the_currency_of_its_pair() -> None:
    told = r.fill_of_event(event(n="0", N=None), "k3-1", BTC, "A", 1)
    assert (told.fee_micros, told.fee_currency) == (0, "USDT")


@pytest.mark.parametrize("odd", [{"t": -1}, {"l": "0.00000000"}, {"L": "-1"}, {"S": "?"}, {"T": 10**16}])
def test_an_execution_that_does_not_fit_is_none(odd: dict[str, Any]) -> None:
    with pytest.raises(DataError):
        r.fill_of_event(event(**odd), "k3-1", BTC, "A", 1)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"symbol":"BTCUSDT"}', b'{"symbol":1,"orderId":2}'])
def test_what_is_no_order_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        m.read_order(body)


def test_an_order_has_its_terms_in_units() -> None:
    told = r.order_of(order(), "k3-1", BTC)
    assert (told.venue_id, told.quantity, told.filled) == ("4293153", 50_000, 20_000)
    assert (told.limit, told.stop, told.status) == (6_100_000, None, OrderStatus.PARTIALLY_FILLED)
    assert (told.type, told.tif, told.updated_ns) == (OrderType.LIMIT, TimeInForce.GTC, AT_MS * 1_000_000)


@pytest.mark.parametrize(
    ("status", "kind", "tif", "expected"),
    [
        ("NEW", "LIMIT", "GTC", OrderStatus.WORKING),
        ("PENDING_NEW", "LIMIT", "GTC", OrderStatus.WORKING),
        ("SOMETHING_NEW", "LIMIT", "GTC", OrderStatus.WORKING),
        ("FILLED", "MARKET", "GTC", OrderStatus.FILLED),
        ("CANCELED", "LIMIT", "GTC", OrderStatus.CANCELED),
        ("EXPIRED", "LIMIT", "IOC", OrderStatus.CANCELED),
        ("EXPIRED", "LIMIT", "FOK", OrderStatus.CANCELED),
        ("EXPIRED", "MARKET", "GTC", OrderStatus.CANCELED),
        ("EXPIRED", "STOP_LOSS_LIMIT", "GTC", OrderStatus.EXPIRED),
        ("EXPIRED_IN_MATCH", "LIMIT", "GTC", OrderStatus.CANCELED),
        ("REJECTED", "LIMIT", "GTC", OrderStatus.REJECTED),
    ],
)
def test_a_status_says_whether_an_order_may_still_trade(
    status: str, kind: str, tif: str, expected: OrderStatus
) -> None:
    told = r.order_of(order(status=status, type=kind, timeInForce=tif, executedQty="0"), "k3-1", BTC)
    assert told.status is expected


@pytest.mark.parametrize(
    ("status", "changes", "kind", "words"),
    [
        ("CANCELED", {}, CancelReport, ""),
        ("EXPIRED", {"f": "IOC"}, CancelReport, r.NOT_AT_ONCE),
        ("EXPIRED", {"f": "GTC"}, ExpireReport, "Binance let it expire"),
        ("EXPIRED_IN_MATCH", {}, CancelReport, r.OWN_ORDER),
        ("REJECTED", {"r": "INSUFFICIENT_BALANCES"}, RejectReport, "INSUFFICIENT_BALANCES"),
    ],
)
def test_an_end_is_told_with_its_reason(
    status: str, changes: dict[str, Any], kind: type[CancelReport | ExpireReport | RejectReport], words: str
) -> None:
    told = r.end_of(event(x=status, X=status, z="0.25", **changes), "k3-1", BTC, 1)
    assert isinstance(told, kind)
    assert told.reason == words
    assert isinstance(told, RejectReport) or told.filled == BTC.size_units(Decimal("0.25"))


def test_what_may_still_trade_or_is_filled_has_no_report_of_an_end() -> None:
    assert r.end_of(event(X="NEW"), "k3-1", BTC, 1) is None
    assert r.end_of(event(X="FILLED"), "k3-1", BTC, 1) is None


def test_the_keys_of_an_event_differ_by_case_alone() -> None:
    told = event(c="cancel-1", C="k3-1", l="0.1", L="2", z="3", Z="4", n="5", N="BNB", x="CANCELED", X="NEW")
    assert (told.name, told.original, told.what, told.status) == ("cancel-1", "k3-1", "CANCELED", "NEW")
    assert (told.last_quantity, told.last_price, told.filled) == (Decimal("0.1"), Decimal(2), Decimal(3))


def account(**held: tuple[str, str]) -> m.AccountText:
    balances = [{"asset": coin, "free": free, "locked": locked} for coin, (free, locked) in held.items()]
    return m.read_account(msgspec.json.encode({"canTrade": True, "uid": 7, "balances": balances}))


def test_a_position_is_all_there_is_of_a_coin_to_the_unit_below() -> None:
    told = account(BTC=("1.00000999", "0.50000000"), USDT=("900.5", "99.5"), BNB=("3", "0"))
    assert r.positions(told, [BTC]) == {"BTCUSDT": 150_000}
    assert r.cash_micros(told, [BTC]) == {"USDT": 1_000_000_000}


def test_a_coin_that_is_not_there_is_no_position() -> None:
    assert r.positions(account(BTC=("0.000001", "0")), [BTC]) == {}


def test_an_amount_that_can_not_be_is_refused() -> None:
    with pytest.raises(DataError):
        r.positions(account(BTC=("1e30", "0")), [BTC])


@pytest.mark.parametrize(
    ("client_id", "parts"),
    [("BTCUSDT-12", ("BTCUSDT", 12)), ("k3-1", None), ("never-sent", None), ("web_abc", None)],
)
def test_the_id_of_an_order_from_elsewhere_says_where_it_is(
    client_id: str, parts: tuple[str, int] | None
) -> None:
    assert r.foreign_parts(client_id) == parts


# Refusals


def body(code: int, text: str) -> bytes:
    return msgspec.json.encode({"code": code, "msg": text})


@pytest.mark.parametrize(
    ("status", "code", "text", "words"),
    [
        (400, -1013, "Filter failure: LOT_SIZE", "the size is not on its steps"),
        (400, -1013, "Filter failure: NEW_ONE", "NEW_ONE"),
        (400, -1021, "Timestamp for this request is outside of the recvWindow.", "did not take it"),
        (400, -2010, "Account has insufficient balance for requested action.", "insufficient balance"),
        (401, -2015, "Invalid API-key, IP, or permissions for action.", "does not accept the key"),
        (429, 0, "", "asked too often"),
        (403, 0, "", "answered 403"),
    ],
)
def test_a_refusal_is_told_in_a_sentence(status: int, code: int, text: str, words: str) -> None:
    assert words in reason_of(status, body(code, text))


def test_a_refusal_that_is_no_message_has_a_sentence_too() -> None:
    assert reason_of(403, b"<html>") == "Binance answered 403"


@pytest.mark.parametrize(
    ("status", "code", "undecided"),
    [(400, -1006, True), (408, -1007, True), (400, -1001, True), (503, -1008, True), (400, -1021, False),
     (400, -2010, False), (429, -1003, False), (403, 0, False)],
)  # fmt: skip
def test_a_refusal_says_whether_an_order_was_taken(status: int, code: int, undecided: bool) -> None:
    assert is_undecided(status, body(code, "")) is undecided


def test_a_refusal_says_what_it_means_for_the_order() -> None:
    assert kind_of(body(-2013, "Order does not exist.")) is Refusal.UNKNOWN_ORDER
    assert kind_of(body(-2010, "Duplicate order sent.")) is Refusal.DUPLICATE_ID
    assert kind_of(body(-2010, "Account has insufficient balance for requested action.")) is Refusal.OTHER


# Writing


def test_a_limit_order_is_written_in_the_venues_words() -> None:
    assert order_terms(request(), BTC) == {
        "symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.5",
        "price": "61000", "newClientOrderId": "k3-1", "newOrderRespType": "ACK",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({"type": OrderType.MARKET, "limit": None, "tif": TimeInForce.DAY}, {"type": "MARKET"}),
        ({"post_only": True}, {"type": "LIMIT_MAKER", "price": "61000"}),
        ({"tif": TimeInForce.FOK}, {"type": "LIMIT", "timeInForce": "FOK", "price": "61000"}),
        (
            {"type": OrderType.STOP, "limit": None, "stop": 6_000_050},
            {"type": "STOP_LOSS", "stopPrice": "60000.5"},
        ),
        (
            {"type": OrderType.STOP_LIMIT, "stop": 6_000_000, "side": Side.SELL},
            {
                "type": "STOP_LOSS_LIMIT",
                "timeInForce": "GTC",
                "price": "61000",
                "stopPrice": "60000",
                "side": "SELL",
            },
        ),
    ],
)
def test_each_type_has_the_parameters_that_it_must_have_and_no_more(
    terms: dict[str, Any], expected: dict[str, str]
) -> None:
    always = {"symbol": "BTCUSDT", "side": "BUY", "quantity": "0.5", "newClientOrderId": "k3-1"}
    assert objection(request(**terms)) == ""
    assert order_terms(request(**terms), BTC) == always | {"newOrderRespType": "ACK"} | expected


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"limit": None}, "needs a price"),
        ({"type": OrderType.STOP, "limit": None}, "needs a price"),
        ({"client_id": ""}, "ids of 1 to 36"),
        ({"client_id": "a" * 37}, "ids of 1 to 36"),
        ({"client_id": "k3~1"}, "ids of 1 to 36"),
    ],
)
def test_what_can_not_be_written_is_denied_with_a_sentence(terms: dict[str, Any], words: str) -> None:
    assert words in objection(request(**terms))


def test_numbers_are_written_without_an_exponent() -> None:
    coin = Instrument(
        symbol=Symbol("PEPEUSDT"), venue="binance", asset_class=AssetClass.CRYPTO, currency="USDT", base="PEPE",
        price_unit=Decimal("1e-8"), tick=Decimal("1e-8"), size_unit=Decimal(1), lot=Decimal(1),
    )  # fmt: skip
    told = order_terms(request(limit=905, quantity=12_000_000), coin)
    assert (told["price"], told["quantity"]) == ("0.00000905", "12000000")
    assert smaller_terms("PEPEUSDT", 5, "k3-1", Decimal("1e7"))["newQty"] == "10000000"
