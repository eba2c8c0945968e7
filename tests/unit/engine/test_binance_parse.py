"""Binance's messages, word for word, and what they mean."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw, json

from engine.adapters.binance import messages as m
from engine.adapters.binance import parse as p
from engine.adapters.binance.history import MINUTE_NS, closed
from engine.adapters.texts import TextUnits, Unreadable
from engine.market.book import OrderBook, Outcome
from engine.model.depth import SequenceRule
from engine.model.instrument import Instrument
from engine.model.market_status import Session
from engine.model.trade import Side

RECEIVED_NS = 1_723_118_400_000_000_000
PAIR = (
    '{"symbol":"ETHUSDT","status":"TRADING","baseAsset":"ETH","baseAssetPrecision":8,"quoteAsset":"USDT",'
    '"quotePrecision":8,"quoteAssetPrecision":8,"orderTypes":["LIMIT","MARKET"],"icebergAllowed":true,"filters":['
    '{"filterType":"PRICE_FILTER","minPrice":"0.01000000","maxPrice":"1000000.00000000","tickSize":"0.01000000"},'
    '{"filterType":"LOT_SIZE","minQty":"0.00010000","maxQty":"9000.00000000","stepSize":"0.00010000"},'
    '{"filterType":"ICEBERG_PARTS","limit":10},{"filterType":"A_NEW_ONE","minQty":{"odd":true}},'
    '{"filterType":"NOTIONAL","minNotional":"5.00000000","applyMinToMarket":true,"maxNotional":"9000000.00000000",'
    '"applyMaxToMarket":false,"avgPriceMins":5}],"permissions":[],"permissionSets":[["SPOT","MARGIN"]]}'
)


def instrument(text: str = PAIR) -> Instrument:
    return p.instrument_of(*m.read_pair(Raw(text.encode())))


def units() -> TextUnits:
    return TextUnits(instrument())


def event(text: str) -> m.Event:
    data = m.decode(f'{{"stream":"ethusdt@x","data":{text}}}'.encode()).data
    assert data is not None
    return data


def test_an_instrument_has_the_steps_of_its_filters_and_the_decimals_that_are_written() -> None:
    found = instrument()
    assert (found.symbol, found.base, found.currency, found.venue) == ("ETHUSDT", "ETH", "USDT", "binance")
    assert (found.tick, found.lot) == (Decimal("0.01"), Decimal("0.0001"))
    assert (found.price_unit, found.size_unit) == (Decimal("1e-8"), Decimal("1e-8"))
    assert (found.size_min, found.notional_min) == (Decimal("0.0001"), Decimal(5))
    assert (found.price_decimals, found.size_decimals) == (2, 4)


@pytest.mark.parametrize(
    ("change", "to", "name", "value"),
    [
        ('"maxQty":"9000.00000000"', '"maxQty":"46116860414.00000000"', "size_unit", "0.00001"),
        ('"maxQty":"9000.00000000"', '"maxQty":"92233720368547758.00"', "size_unit", "0.0001"),
        ('"maxPrice":"1000000.00000000"', '"maxPrice":"10000000000.00"', "price_unit", "0.00001"),
        ('"tickSize":"0.01000000"', '"tickSize":"10.00000000"', "tick", "10"),
        ('"tickSize":"0.01000000"', '"tickSize":"0.05000000"', "tick", "0.05"),
        ('"tickSize":"0.01000000"', '"tickSize":"0.00000000"', "tick", "0.00000001"),
        ('"stepSize":"0.00010000"', '"stepSize":"1.00000000"', "lot", "1"),
        ('"NOTIONAL"', '"MIN_NOTIONAL"', "notional_min", "5"),
        ('"filterType":"NOTIONAL"', '"filterType":"OTHER"', "notional_min", "0"),
    ],
)
def test_what_the_filters_say_is_what_the_instrument_has(change: str, to: str, name: str, value: str) -> None:
    assert change in PAIR
    assert getattr(instrument(PAIR.replace(change, to)), name) == Decimal(value)


@pytest.mark.parametrize(
    ("change", "to"),
    [
        ('"quotePrecision":8', '"quotePrecision":-1'),
        ('"quotePrecision":8', '"quotePrecision":4000'),
        ('"tickSize":"0.01000000"', '"tickSize":"-0.01"'),
        ('"tickSize":"0.01000000"', '"tickSize":"NaN"'),
        ('"tickSize":"0.01000000"', '"tickSize":"1e-999999"'),
        ('"tickSize":"0.01000000"', '"tickSize":0.01'),
        ('"maxQty":"9000.00000000"', '"maxQty":"²"'),
        ('"baseAsset":"ETH",', ""),
        ('"filters":[', '"filters":{},"x":['),
    ],
)
def test_a_pair_whose_rules_are_none_is_refused(change: str, to: str) -> None:
    assert change in PAIR
    with pytest.raises(Unreadable):
        instrument(PAIR.replace(change, to))


@pytest.mark.parametrize(
    ("status", "session", "reason"),
    [
        ("TRADING", Session.OPEN, ""),
        ("BREAK", Session.HALTED, "Binance says BREAK"),
        ("\x1b[2Jodd", Session.HALTED, "Binance says [2Jodd"),
    ],
)
def test_a_pair_trades_only_where_the_venue_says_so(status: str, session: Session, reason: str) -> None:
    change = p.status_of(instrument().symbol, status, RECEIVED_NS)
    assert (change.session, change.reason) == (session, reason)


def test_a_touch_has_a_number_and_no_time() -> None:
    quote = p.quote_of(
        event(
            '{"u":400900217,"s":"ETHUSDT","b":"25.35190000","B":"31.21000000","a":"25.36520000","A":"40.66"}'
        ),
        units(),
        RECEIVED_NS,
    )
    assert (quote.bid, quote.ask) == (2_535_190_000, 2_536_520_000)
    assert (quote.bid_size, quote.ask_size) == (3_121_000_000, 4_066_000_000)
    assert (quote.sequence, quote.event_ns, quote.receive_ns) == (400_900_217, 0, RECEIVED_NS)


@pytest.mark.parametrize(("maker", "side"), [("true", Side.SELL), ("false", Side.BUY)])
def test_a_print_names_the_side_that_took_and_its_own_time(maker: str, side: Side) -> None:
    text = (
        '{"e":"trade","E":1672515782136,"s":"ETHUSDT","t":12345,"p":"0.00100000","q":"100.00000000",'
        f'"T":1672515782135,"m":{maker},"M":true}}'
    )
    trade = p.trade_of(event(text), units(), 12_345, RECEIVED_NS)
    assert (trade.price, trade.size, trade.aggressor) == (100_000, 10_000_000_000, side)
    assert (trade.trade_id, trade.event_ns, trade.sets_last) == (12_345, 1_672_515_782_135 * 10**6, True)


def test_a_print_that_was_read_is_the_same_as_one_that_was_told() -> None:
    (read,) = m.decode_prints(
        b'[{"id":28457,"price":"4.00000100","qty":"12.00000000","quoteQty":"48.000012","time":1499865549590,'
        b'"isBuyerMaker":true,"isBestMatch":true}]'
    )
    told = event(
        '{"e":"trade","s":"","t":28457,"p":"4.00000100","q":"12.00000000","T":1499865549590,"m":true}'
    )
    assert m.event_of(read) == told


def depth(first: int, last: int, bids: str = "", asks: str = "") -> m.Event:
    text = f'"U":{first},"u":{last},"b":[{bids}],"a":[{asks}]'
    return event(f'{{"e":"depthUpdate","E":1672515782136,"s":"ETHUSDT",{text}}}')


def test_a_book_is_read_and_what_came_meanwhile_is_fitted_by_its_numbers() -> None:
    ours = OrderBook(instrument(), SequenceRule.BINANCE_SPOT)
    ours.begin("binance")
    for each in (
        depth(150, 157, '["0.10","9"]'),  # in the snapshot already
        depth(158, 165, '["0.0024","10"]'),  # reaches over it
        depth(166, 166, "", '["0.0026","0.00000000"],["0.0027","3"]'),
    ):
        assert ours.apply_delta(p.delta_of(each, units(), RECEIVED_NS)) is Outcome.BUFFERED
    book = m.decode_book(
        b'{"lastUpdateId":160,"bids":[["0.0024","5"]],"asks":[["0.0026","100"],["0.0028","1"]]}'
    )
    assert ours.apply_snapshot(p.snapshot_of(book, units(), RECEIVED_NS)) is Outcome.APPLIED
    assert (ours.last_id, ours.best_bid, ours.best_ask) == (166, 240_000, 270_000)
    assert ours.bids == {240_000: 10 * 10**8}
    gap = p.delta_of(depth(168, 170), units(), RECEIVED_NS)
    assert ours.apply_delta(gap) is Outcome.LOST


@settings(deadline=None)
@given(st.integers(1, 10**14), st.integers(0, 10**16))
def test_no_number_is_rounded(price: int, size: int) -> None:
    text = f'["{Decimal(price).scaleb(-8):f}","{Decimal(size).scaleb(-8):f}"]'
    delta = p.delta_of(depth(1, 2, text), units(), RECEIVED_NS)
    assert delta.bids == ((price, size),)


def test_a_refused_request_and_an_answer_are_told_apart() -> None:
    refused = m.decode(b'{"code":2,"msg":"Invalid request: unknown variant","id":7}')
    assert (refused.id, refused.code, refused.data) == (7, 2, None)
    wrapped = m.decode(b'{"error":{"code":3,"msg":"Invalid JSON"},"id":8}')
    assert wrapped.error is not None
    assert (wrapped.error.code, wrapped.id) == (3, 8)
    good = m.decode(b'{"result":null,"id":1}')
    assert (good.id, good.code, good.error) == (1, 0, None)


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (b"", "bad_json"),
        (b"\xff", "bad_json"),
        (b"{}", "bad_message"),
        (b'{"result":null}', "bad_message"),
        (b'{"stream":"a"}', "bad_message"),
        (b'{"stream":"a","data":{"e":"trade","t":"x"}}', "bad_message"),
        (b'{"stream":"a","data":{"e":"trade","T":-1}}', "bad_message"),
        (b'{"stream":"a","data":{"e":"depthUpdate","u":9223372036854775808}}', "bad_message"),
    ],
)
def test_what_is_no_message_is_told_by_a_stable_word(frame: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as refused:
        m.decode(frame)
    assert refused.value.reason == reason


NAMES = [
    "stream",
    "data",
    "e",
    "s",
    "E",
    "T",
    "U",
    "u",
    "b",
    "a",
    "B",
    "A",
    "t",
    "p",
    "q",
    "m",
    "id",
    "code",
    "msg",
]


@settings(deadline=None)
@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(NAMES), inner | st.sampled_from(["depthUpdate", "trade", "1.5"]), max_size=6
            )
        ),
    ).map(json.encode)
)
def test_no_frame_does_more_than_being_unreadable(frame: bytes) -> None:
    with suppress(Unreadable):
        data = m.decode(frame).data
        if data is not None:
            for read in (p.delta_of, p.quote_of):
                with suppress(Unreadable):
                    read(data, units(), RECEIVED_NS)
            p.trade_of(data, units(), data.trade_id, RECEIVED_NS)


MINUTE = '[{},"2650.01","2660.00","2649.99","2655.00","2.50000000",{},"6635.02500000",308,"1756.8","28.46694368","0"]'


def test_the_minutes_before_are_exact_and_the_one_that_forms_is_left_out() -> None:
    starts = (1_723_118_280_000, 1_723_118_340_000, 1_723_118_400_000)
    body = "[" + ",".join(MINUTE.format(at, at + 59_999) for at in starts) + "]"
    first, last = (each.bar for each in closed(m.decode_minutes(body.encode()), units(), RECEIVED_NS))
    assert (first.open, first.high) == (265_001_000_000, 266_000_000_000)
    assert (first.low, first.close) == (264_999_000_000, 265_500_000_000)
    assert (first.volume, first.trades) == (250_000_000, 308)
    assert first.turnover == 6_635_025 * 10**13
    assert (first.interval_ns, last.start_ns) == (MINUTE_NS, 1_723_118_340 * 10**9)


@pytest.mark.parametrize(
    "row",
    [
        '[-5,"1","1","1","1","1",1,"1",1]',
        '[99999999999999,"1","1","1","1","1",1,"1",1]',
        '[1723118280000,"x","1","1","1","1",1,"1",1]',
        '[1723118280000,"0","1","1","1","1",1,"1",1]',
        '[1723118280000,"1","1","1","1","-1",1,"1",1]',
        '[1723118280000,"1","1","1","1","1",1,"1e9",1]',
    ],
)
def test_what_is_no_minute_is_refused(row: str) -> None:
    with pytest.raises(Unreadable):
        closed(m.decode_minutes(f"[{row}]".encode()), units(), RECEIVED_NS)
