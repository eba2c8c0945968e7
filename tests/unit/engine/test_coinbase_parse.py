"""Coinbase's messages, word for word, and what they mean."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw, json

from engine.adapters.coinbase import messages as m
from engine.adapters.coinbase import parse as p
from engine.adapters.coinbase.enquiry import told_elsewhere
from engine.adapters.coinbase.history import MINUTE_NS, closed
from engine.adapters.texts import TextUnits, Unreadable
from engine.market.book import OrderBook, Outcome
from engine.model.depth import SequenceRule
from engine.model.instrument import Instrument, Symbol
from engine.model.market_status import Session
from engine.model.trade import Side

RECEIVED_NS = 1_795_752_000_000_000_000
PRODUCT = (
    '{"product_id":"BTC-USD","price":"65000.01","price_percentage_change_24h":"1.2","base_increment":"0.00000001",'
    '"quote_increment":"0.01","quote_min_size":"1","quote_max_size":"150000000","base_min_size":"0.00000001",'
    '"base_max_size":"3400","base_name":"Bitcoin","quote_name":"US Dollar","watched":true,"is_disabled":false,"new":false,'
    '"status":"online","cancel_only":false,"limit_only":false,"post_only":false,"trading_disabled":false,'
    '"auction_mode":false,"product_type":"SPOT","quote_currency_id":"USD","base_currency_id":"BTC",'
    '"fcm_trading_session_details":null,"alias":"","alias_to":["BTC-USDC"],"price_increment":"0.01"}'
)
BOOK = (
    '{"channel":"l2_data","client_id":"","timestamp":"2026-11-24T15:00:00.123456789Z","sequence_num":3,"events":['
    '{"type":"snapshot","product_id":"BTC-USD","updates":['
    '{"side":"bid","event_time":"1970-01-01T00:00:00Z","price_level":"65000.00","new_quantity":"1.5"},'
    '{"side":"bid","event_time":"1970-01-01T00:00:00Z","price_level":"64999.99","new_quantity":"0.00000001"},'
    '{"side":"offer","event_time":"1970-01-01T00:00:00Z","price_level":"65000.02","new_quantity":"2"}]}]}'
)
CHANGE = (
    '{"type":"update","product_id":"BTC-USD","updates":['
    '{"side":"offer","event_time":"2026-11-24T15:00:01Z","price_level":"65000.02","new_quantity":"0"},'
    '{"side":"offer","event_time":"2026-11-24T15:00:01Z","price_level":"65000.03","new_quantity":"0.25"}]}'
)
TRADES = (
    '[{"type":"update","trades":[{"trade_id":"880123","product_id":"BTC-USD","price":"65000.02","size":"0.125",'
    '"side":"SELL","time":"2026-11-24T15:00:00.5Z"}]}]'
)


def product(text: str = PRODUCT) -> m.Product:
    return m.read_product(Raw(text.encode()))


def instrument(text: str = PRODUCT) -> Instrument:
    return p.instrument_of(product(text))


def units() -> TextUnits:
    return TextUnits(instrument())


def book_event(text: str) -> m.BookEvent:
    (event,) = m.read_books(f"[{text}]".encode())
    return event


def match(**changes: object) -> m.Match:
    found = json.decode(TRADES)[0]["trades"][0] | changes
    return m.read_trades(json.encode([{"trades": [found]}]))[0].trades[0]


def test_an_instrument_has_the_steps_of_the_product_and_room_for_finer_levels() -> None:
    found = instrument()
    assert (found.symbol, found.base, found.currency, found.venue) == ("BTC-USD", "BTC", "USD", "coinbase")
    assert (found.tick, found.lot) == (Decimal("0.01"), Decimal("1e-8"))
    assert (found.price_unit, found.size_unit) == (Decimal("1e-8"), Decimal("1e-8"))
    assert (found.size_min, found.notional_min) == (Decimal("1e-8"), Decimal(1))
    assert (found.price_decimals, found.size_decimals) == (2, 8)


@pytest.mark.parametrize(
    ("change", "to", "name", "value"),
    [
        ('"price_increment":"0.01"', '"price_increment":"0.05"', "tick", Decimal("0.05")),
        (',"price_increment":"0.01"', "", "tick", Decimal("0.01")),
        ('"price_increment":"0.01"', '"price_increment":"0.000000000001"', "price_unit", Decimal("1e-12")),
        ('"base_increment":"0.00000001"', '"base_increment":"1"', "lot", Decimal(1)),
        ('"base_max_size":"3400"', '"base_max_size":"410000000000"', "size_unit", Decimal("1e-8")),
        ('"base_currency_id":"BTC"', '"base_currency_id":""', "base", "BTC"),
        ('"quote_min_size":"1"', '"quote_min_size":""', "notional_min", Decimal(0)),
    ],
)
def test_an_instrument_follows_its_product(change: str, to: str, name: str, value: object) -> None:
    assert getattr(instrument(PRODUCT.replace(change, to)), name) == value


def test_many_coins_need_no_dust() -> None:
    coarse = PRODUCT.replace('"base_increment":"0.00000001"', '"base_increment":"1"')
    found = instrument(coarse.replace('"base_max_size":"3400"', '"base_max_size":"410000000000"'))
    assert (found.lot, found.size_unit) == (Decimal(1), Decimal("1e-4"))


@pytest.mark.parametrize(
    ("change", "to"),
    [
        ('"base_increment":"0.00000001"', '"base_increment":"0"'),
        ('"base_increment":"0.00000001"', '"base_increment":"a bit"'),
        ('"price_increment":"0.01"', '"price_increment":"-0.01"'),
        ('"price_increment":"0.01"', f'"price_increment":"0.{"0" * 30}1"'),
        ('"quote_min_size":"1"', '"quote_min_size":"1e9"'),
        ('"product_id":"BTC-USD"', '"product_id":7'),
    ],
)
def test_a_product_whose_rules_make_no_sense_is_refused(change: str, to: str) -> None:
    with pytest.raises(Unreadable):
        instrument(PRODUCT.replace(change, to))


def test_a_product_that_is_told_by_another_name_says_so() -> None:
    shared = PRODUCT.replace('"alias":""', '"alias":"BTC-USD"').replace('_id":"BTC-USD"', '_id":"BTC-USDC"')
    assert told_elsewhere(product(shared)) == (
        "Coinbase tells the market of BTC-USDC as BTC-USD: ask for BTC-USD"
    )
    assert told_elsewhere(product()) == ""
    assert m.named(Raw(shared.encode())) == m.Named("BTC-USDC", "BTC-USD")
    assert m.named(Raw(b"[]")) == m.Named()


@pytest.mark.parametrize(
    ("status", "mode", "session", "reason"),
    [
        ("online", "", Session.OPEN, ""),
        ("", "", Session.OPEN, ""),
        ("offline", "", Session.HALTED, "Coinbase says offline"),
        ("del\x1b[2Jisted", "", Session.HALTED, "Coinbase says del[2Jisted"),
        ("online", "post_only", Session.HALTED, "Coinbase says post only"),
        ("online", "auction_mode", Session.HALTED, "Coinbase says in auction"),
        ("online", "cancel_only", Session.HALTED, "Coinbase says cancel only"),
        ("online", "trading_disabled", Session.HALTED, "Coinbase says trading is disabled"),
        ("online", "limit_only", Session.OPEN, ""),
    ],
)
def test_a_product_trades_where_it_is_online_and_orders_can_meet(
    status: str, mode: str, session: Session, reason: str
) -> None:
    found = product(PRODUCT.replace(f'"{mode}":false', f'"{mode}":true'))
    change = p.status_of(Symbol("BTC-USD"), status, p.mode_of(found), RECEIVED_NS)
    assert (change.session, change.reason) == (session, reason)


def test_a_book_and_its_changes_are_exact_and_follow_each_other_by_our_count() -> None:
    envelope = m.read_envelope(BOOK.encode())
    assert (envelope.channel, envelope.sequence_num) == (m.BOOKS, 3)
    (event,) = m.read_books(envelope.events)
    book = OrderBook(instrument(), SequenceRule.CONTIGUOUS)
    assert book.apply_snapshot(p.snapshot_of(event, units(), 7, 5, RECEIVED_NS)) is Outcome.APPLIED
    assert book.bids == {6_500_000_000_000: 150_000_000, 6_499_999_000_000: 1}
    assert book.apply_delta(p.delta_of(book_event(CHANGE), units(), 8, 6, RECEIVED_NS)) is Outcome.APPLIED
    assert book.asks == {6_500_003_000_000: 25_000_000}
    assert (book.event_ns, book.best_ask) == (6, 6_500_003_000_000)
    assert book.apply_delta(p.delta_of(book_event(CHANGE), units(), 10, 7, RECEIVED_NS)) is Outcome.LOST


def test_a_print_names_the_side_that_rested() -> None:
    (event,) = m.read_trades(TRADES.encode())
    trade = p.trade_of(event.trades[0], units(), RECEIVED_NS)
    assert (trade.price, trade.size, trade.aggressor) == (6_500_002_000_000, 12_500_000, Side.BUY)
    assert (trade.trade_id, trade.event_ns) == (880_123, 1_795_532_400_500_000_000)
    assert p.trade_of(match(side="buy"), units(), RECEIVED_NS).aggressor is Side.SELL
    assert p.trade_of(match(side="UNKNOWN_ORDER_SIDE"), units(), RECEIVED_NS).aggressor is None
    assert p.trade_of(match(trade_id=77), units(), RECEIVED_NS).trade_id == 77


@pytest.mark.parametrize("trade_id", [-1, "", "-1", "1.5", "9" * 30, "٣", "x", 1 << 63])
def test_an_id_that_is_none_is_refused(trade_id: object) -> None:
    with pytest.raises(Unreadable):
        p.trade_of(match(trade_id=trade_id), units(), RECEIVED_NS)


def test_a_touch_has_sizes_where_the_feed_tells_them() -> None:
    touch = p.quote_of(units(), ("65000.00", "1.5"), ("65000.02", ""), 5, RECEIVED_NS)
    assert (touch.bid, touch.ask) == (6_500_000_000_000, 6_500_002_000_000)
    assert touch.bid_size == 150_000_000
    with pytest.raises(Unreadable):
        p.quote_of(units(), ("", ""), ("65000.02", ""), 5, RECEIVED_NS)


def test_a_time_has_nanoseconds_and_is_exact_to_the_microsecond() -> None:
    moment = m.read_envelope(BOOK.encode()).timestamp
    assert moment is not None
    assert moment.isoformat() == "2026-11-24T15:00:00.123457+00:00"


MINUTE = (
    '{{"start":"{}","low":"64999.99","high":"65002.00","open":"65000.01","close":"65001.00","volume":"2.5"}}'
)


def test_the_minutes_before_are_exact_in_order_and_the_one_that_forms_is_left_out() -> None:
    starts = (RECEIVED_NS // 10**9 - back for back in (0, 60, 120))
    body = f'{{"candles":[{",".join(map(MINUTE.format, starts))}]}}'
    first, last = (each.bar for each in closed(m.read_candles(body.encode()).candles, units(), RECEIVED_NS))
    assert (first.open, first.high) == (6_500_001_000_000, 6_500_200_000_000)
    assert (first.low, first.close) == (6_499_999_000_000, 6_500_100_000_000)
    assert (first.volume, first.trades, first.interval_ns) == (250_000_000, 0, MINUTE_NS)
    assert first.low * first.volume < first.turnover < first.high * first.volume
    assert last.start_ns - first.start_ns == MINUTE_NS


@pytest.mark.parametrize(
    "text",
    [
        MINUTE.format(-5),
        MINUTE.format(0),
        MINUTE.format("9" * 11),
        MINUTE.format(60).replace("64999.99", "0"),
        MINUTE.format(60).replace('"2.5"', '"-2"'),
        MINUTE.format(60).replace('"2.5"', "2.5"),
        MINUTE.format(60).replace("65001.00", "x"),
    ],
)
def test_what_is_no_minute_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        closed(m.read_candles(f'{{"candles":[{text}]}}'.encode()).candles, units(), RECEIVED_NS)


NAMES = [
    "type",
    "product_id",
    "updates",
    "side",
    "price_level",
    "new_quantity",
    "trades",
    "tickers",
    "trade_id",
    "price",
]
NAMES += [
    "size",
    "time",
    "best_bid",
    "products",
    "id",
    "status",
    "subscriptions",
    "candles",
    "start",
    "channel",
    "events",
]
READERS = (m.read_books, m.read_trades, m.read_tickers, m.read_statuses, m.read_subscribed, m.read_products)


@settings(deadline=None)
@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(NAMES), inner | st.sampled_from(["update", "bid", "1.5"]), max_size=6
            )
        ),
    ).map(json.encode)
)
def test_no_text_does_more_than_being_unreadable(text: bytes) -> None:
    with suppress(Unreadable):
        m.read_envelope(text)
    for read in (*READERS, m.read_time, m.read_candles, m.read_product):
        with suppress(Unreadable):
            read(text)
    with suppress(Unreadable):
        for event in m.read_books(text):
            p.delta_of(event, units(), 1, 0, RECEIVED_NS)
    with suppress(Unreadable):
        for found in m.read_trades(text):
            for each in found.trades:
                p.trade_of(each, units(), RECEIVED_NS)
