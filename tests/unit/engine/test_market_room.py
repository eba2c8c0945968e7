from __future__ import annotations

import json

from msgspec import structs

from engine.clock import NS_PER_S, SimulatedClock
from engine.config import MarketSettings
from engine.market.bars import MINUTE_NS
from engine.market.market import Market
from engine.model.bar import Bar, RecordedBar
from engine.model.depth import SequenceRule
from engine.model.instrument import Symbol
from engine.model.market_state import Trust
from engine.model.market_status import Session, StatusChange
from engine.model.trade import Side
from engine.ports.market_data import MarketSink
from tests.unit.engine.market_builders import (
    ABC,
    NOON_NS,
    delta,
    instrument,
    market_of,
    quote,
    snapshot,
    state_of,
    trade,
)

HOUR_S = 3600


def test_the_market_is_what_sources_deliver_to() -> None:
    sink: MarketSink = market_of()
    assert sink is not None


def test_a_good_quote_is_written_into_the_state() -> None:
    market = market_of()
    market.on_quote(quote(10_000, 10_002, sizes=(5, 7), lag_s=0.01))
    state = state_of(market)
    assert (state.bid, state.ask, state.bid_size, state.ask_size) == (10_000, 10_002, 5, 7)
    assert (state.quote_receive_ns, state.quote_event_ns) == (NOON_NS, NOON_NS - 10_000_000)
    assert (state.source, state.accepted, state.refused) == ("feed", 1, 0)
    assert state.trust(NOON_NS) is Trust.GOOD
    assert market.dirty == {ABC}


def test_a_quote_grows_stale_by_its_sources_setting() -> None:
    market = market_of()
    market.on_quote(quote())
    assert state_of(market).trust(NOON_NS + 5 * NS_PER_S) is Trust.GOOD
    assert state_of(market).trust(NOON_NS + 5 * NS_PER_S + 1) is Trust.STALE


def test_a_crossed_quote_leaves_the_old_one_standing() -> None:
    market = market_of()
    market.on_quote(quote(10_000, 10_002))
    market.on_quote(quote(10_005, 10_002))
    state = state_of(market)
    assert (state.bid, state.ask, state.refused) == (10_000, 10_002, 1)
    assert state.trust(NOON_NS) is Trust.GOOD


def test_several_crossed_quotes_in_a_row_are_distrusted_until_a_good_one() -> None:
    market = market_of()
    market.on_quote(quote())
    for _ in range(3):
        market.on_quote(quote(10_005, 10_002))
    assert state_of(market).distrust_reason == "crossed 3 times in a row"
    market.on_quote(quote())
    assert state_of(market).distrust_reason == ""
    market.on_quote(quote(10_005, 10_002))
    assert state_of(market).trust(NOON_NS) is Trust.GOOD


def test_repeated_quotes_do_not_make_the_one_that_is_kept_doubtful() -> None:
    market = market_of()
    for _ in range(9):
        market.on_quote(quote(sequence=7))
    assert state_of(market).distrust_reason == ""


def test_a_print_sets_last_and_the_day() -> None:
    market = market_of()
    for price, size in ((10_000, 1), (10_040, 2), (9_980, 3)):
        market.on_trade(trade(price, size, aggressor=Side.SELL))
    state = state_of(market)
    assert (state.last, state.last_size, state.last_side) == (9_980, 3, -1)
    assert (state.day_open, state.day_high, state.day_low) == (10_000, 10_040, 9_980)
    assert (state.day_volume, state.day_turnover) == (6, 10_000 + 2 * 10_040 + 3 * 9_980)
    assert [seen.price for seen in market.tape[ABC]] == [10_000, 10_040, 9_980]


def test_a_print_that_does_not_set_last_counts_for_volume_only() -> None:
    market = market_of()
    market.on_trade(trade(10_000, 1))
    market.on_trade(trade(10_900, 5, sets_last=False))
    state = state_of(market)
    assert (state.last, state.day_high, state.day_volume) == (10_000, 10_000, 6)
    assert len(market.tape[ABC]) == 2


def test_the_tape_is_bounded() -> None:
    market = market_of()
    for number in range(1, 1001):
        market.on_trade(trade(trade_id=number))
    assert len(market.tape[ABC]) == 256
    assert market.tape[ABC][-1].trade_id == 1000


def test_a_day_that_never_closes_rolls_at_midnight_utc() -> None:
    market = market_of()
    market.on_trade(trade(10_000, 4, at_s=12 * HOUR_S - 1))
    market.on_trade(trade(10_050, 1, at_s=12 * HOUR_S))
    state = state_of(market)
    assert (state.prior_close, state.day_open, state.day_volume) == (10_000, 10_050, 1)


