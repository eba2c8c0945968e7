"""Kraken's messages, word for word, and what they mean."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import json

from engine.adapters.kraken import messages as m
from engine.adapters.kraken import parse as p
from engine.adapters.kraken.history import MINUTE_NS, read_minutes
from engine.adapters.texts import TextUnits, Unreadable
from engine.errors import DataError, RejectedError
from engine.market.book import OrderBook, Outcome
from engine.model.depth import SequenceRule
from engine.model.instrument import Instrument
from engine.model.market_status import Session
from engine.model.trade import Side
from tests.venues.kraken.books import levels_json
from tests.venues.kraken.checksum import checksum, digits

RECEIVED_NS = 1_723_118_400_000_000_000
PAIR = (
    '{"symbol":"BTC/USD","base":"BTC","quote":"USD","status":"online","qty_precision":8,"qty_increment":1e-08,'
    '"price_precision":1,"cost_precision":5,"marginable":true,"has_index":true,"cost_min":0.5,"tick_size":0.1,'
    '"price_increment":0.1,"qty_min":0.0001}'
)
ASKS = [
    ("45285.2", "0.00100000"),
    ("45286.4", "1.54571953"),
    ("45286.6", "1.54571109"),
    ("45289.6", "1.54560911"),
    ("45290.2", "0.15890660"),
    ("45291.8", "1.54553491"),
    ("45294.7", "0.04454749"),
    ("45296.1", "0.35380000"),
    ("45297.5", "0.09945542"),
    ("45299.5", "0.18772827"),
]
BIDS = [
    ("45283.5", "0.10000000"),
    ("45283.4", "1.54582015"),
    ("45282.1", "0.10000000"),
    ("45281.0", "0.10000000"),
    ("45280.3", "1.54592586"),
    ("45279.0", "0.07990000"),
    ("45277.6", "0.03310103"),
    ("45277.5", "0.30000000"),
    ("45277.3", "1.54602737"),
    ("45276.6", "0.15445238"),
]
VENDORS_CHECKSUM = 3_310_070_434
"""That of Kraken's own documentation for these levels."""


def pair(text: str = PAIR) -> m.Pair:
    message = m.decode(f'{{"channel":"instrument","type":"snapshot","data":{{"pairs":[{text}]}}}}'.encode())
    assert isinstance(message, m.InstrumentMessage)
    return m.read_pair(message.data.pairs[0])


def instrument() -> Instrument:
    return p.instrument_of(pair())


def units() -> TextUnits:
    return TextUnits(instrument())


def book(kind: str, body: str) -> m.BookPart:
    message = m.decode(
        f'{{"channel":"book","type":"{kind}","data":[{{"symbol":"BTC/USD",{body}}}]}}'.encode()
    )
    assert isinstance(message, m.BookMessage)
    assert message.type == kind
    return message.data[0]


def vendors_book(proof: int = VENDORS_CHECKSUM) -> m.BookPart:
    sides = f'"bids":[{levels_json(BIDS)}],"asks":[{levels_json(ASKS)}]'
    return book("snapshot", f'{sides},"checksum":{proof}')


def test_the_venues_own_checksum_comes_out_of_our_book_and_of_the_local_venue() -> None:
    ours = OrderBook(instrument(), SequenceRule.KRAKEN_CHECKSUM)
    ours.begin("kraken")
    assert ours.apply_snapshot(p.snapshot_of(vendors_book(), units(), 10, RECEIVED_NS)) is Outcome.APPLIED
    assert ours.checksum() == VENDORS_CHECKSUM == checksum(ASKS, BIDS)


def test_a_snapshot_whose_checksum_is_wrong_is_not_believed() -> None:
    ours = OrderBook(instrument(), SequenceRule.KRAKEN_CHECKSUM)
    ours.begin("kraken")
    wrong = p.snapshot_of(vendors_book(VENDORS_CHECKSUM ^ 1), units(), 10, RECEIVED_NS)
    assert ours.apply_snapshot(wrong) is Outcome.LOST
    assert not ours.synced


