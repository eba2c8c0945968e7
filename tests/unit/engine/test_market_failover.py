"""Several sources of one symbol: one speaks, and what it says is never lost, doubled or believed against the others."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clock import NS_PER_MS
from engine.config import FailoverSettings, MarketSettings
from engine.market.bars import MINUTE_NS
from engine.market.market import Market
from engine.market.translation import Translation
from engine.model.depth import DepthDelta, SequenceRule
from engine.model.instrument import Instrument
from engine.model.market_state import Trust
from engine.model.market_status import Session, StatusChange
from engine.model.quote import Quote
from engine.model.trade import Side
from tests.unit.engine.failover_bench import COARSE, COIN, MIDDLE, NOON_NS, OURS, THEIRS, Desk


@pytest.fixture
def desk() -> Desk:
    desk = Desk("kraken")
    desk.passes(3)
    return desk


def test_the_first_in_rank_speaks_and_the_others_only_stand_by(desk: Desk) -> None:
    assert desk.source == desk.state.source == "binance"
    assert desk.market.counters.quotes == 12
    assert (desk.state.bid, desk.state.ask) == (5_999_999, 6_000_001)
    assert desk.told == []


def test_one_that_falls_silent_gives_way_and_its_place_is_taken_in_our_units(desk: Desk) -> None:
    desk.first.speaks = False
    desk.passes(4.9)
    assert desk.source == "binance"
    desk.passes(0.6)
    assert desk.source == desk.state.source == "kraken"
    assert desk.told == ["BTCUSDT comes from kraken now; binance: has been silent for 5 s"]
    assert (desk.state.bid, desk.state.ask) == (5_999_990, 6_000_010)
    assert (desk.state.bid_size, desk.state.ask_size) == (500_000, 700_000)
    assert desk.state.trust(desk.clock.now_ns()) is Trust.GOOD


def test_a_connection_that_ends_is_reason_at_once(desk: Desk) -> None:
    desk.first.speaks = False
    desk.first.channel.on_disconnected("binance", (OURS,), "reset")
    assert desk.state.trust(desk.clock.now_ns()) is Trust.DISTRUSTED
    desk.passes(0.25)
    assert desk.source == "kraken"
    assert desk.state.trust(desk.clock.now_ns()) is Trust.GOOD


def test_nobody_takes_over_who_is_not_well_himself(desk: Desk) -> None:
    desk.first.speaks = desk.others[0].speaks = False
    desk.passes(20)
    assert desk.source == "binance"
    assert desk.state.trust(desk.clock.now_ns()) is Trust.STALE
    desk.others[0].speaks = True
    desk.passes(1.75)
    assert desk.source == "binance", "a single word is not enough"
    desk.passes(0.5)
    assert desk.source == "kraken"


def test_the_first_may_take_a_moment_to_say_its_first_word() -> None:
    desk = Desk("kraken")
    desk.first.speaks = False
    desk.passes(9.75)
    assert desk.source == "binance"
    desk.passes(0.5)
    assert desk.source == "kraken"


def test_what_the_first_never_listed_nobody_stands_by_for_until_it_does() -> None:
    desk = Desk("kraken", lists=False)
    desk.first.speaks = False
    desk.others[0].list()
    desk.passes(30)
    assert OURS not in desk.market.states
    desk.first.list()
    desk.passes(2.5)
    assert desk.source == desk.state.source == "kraken"


def test_it_comes_back_only_after_it_was_well_for_a_while_without_a_break(desk: Desk) -> None:
    desk.first.speaks = False
    desk.passes(6)
    desk.first.speaks = True
    desk.passes(29)
    desk.first.speaks = False
    desk.passes(6)
    desk.first.speaks = True
    desk.passes(30)
    assert desk.source == "kraken"
    desk.passes(0.5)
    assert desk.source == desk.state.source == "binance"
    assert desk.told[-1] == "BTCUSDT comes from binance now; binance is well again"
    assert desk.state.bid == 5_999_999


def test_a_book_that_stays_broken_is_reason_and_the_other_book_is_there_as_a_whole(desk: Desk) -> None:
    (kraken,) = desk.others
    desk.first.snapshot()
    kraken.snapshot()
    book = desk.market.books[OURS]
    assert (book.source, book.synced, book.best_bid) == ("binance", True, 5_999_999)
    desk.first.change(9, missing=3)
    assert not book.synced
    desk.passes(3)
    assert desk.source == "binance"
    desk.passes(0.5)
    assert desk.source == "kraken"
    assert (book.source, book.synced) == ("kraken", True)
    assert book.levels(Side.BUY, 5) == ((5_999_990, 500_000), (5_999_980, 600_000))
    kraken.change(4)
    assert book.size_at(Side.BUY, 5_999_980) == 400_000
    kraken.change(3, missing=1)
    assert not book.synced, "a gap over there is a gap here"
    kraken.snapshot(20)
    assert book.synced


def test_back_at_the_first_its_numbered_book_goes_on(desk: Desk) -> None:
    desk.first.snapshot()
    desk.others[0].snapshot()
    desk.first.speaks = False
    desk.passes(6)
    assert desk.market.books[OURS].source == "kraken"
    desk.first.speaks = True
    desk.first.change(8)
    desk.passes(31)
    book = desk.market.books[OURS]
    assert (book.source, book.synced, book.rule) == ("binance", True, SequenceRule.CONTIGUOUS)
    assert book.levels(Side.BUY, 5) == ((5_999_999, 5), (5_999_998, 8))
    desk.first.change(2)
    assert book.size_at(Side.BUY, 5_999_998) == 2
    desk.first.change(1, missing=1)
    assert not book.synced


def test_steps_that_are_not_ours_bring_the_touch_alone() -> None:
    desk = Desk("kraken")
    (kraken,) = desk.others
    kraken.instrument = replace(COARSE, price_unit=Decimal("0.008"), tick=Decimal("0.008"))
    kraken.channel.scout = Market(MarketSettings(), desk.clock)
    kraken.list()
    desk.passes(3)
    kraken.snapshot()
    desk.first.speaks = False
    desk.passes(6)
    assert desk.source == "kraken"
    assert (desk.state.bid, desk.state.ask) == (5_999_999, 6_000_001), "rounded away from the middle"
    assert not desk.market.books[OURS].synced


def test_no_print_is_lost_or_doubled_at_a_switch_and_no_minute_twice(desk: Desk) -> None:
    (kraken,) = desk.others
    for minute in range(6):
        desk.first.speaks = minute not in {2, 3}
        for _ in range(4):
            desk.passes(15)
            if desk.first.speaks:
                desk.first.print(10)
            kraken.print(1)
    bars = desk.market.bars.series(OURS, MINUTE_NS).last(10)
    assert [bar.start_ns for bar in bars] == [NOON_NS + n * MINUTE_NS for n in range(len(bars))]
    times = [trade.event_ns for trade in desk.market.tape[OURS]]
    assert times == sorted(set(times))
    missed = [trade for trade in desk.market.tape[OURS] if trade.source == "kraken"]
    assert len(times) == 24, "every quarter of a minute has its print, from whoever spoke"
    assert missed
    assert {trade.size for trade in missed} == {100_000}


def test_two_that_differ_make_the_price_doubtful_until_they_agree(desk: Desk) -> None:
    (kraken,) = desk.others
    kraken.middle = MIDDLE * 101 // 100
    desk.passes(3)
    assert desk.state.trust(desk.clock.now_ns()) is Trust.GOOD, "they move a moment apart"
    desk.passes(0.5)
    assert desk.state.trust(desk.clock.now_ns()) is Trust.DISTRUSTED
    assert desk.state.doubt == "binance and kraken differ by 1.00%"
    kraken.middle = MIDDLE
    desk.passes(0.25)
    assert desk.state.trust(desk.clock.now_ns()) is Trust.GOOD
    assert desk.source == "binance"


def test_of_three_the_one_that_is_alone_gives_way() -> None:
    desk = Desk("kraken", "coinbase")
    desk.passes(3)
    desk.first.middle = MIDDLE * 99 // 100
    desk.passes(3.5)
    assert desk.source == "kraken"
    assert desk.told == ["BTCUSDT comes from kraken now; binance alone differs by 1.01%"]
    assert desk.state.trust(desk.clock.now_ns()) is Trust.GOOD


def test_how_far_they_may_differ_is_a_setting() -> None:
    desk = Desk("kraken", settings=MarketSettings(failover=FailoverSettings(divergence_bps=0)))
    desk.others[0].middle = 2 * MIDDLE
    desk.passes(10)
    assert desk.state.doubt == ""


def test_a_halt_is_told_by_whoever_speaks(desk: Desk) -> None:
    (kraken,) = desk.others
    now_ns = desk.clock.now_ns()
    kraken.channel.on_status(StatusChange(THEIRS, "kraken", Session.HALTED, "cancel_only", now_ns, now_ns))
    assert desk.state.session is Session.OPEN
    desk.first.speaks = False
    desk.passes(6)
    assert (desk.state.session, desk.state.session_reason) == (Session.HALTED, "cancel_only")


units = st.integers(1, 10**12)
steps = st.sampled_from(["0.1", "0.01", "0.008", "0.25", "0.5", "1"])


@given(units, units, steps, steps)
def test_a_touch_becomes_no_better_by_translation(bid: int, spread: int, theirs: str, ours: str) -> None:
    unit, to = Decimal(theirs), Decimal(ours)
    translation = Translation(_in_steps(theirs), _in_steps(ours))
    quote = translation.quote(Quote(THEIRS, "kraken", bid, bid + spread, 1, 1, 1, 1))
    assert quote.bid * to <= bid * unit < (quote.bid + 1) * to
    assert (quote.ask - 1) * to < (bid + spread) * unit <= quote.ask * to
    assert quote.bid < quote.ask


@given(st.lists(st.tuples(units, st.integers(0, 10**9)), max_size=5))
def test_a_book_in_exact_steps_stays_what_it_is(levels: list[tuple[int, int]]) -> None:
    translation = Translation(COARSE, COIN)
    assert translation.is_exact
    delta = DepthDelta(THEIRS, "kraken", tuple(levels), (), 1, 2, 0, NS_PER_MS, NS_PER_MS, 77)
    told = translation.delta(delta)
    assert (told.symbol, told.checksum, told.last_id) == (OURS, None, 0)
    assert [(COIN.price(price), COIN.size(size)) for price, size in told.bids] == [
        (COARSE.price(price), COARSE.size(size)) for price, size in levels
    ]


def _in_steps(step: str) -> Instrument:
    return replace(COIN, price_unit=Decimal(step), tick=Decimal(step))