def test_the_fx_day_rolls_at_ten_in_the_evening_utc_from_mids() -> None:
    market = market_of(calendar="FX")
    market.on_quote(quote(10_000, 10_002, at_s=10 * HOUR_S - 1))
    assert state_of(market).day_high == 10_001
    market.on_quote(quote(10_020, 10_022, at_s=10 * HOUR_S))
    state = state_of(market)
    assert (state.day_open, state.day_high, state.day_low) == (10_021, 10_021, 10_021)
    assert state.prior_close == 10_001


def test_the_new_york_day_rolls_at_its_own_midnight() -> None:
    market = market_of(calendar="XNYS")
    market.on_trade(trade(10_000, at_s=16 * HOUR_S - 1))
    assert state_of(market).prior_close == 0
    market.on_trade(trade(10_050, at_s=16 * HOUR_S))
    assert state_of(market).prior_close == 10_000


def test_a_quote_of_the_new_day_rolls_it_too() -> None:
    market = market_of()
    market.on_trade(trade(10_000))
    market.on_quote(quote(10_010, 10_012, at_s=12 * HOUR_S))
    state = state_of(market)
    assert (state.prior_close, state.day_open, state.day_volume) == (10_000, 0, 0)


def test_a_halt_is_seen_in_the_state_and_told() -> None:
    market = market_of()
    told: list[Session] = []
    market.listen(on_status=lambda state: told.append(state.session))
    market.on_status(StatusChange(ABC, "feed", Session.HALTED, "volatility", NOON_NS, NOON_NS))
    assert (state_of(market).session, state_of(market).session_reason) == (Session.HALTED, "volatility")
    assert told == [Session.HALTED]


def test_listeners_are_told_after_the_state_was_written() -> None:
    market = market_of()
    quotes: list[int] = []
    trades: list[tuple[int, int]] = []
    market.listen(on_quote=lambda state: quotes.append(state.bid))
    market.listen(on_trade=lambda state, printed: trades.append((state.last, printed.size)))
    market.on_quote(quote(10_000, 10_002))
    market.on_quote(quote(10_009, 10_002))
    market.on_trade(trade(10_001, 9))
    assert quotes == [10_000]
    assert trades == [(10_001, 9)]


def test_a_listener_of_one_symbol_hears_of_that_symbol_only() -> None:
    market = market_of()
    market.on_listed(instrument(Symbol("XYZ")))
    heard: list[tuple[str, int]] = []
    market.listen_to(ABC, lambda state: heard.append((state.symbol, state.bid)))
    market.on_quote(quote(10_000, 10_002))
    market.on_quote(structs.replace(quote(10_000, 10_002), symbol=Symbol("XYZ")))
    assert heard == [(ABC, 10_000)]


def test_a_listener_of_all_hears_of_what_is_listed_before_and_after_it() -> None:
    market = market_of()
    heard: list[str] = []
    market.listen(on_quote=lambda state: heard.append(state.symbol))
    market.on_listed(instrument(Symbol("XYZ")))
    market.on_quote(structs.replace(quote(10_000, 10_002), symbol=Symbol("XYZ")))
    market.on_quote(quote(10_000, 10_002))
    assert heard == ["XYZ", ABC]


def test_where_there_is_only_depth_the_books_top_is_the_quote() -> None:
    market = market_of()
    tops: list[tuple[int, int]] = []
    books: list[int] = []
    market.listen(on_quote=lambda state: tops.append((state.bid, state.ask)))
    market.listen(on_book=lambda book: books.append(book.last_id))
    market.on_snapshot(snapshot(last_id=10))
    market.on_delta(delta(11, bids=((90, 1),)))
    market.on_delta(delta(12, bids=((100, 8),)))
    state = state_of(market)
    assert (state.bid, state.bid_size, state.ask, state.ask_size) == (100, 8, 101, 5)
    assert tops == [(100, 101), (100, 101)]
    assert books == [10, 11, 12]


def test_where_there_are_quotes_the_book_is_for_depth() -> None:
    market = market_of()
    market.on_quote(quote(10_000, 10_002))
    market.on_snapshot(snapshot())
    assert state_of(market).bid == 10_000
    assert market.books[ABC].best_bid == 100