def test_the_local_venue_takes_digits_without_point_and_leading_zeros() -> None:
    assert [digits(text) for text in ("0.00100000", "45285.2", "100.00")] == ["100000", "452852", "10000"]


def test_a_book_that_is_not_full_yet_is_cut_at_the_depth_that_was_asked_for() -> None:
    ours = OrderBook(instrument(), SequenceRule.KRAKEN_CHECKSUM)
    ours.begin("kraken")
    few = book("snapshot", f'"bids":[{levels_json(BIDS[:9])}],"asks":[{levels_json(ASKS)}]')
    ours.apply_snapshot(p.snapshot_of(few, units(), 10, RECEIVED_NS))
    more = book("update", f'"bids":[{levels_json([*BIDS[9:], ("45283.6", "1.00000000")])}],"asks":[]')
    ours.apply_delta(p.delta_of(more, units(), RECEIVED_NS))
    assert len(ours.bids) == 10
    assert 452_766 not in ours.bids


def test_changes_keep_every_digit_whatever_way_they_are_written() -> None:
    part = book(
        "update",
        '"bids":[{"price":45283.5,"qty":1e-08},{"price":4.52834e4,"qty":0.5},{"price":"45283.3","qty":"2"}],'
        '"asks":[{"price":45285,"qty":0.00000000}],"checksum":7,"timestamp":"2026-11-24T15:00:01.123456Z"',
    )
    delta = p.delta_of(part, units(), RECEIVED_NS)
    assert delta.bids == ((452_835, 1), (452_834, 50_000_000), (452_833, 200_000_000))
    assert delta.asks == ((452_850, 0),)
    assert (delta.checksum, delta.event_ns) == (7, 1_795_532_401_123_456_000)


@settings(deadline=None)
@given(st.integers(1, 10**9), st.integers(0, 10**17))
def test_no_number_is_rounded(price: int, size: int) -> None:
    text = levels_json([(f"{Decimal(price).scaleb(-1):f}", f"{Decimal(size).scaleb(-8):f}")])
    delta = p.delta_of(book("update", f'"bids":[{text}]'), units(), RECEIVED_NS)
    assert delta.bids == ((price, size),)


def test_a_print_names_the_side_that_took_and_its_own_time() -> None:
    message = m.decode(
        b'{"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"sell","price":45283.5,'
        b'"qty":0.00123,"ord_type":"limit","trade_id":4665906,"timestamp":"2023-09-25T07:49:37.708706Z"}]}'
    )
    assert isinstance(message, m.TradeMessage)
    trade = p.trade_of(message.data[0], units(), RECEIVED_NS)
    assert (trade.price, trade.size, trade.aggressor) == (452_835, 123_000, Side.SELL)
    assert (trade.trade_id, trade.event_ns) == (4_665_906, 1_695_628_177_708_706_000)


def test_a_touch_without_a_side_has_no_price_there() -> None:
    message = m.decode(
        b'{"channel":"ticker","type":"snapshot","data":[{"symbol":"BTC/USD","bid":45283.5,"bid_qty":0.1,'
        b'"ask":null,"ask_qty":null,"last":45283.5,"change_pct":-0.1}]}'
    )
    assert isinstance(message, m.TickerMessage)
    quote = p.quote_of(message.data[0], units(), RECEIVED_NS)
    assert (quote.bid, quote.bid_size, quote.ask, quote.ask_size) == (452_835, 10_000_000, 0, 0)


def test_a_refused_subscription_is_an_answer() -> None:
    answer = m.decode(
        b'{"error":"Currency pair not supported FOO/BAR","method":"subscribe","req_id":3,"success":false,'
        b'"symbol":"FOO/BAR","time_in":"2023-09-25T09:04:31.742599Z","time_out":"2023-09-25T09:04:31.742648Z"}'
    )
    assert isinstance(answer, m.Answer)
    assert (answer.success, answer.symbol, answer.req_id) == (False, "FOO/BAR", 3)


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (b"", "bad_json"),
        (b"\xff", "bad_json"),
        (b'{"channel":"book","type":"update","data":{}}', "bad_message"),
        (b'{"channel":"level3","data":[]}', "bad_message"),
        (b"{}", "bad_message"),
        (b'{"channel":"book","data":[]}', "bad_message"),
    ],
)
def test_what_is_no_message_is_told_by_a_stable_word(frame: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as refused:
        m.decode(frame)
    assert refused.value.reason == reason


@settings(deadline=None)
@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["channel", "type", "data", "method", "symbol", "bids", "price", "qty"]),
                inner | st.sampled_from(["book", "trade", "ticker"]),
                max_size=4,
            )
        ),
    ).map(json.encode)
)
def test_no_frame_does_more_than_being_unreadable(frame: bytes) -> None:
    with suppress(Unreadable):
        assert isinstance(m.decode(frame), m.Message)


