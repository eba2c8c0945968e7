"""Alpaca's market data, word for word, and what it means."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.alpaca import data_messages as m
from engine.adapters.alpaca import data_reading as r
from engine.adapters.texts import Unreadable
from engine.model.market_status import Session
from engine.model.trade import Side
from tests.unit.engine.alpaca_texts import AAPL, BTC

T = TypeVar("T")
AT_NS = 1_795_532_400_123_456_789
"""2026-11-24T15:00:00.123456789Z."""
RECEIVED_NS = AT_NS + 5_000_000
SHARE = 10**9
QUOTE: dict[str, Any] = {
    "T": "q",
    "S": "AAPL",
    "bx": "V",
    "bp": 190.1,
    "bs": 2,
    "ax": "V",
    "ap": 190.12,
    "as": 3,
    "c": ["R"],
    "z": "C",
    "t": "2026-11-24T15:00:00.123456789Z",
}
TRADE: dict[str, Any] = {
    "T": "t",
    "S": "AAPL",
    "i": 7,
    "x": "V",
    "p": 190.115,
    "s": 50,
    "c": ["@"],
    "z": "C",
    "t": "2026-11-24T15:00:00.123456789Z",
}


def read(kind: type[T], told: dict[str, Any]) -> T:
    (message,), faults = m.read_frame(json.dumps([told]).encode())
    assert faults == []
    assert isinstance(message, kind)
    return message


def test_a_touch_is_read_in_units() -> None:
    quote = r.quote_of(read(m.QuoteText, QUOTE), AAPL, "alpaca", RECEIVED_NS)
    assert (quote.bid, quote.ask) == (1_901_000, 1_901_200)
    assert (quote.bid_size, quote.ask_size) == (2 * SHARE, 3 * SHARE)
    assert (quote.event_ns, quote.receive_ns) == (AT_NS, RECEIVED_NS)


def test_a_side_without_a_price_is_empty() -> None:
    quote = r.quote_of(read(m.QuoteText, QUOTE | {"ap": 0, "as": 0}), AAPL, "alpaca", RECEIVED_NS)
    assert (quote.ask, quote.ask_size) == (0, 0)


@pytest.mark.parametrize(
    "found", ["NaN", "sNaN", "Infinity", "1e30", "-1", -1, "1.5.0", None, [], {"bp": 1}, "0." + "1" * 90]
)
def test_what_is_no_number_of_units_can_not_be_read_however_often_it_comes(found: object) -> None:
    told = read(m.QuoteText, QUOTE | {"bp": found})
    for _ in range(2):
        with pytest.raises(Unreadable):
            r.quote_of(told, AAPL, "alpaca", RECEIVED_NS)


@given(st.tuples(*[st.decimals(0, 10**7, places=12)] * 4))
def test_a_touch_keeps_every_digit_that_a_unit_has(numbers: tuple[Decimal, ...]) -> None:
    bid, bid_size, ask, ask_size = numbers
    frame = f'[{{"T":"q","S":"AAPL","bp":{bid:f},"bs":{bid_size:f},"ap":{ask:f},"as":{ask_size:f}}}]'
    (told,), _ = m.read_frame(frame.encode())
    assert isinstance(told, m.QuoteText)
    quote = r.quote_of(told, AAPL, "alpaca", RECEIVED_NS)
    assert (quote.bid, quote.ask) == (in_steps(bid, AAPL.price_unit), in_steps(ask, AAPL.price_unit))
    assert quote.bid_size == (in_steps(bid_size, AAPL.size_unit) if quote.bid else 0)
    assert quote.ask_size == (in_steps(ask_size, AAPL.size_unit) if quote.ask else 0)


def in_steps(number: Decimal, step: Decimal) -> int:
    return round(Fraction(number) / Fraction(step))


def test_a_print_finer_than_a_unit_is_rounded() -> None:
    trade = r.trade_of(read(m.TradeText, TRADE | {"p": 190.11555}), AAPL, "alpaca", RECEIVED_NS)
    assert (trade.price, trade.size, trade.aggressor) == (1_901_156, 50 * SHARE, None)


@pytest.mark.parametrize(
    ("conditions", "sets_last"),
    [(["@"], True), ([" "], True), (["@", "I"], False), (["@", "T"], True), (["W"], False), (None, True)],
)
def test_an_odd_print_does_not_set_the_last_price(conditions: list[str] | None, sets_last: bool) -> None:
    trade = r.trade_of(read(m.TradeText, TRADE | {"c": conditions}), AAPL, "alpaca", RECEIVED_NS)
    assert trade.sets_last is sets_last


def test_a_print_of_coins_says_who_took() -> None:
    told = {"T": "t", "S": "BTC/USD", "p": 61000.55, "s": 0.012345678, "t": TRADE["t"], "i": 9, "tks": "S"}
    trade = r.trade_of(read(m.TradeText, told), BTC, "alpaca", RECEIVED_NS)
    assert (trade.aggressor, trade.size) == (Side.SELL, 12_345_678)


def test_a_size_with_an_exponent_is_a_size() -> None:
    frame = b'[{"T":"t","S":"BTC/USD","p":6.1e4,"s":1e-08,"t":"2026-11-24T15:00:00Z","i":9,"tks":"B"}]'
    (message,), _ = m.read_frame(frame)
    assert isinstance(message, m.TradeText)
    trade = r.trade_of(message, BTC, "alpaca", RECEIVED_NS)
    assert (trade.price, trade.size) == (61_000 * 10**9, 10)


def test_a_book_is_whole_or_changes() -> None:
    told = {
        "T": "o",
        "S": "BTC/USD",
        "t": TRADE["t"],
        "b": [{"p": 60999.5, "s": 1}],
        "a": [{"p": 61001, "s": 0}],
    }
    change = r.delta_of(read(m.BookText, told), BTC, "alpaca", RECEIVED_NS)
    assert (change.bids, change.asks) == (((60_999_500_000_000, SHARE),), ((61_001 * 10**9, 0),))
    assert read(m.BookText, told | {"r": True}).r
    whole = r.snapshot_of(read(m.BookText, told), BTC, "alpaca", RECEIVED_NS)
    assert whole.bids == change.bids


@pytest.mark.parametrize(
    ("code", "halt"),
    [("H", "News Pending"), ("2", "News Pending"), ("P", "News Pending"), ("T", ""), ("3", ""), ("Q", None)],
)
def test_a_halt_is_told_with_its_reason(code: str, halt: str | None) -> None:
    told = {
        "T": "s",
        "S": "AAPL",
        "sc": code,
        "sm": "Trading Halt",
        "rc": "T1",
        "rm": "News Pending",
        "t": TRADE["t"],
    }
    assert r.halt_of(read(m.StatusText, told)) == halt


def test_a_halted_share_is_halted_and_another_trades() -> None:
    assert r.status_of(AAPL, "alpaca", "News Pending", RECEIVED_NS).session is Session.HALTED
    assert r.status_of(AAPL, "alpaca", "", RECEIVED_NS).session is Session.OPEN
    assert r.status_of(AAPL, "alpaca", "", RECEIVED_NS, is_open=False).session is Session.CLOSED


def test_a_minute_is_read_with_its_turnover() -> None:
    body = {
        "t": "2026-11-24T15:00:00Z",
        "o": 190,
        "h": 191.5,
        "l": 189.25,
        "c": 190.5,
        "v": 1200,
        "n": 14,
        "vw": 190.4,
    }
    bars = m.read_bars(json.dumps({"bars": {"AAPL": [body]}, "next_page_token": None}).encode()).bars
    assert bars is not None
    (told,) = bars["AAPL"] or []
    bar = r.bar_of(told, AAPL, "alpaca", RECEIVED_NS).bar
    assert (bar.open, bar.high, bar.low, bar.close) == (1_900_000, 1_915_000, 1_892_500, 1_905_000)
    assert (bar.volume, bar.turnover, bar.trades) == (1200 * SHARE, 1_904_000 * 1200 * SHARE, 14)


@pytest.mark.parametrize("odd", [{"bp": -1}, {"bp": 1e300}, {"bs": -5}, {"t": "yesterday"}])
def test_a_number_that_is_none_is_refused(odd: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        r.quote_of(read(m.QuoteText, QUOTE | odd), AAPL, "alpaca", RECEIVED_NS)


def test_one_odd_message_does_not_hide_the_others_of_its_frame() -> None:
    frame = json.dumps([QUOTE, {"T": "t", "S": 5}, {"T": "news_of_tomorrow"}, {}, TRADE]).encode()
    messages, faults = m.read_frame(frame)
    assert [type(each) for each in messages] == [m.QuoteText, m.TradeText]
    assert len(faults) == 1


@given(st.binary(max_size=80))
def test_whatever_comes_is_read_or_unreadable(junk: bytes) -> None:
    try:
        messages, _ = m.read_frame(junk)
    except Unreadable:
        return
    assert messages == [] or messages