def test_where_quotes_fall_silent_the_book_speaks_for_the_touch() -> None:
    """As at Coinbase, whose ticker quotes only when there is a trade."""
    market = market_of()
    market.on_snapshot(snapshot())
    market.on_quote(quote(100, 102, at_s=-2))
    market.on_delta(delta(11, bids=((100, 8),)))
    market.on_delta(delta(12, bids=((100, 9),)))
    state = state_of(market)
    assert (state.bid, state.bid_size, state.ask) == (100, 9, 101)
    market.on_quote(quote(100, 102, at_s=1))
    assert state.ask == 102


def test_a_lost_book_does_not_discredit_quotes_that_come_on_their_own() -> None:
    market = market_of()
    market.on_snapshot(snapshot())
    market.on_quote(quote(100, 102, at_s=-2))
    market.on_delta(delta(19))
    assert not market.books[ABC].synced
    assert state_of(market).distrust_reason == ""


def test_a_gap_is_counted_distrusted_and_asked_about() -> None:
    market = market_of()
    asked: list[tuple[Symbol, str]] = []
    market.resync_requested = lambda symbol, reason: asked.append((symbol, reason))
    market.on_snapshot(snapshot(last_id=10))
    market.on_delta(delta(12))
    assert dict(market.counters.refused) == {"sequence": 1}
    assert asked == [(ABC, "changes are missing after 10")]
    assert state_of(market).trust(NOON_NS) is Trust.DISTRUSTED
    market.on_snapshot(snapshot(last_id=12))
    assert state_of(market).trust(NOON_NS) is Trust.GOOD


def test_a_snapshot_that_does_not_come_is_asked_for_again_but_not_at_once() -> None:
    clock = SimulatedClock(NOON_NS)
    market = Market(MarketSettings(), clock)
    market.on_listed(instrument(), SequenceRule.CONTIGUOUS)
    asked: list[str] = []
    market.resync_requested = lambda _, reason: asked.append(reason)
    market.on_delta(delta(11))
    market.on_delta(delta(12))
    assert asked == []
    clock.advance_to(NOON_NS + 5 * NS_PER_S)
    market.on_delta(delta(13))
    market.on_delta(delta(14))
    assert asked == ["waiting for a snapshot"]


def test_a_crossed_book_is_counted_and_distrusted_and_not_quoted() -> None:
    market = market_of()
    market.on_snapshot(snapshot())
    market.on_delta(delta(11, bids=((105, 1),)))
    state = state_of(market)
    assert (state.bid, state.distrust_reason) == (100, "the book is crossed")
    market.on_delta(delta(12, bids=((105, 0),)))
    assert state.distrust_reason == ""
    assert _symbol_of(market)["crossed"] == 1


def test_a_book_belongs_to_one_source_until_that_disconnects() -> None:
    market = market_of()
    market.on_snapshot(snapshot(source="first"))
    market.on_snapshot(snapshot(bids=((50, 1),), source="second"))
    assert dict(market.counters.refused) == {"other_source": 1}
    market.on_disconnected("first", (ABC,), "gone")
    market.on_snapshot(snapshot(bids=((50, 1),), source="second"))
    assert state_of(market).bid == 50


def test_a_disconnected_source_is_distrusted_until_it_speaks_again() -> None:
    market = market_of()
    market.on_quote(quote(sequence=900))
    market.on_disconnected("feed", (ABC, Symbol("ZZZ")), "the peer closed")
    assert state_of(market).distrust_reason == "feed is not connected: the peer closed"
    market.on_quote(quote(sequence=1))
    assert state_of(market).trust(NOON_NS) is Trust.GOOD


def test_a_disconnected_book_is_lost() -> None:
    market = market_of()
    market.on_snapshot(snapshot())
    market.on_disconnected("feed", (ABC,), "the peer closed")
    assert not market.books[ABC].synced
    assert state_of(market).trust(NOON_NS) is Trust.DISTRUSTED


def test_a_recorded_bar_stands_for_the_price_where_nothing_finer_is_received() -> None:
    market = market_of()
    for minute, close in ((0, 105), (1, 95)):
        start_ns = NOON_NS + minute * MINUTE_NS
        bar = Bar(ABC, MINUTE_NS, start_ns, 100, 110, 90, close, 10, 1000, 3, closed=True)
        market.on_bar(RecordedBar("file", bar, start_ns))
    state = state_of(market)
    assert (state.last, state.day_open, state.day_high, state.day_low) == (95, 100, 110, 90)
    assert (state.day_volume, state.day_turnover) == (20, 2000)
    assert _symbol_of(market)["bars"] == 2