@pytest.mark.parametrize(
    ("change", "to"),
    [
        ('"price_precision":1', '"price_precision":-1'),
        ('"qty_precision":8', '"qty_precision":4000'),
        ('"price_increment":0.1', '"price_increment":0.03'),
        ('"price_increment":0.1', '"price_increment":0'),
        ('"qty_increment":1e-08', '"qty_increment":1e-9'),
        ('"qty_increment":1e-08', '"qty_increment":"NaN"'),
        ('"base":"BTC",', ""),
    ],
)
def test_a_pair_whose_rules_contradict_each_other_is_refused(change: str, to: str) -> None:
    assert change in PAIR
    with pytest.raises(Unreadable, match="bad_instrument"):
        p.instrument_of(pair(PAIR.replace(change, to)))


@pytest.mark.parametrize(
    ("system", "of_pair", "session", "reason"),
    [
        ("online", "online", Session.OPEN, ""),
        ("maintenance", "online", Session.HALTED, "Kraken is maintenance"),
        ("online", "post_only", Session.HALTED, "Kraken is post_only"),
        ("\x1b[2Jodd", "online", Session.HALTED, "Kraken is [2Jodd"),
    ],
)
def test_a_pair_trades_only_where_it_and_the_venue_are_online(
    system: str, of_pair: str, session: Session, reason: str
) -> None:
    change = p.status_of(instrument().symbol, system, of_pair, RECEIVED_NS)
    assert (change.session, change.reason) == (session, reason)


def minutes_of(rows: str) -> bytes:
    return f'{{"error":[],"result":{{"XXBTZUSD":[{rows}],"last":1723118400}}}}'.encode()


def test_the_minutes_before_are_exact_and_the_one_that_forms_is_left_out() -> None:
    body = minutes_of(
        '[1723118280,"61000.1","61010.0","60990.0","61005.0","61001.5","2.50000000",12],'
        '[1723118340,"61005.0","61005.0","61005.0","61005.0","0.0","0.00000000",0],'
        '[1723118400,"61005.0","61006.0","61005.0","61006.0","61005.5","1.00000000",3]'
    )
    first, still = (each.bar for each in read_minutes(body, units(), RECEIVED_NS))
    assert (first.open, first.high, first.low, first.close) == (610_001, 610_100, 609_900, 610_050)
    assert (first.volume, first.turnover, first.trades) == (250_000_000, 610_015 * 250_000_000, 12)
    assert (first.interval_ns, still.start_ns) == (MINUTE_NS, 1_723_118_340 * 10**9)
    assert (still.volume, still.turnover) == (0, 0)


def test_a_refused_history_says_what_the_venue_said() -> None:
    with pytest.raises(RejectedError, match="Kraken: EQuery:Unknown asset pair"):
        read_minutes(b'{"error":["EQuery:Unknown asset pair"]}', units(), RECEIVED_NS)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        minutes_of("[1]"),
        minutes_of('[-5,"1","1","1","1","1","1",1]'),
        minutes_of('[1723118280,"x","1","1","1","1","1",1]'),
        minutes_of('[1723118280,"1","1","1","1","1e99","1",1]'),
        minutes_of('[1723118280,"1","1","1","1","nan","1",1]'),
        minutes_of('[1723118280,"0","1","1","1","1","1",1]'),
    ],
)
def test_what_is_no_history_is_refused(body: bytes) -> None:
    with pytest.raises(DataError):
        read_minutes(body, units(), RECEIVED_NS)