def test_the_close_of_the_day_before_is_known_from_recorded_bars() -> None:
    market = market_of()
    day_ns = 24 * HOUR_S * NS_PER_S
    for interval_ns, start_ns, close in (
        (day_ns, NOON_NS - 3 * day_ns // 2, 90),
        (MINUTE_NS, NOON_NS - MINUTE_NS, 95),
        (MINUTE_NS, NOON_NS, 96),
    ):
        bar = Bar(ABC, interval_ns, start_ns, 94, 97, 89, close, 10, 1000, 3, closed=True)
        market.on_bar(RecordedBar("file", bar, start_ns))
    state = state_of(market)
    assert (state.prior_close, state.last, state.day_open, state.day_volume) == (90, 96, 94, 20)


def test_a_recorded_bar_from_before_the_newest_is_refused() -> None:
    market = market_of()
    for minute in (1, 0):
        bar = Bar(ABC, MINUTE_NS, NOON_NS + minute * MINUTE_NS, 1, 1, 1, 1, 1, 1, 1, closed=True)
        market.on_bar(RecordedBar("file", bar, NOON_NS))
    assert dict(market.counters.refused) == {"out_of_order": 1}


def test_listing_again_changes_nothing() -> None:
    market = market_of()
    market.on_quote(quote())
    before = state_of(market)
    market.on_listed(instrument())
    assert state_of(market) is before
    assert before.bid == 10_000


def test_unlisted_messages_of_every_kind_are_refused_and_counted() -> None:
    market = Market(MarketSettings(), SimulatedClock(NOON_NS))
    market.on_quote(quote())
    market.on_trade(trade())
    market.on_snapshot(snapshot())
    market.on_delta(delta(1))
    market.on_bar(RecordedBar("feed", Bar(ABC, 1, 1, 1, 1, 1, 1, 1, 1, 1, closed=True), 1))
    market.on_status(StatusChange(ABC, "feed", Session.OPEN, "", 1, 1))
    assert dict(market.counters.refused) == {"unlisted": 6}
    assert market.counters.accepted == 0


def test_malformed_input_is_counted_by_reason_and_source() -> None:
    market = market_of()
    market.on_malformed("feed", "not_a_number", "NaN")
    assert market.summary()["refused"] == {"not_a_number": 1}
    assert market.counters.refused_by_source["feed", "not_a_number"] == 1


def test_a_reset_forgets_what_was_received_and_keeps_the_records_others_hold() -> None:
    market = market_of()
    state, book, version = state_of(market), market.books[ABC], state_of(market).version
    market.on_quote(quote(sequence=7))
    market.on_trade(trade(trade_id=7))
    market.on_snapshot(snapshot())
    market.on_status(StatusChange(ABC, "feed", Session.HALTED, "x", NOON_NS, NOON_NS))
    market.reset()
    assert (state_of(market), market.books[ABC]) == (state, book)
    assert (state.bid, state.last, state.accepted, state.session) == (0, 0, 0, Session.OPEN)
    assert state.version > version
    assert not book.synced
    assert sum(market.counters.events.values()) == 0
    assert market.bars.series(ABC, MINUTE_NS).last(9) == ()
    assert not market.tape[ABC]
    market.on_quote(quote(sequence=7))
    market.on_trade(trade(trade_id=7))
    assert market.counters.refused == {}


def test_the_summary_is_plain_numbers_for_json() -> None:
    market = market_of()
    market.on_quote(quote(10_000, 10_002, sizes=(-1, 5)))
    market.on_trade(trade(10_001, 15))
    market.on_quote(quote(10_003, 10_002))
    summary = json.loads(json.dumps(market.summary()))
    kinds = {"quote": 2, "trade": 1, "snapshot": 0, "delta": 0, "bar": 0, "status": 0, "unreadable": 0}
    assert summary["events"] == kinds
    assert summary["refused"] == {"crossed": 1}
    symbol = summary["symbols"]["ABC"]
    assert (symbol["bid"], symbol["ask"], symbol["last"], symbol["volume"]) == (100.0, 100.02, 100.01, 1.5)
    assert (symbol["bid_size"], symbol["ask_size"]) == (None, 0.5)
    assert (symbol["events"], symbol["crossed"], symbol["resyncs"], symbol["bars"]) == (3, 1, 0, 1)


def _symbol_of(market: Market) -> dict[str, object]:
    symbols = market.summary()["symbols"]
    assert isinstance(symbols, dict)
    found = symbols[ABC]
    assert isinstance(found, dict)
    return found
