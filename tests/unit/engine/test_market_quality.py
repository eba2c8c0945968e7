from __future__ import annotations

from itertools import pairwise

import pytest
from msgspec.structs import replace

from engine.config import FilterSettings, MarketSettings
from engine.market.lateness import SourceClock
from engine.model.quote import UNPUBLISHED_SIZE, Quote
from engine.model.trade import Trade
from tests.unit.engine.market_builders import ABC, market_of, quote, state_of, trade

Message = Quote | Trade


def refused(*messages: Message, filters: FilterSettings | None = None) -> dict[str, int]:
    """Return what was refused of these messages, sent in this order."""
    market = market_of(filters)
    for message in messages:
        if isinstance(message, Quote):
            market.on_quote(message)
        else:
            market.on_trade(message)
    return dict(market.counters.refused)


def calm(count: int = 100) -> list[Quote]:
    """Make quotes a tenth of a second apart that hardly move."""
    return [quote(10_000 + n % 3, 10_002 + n % 3, at_s=n / 10) for n in range(count)]


def test_good_quotes_pass() -> None:
    assert refused(*calm()) == {}


CASES: list[tuple[str, list[Message]]] = [
    ("crossed", [quote(10_003, 10_002)]),
    ("outlier", [*calm(), quote(12_000, 12_002, at_s=11)]),
    ("outlier", [*calm(), quote(10_000, 12_002, at_s=11)]),
    ("outlier", [trade(), trade(12_000)]),
    ("stale", [quote(), quote(at_s=100, lag_s=31)]),
    ("stale", [quote(), trade(at_s=-31), Trade(ABC, "feed", 10_001, 1, None, 1, quote().receive_ns)]),
    ("out_of_order", [quote(at_s=1), quote(at_s=0.5)]),
    ("out_of_order", [quote(sequence=7), quote(sequence=6)]),
    ("out_of_order", [trade(trade_id=7), trade(trade_id=6)]),
    ("duplicate", [quote(sequence=7), quote(sequence=7)]),
    ("duplicate", [trade(trade_id=7), trade(trade_id=7)]),
    ("size", [quote(sizes=(0, 10))]),
    ("size", [quote(sizes=(10, -2))]),
    ("size", [quote(sizes=(10, 10**14))]),
    ("size", [trade(size=0)]),
    ("size", [trade(size=10**14)]),
]


@pytest.mark.parametrize(("reason", "messages"), CASES)
def test_a_bad_message_is_refused_and_counted_under_its_reason(reason: str, messages: list[Message]) -> None:
    assert refused(*messages) == {reason: 1}


@pytest.mark.parametrize(("reason", "messages"), CASES)
def test_a_filter_that_is_off_refuses_nothing(reason: str, messages: list[Message]) -> None:
    off = replace(FilterSettings(), **{reason: False})
    assert refused(*messages, filters=off) == {}


def test_filters_are_switched_per_source() -> None:
    settings = MarketSettings(sources={"auction": FilterSettings(crossed=False)})
    market = market_of()
    market._sources.settings = settings
    market.on_quote(quote(10_003, 10_002, source="auction"))
    market.on_quote(quote(10_003, 10_002, source="feed"))
    assert dict(market.counters.refused_by_source) == {("feed", "crossed"): 1}


def test_locked_quotes_are_noted_and_let_in() -> None:
    market = market_of()
    market.on_quote(quote(10_002, 10_002))
    assert market.counters.noted["locked"] == 1
    assert state_of(market).bid == 10_002


def test_locked_quotes_are_refused_by_choice() -> None:
    assert refused(quote(10_002, 10_002), filters=FilterSettings(locked=True)) == {"locked": 1}


@pytest.mark.parametrize(
    "one_sided",
    [quote(10_000, 0, sizes=(5, 0)), quote(0, 10_002, sizes=(0, 5)), quote(0, 0, sizes=(0, 0))],
)
def test_a_missing_side_is_neither_crossed_nor_an_outlier_nor_a_bad_size(one_sided: Quote) -> None:
    assert refused(quote(), one_sided) == {}


def test_sizes_that_are_not_published_are_fine() -> None:
    assert refused(quote(sizes=(UNPUBLISHED_SIZE, UNPUBLISHED_SIZE))) == {}


def test_equal_prints_are_trades_of_their_own() -> None:
    assert refused(trade(), trade(), trade(trade_id=1), trade(trade_id=2)) == {}


def test_quotes_of_one_moment_are_all_let_in() -> None:
    assert refused(quote(), quote(10_001, 10_003), quote()) == {}


def test_a_receiver_whose_clock_is_behind_loses_nothing() -> None:
    """As in the Binance recordings: every message seems to arrive 1.26 s before it happened."""
    assert refused(*(quote(at_s=n, lag_s=-1.26 + n % 5 / 100) for n in range(200))) == {}


def test_lateness_is_measured_against_the_skew() -> None:
    skewed = [quote(at_s=n, lag_s=-1.26) for n in range(10)]
    assert refused(*skewed, quote(at_s=60, lag_s=28)) == {}
    assert refused(*skewed, quote(at_s=60, lag_s=29)) == {"stale": 1}


def test_an_old_first_message_does_not_make_the_fresh_ones_after_it_implausible() -> None:
    """As in the Coinbase capture, which begins with each product's last trade, minutes old."""
    assert refused(trade(at_s=0), quote(at_s=1, lag_s=107), quote(at_s=2)) == {"stale": 1}
    assert refused(quote(at_s=1, lag_s=107), quote(at_s=2), trade(at_s=3)) == {}


def test_a_time_far_in_the_future_is_refused_and_teaches_nothing() -> None:
    counts = refused(quote(), quote(at_s=1, lag_s=-86_400), *(quote(at_s=2 + n) for n in range(5)))
    assert counts == {"stale": 1}


def test_a_queue_that_builds_up_does_not_pass_for_a_skew() -> None:
    growing = [quote(at_s=1000 + 2 * n, lag_s=1.9 * n) for n in range(100)]
    assert refused(*growing)["stale"] == sum(1.9 * n > 30 for n in range(100))


def test_a_clock_that_was_set_is_learned_after_a_steady_minute() -> None:
    clock = SourceClock(30)
    second = 10**9
    assert not clock.is_late(0, 0)
    verdicts = [clock.is_late(3600 * second, n * second) for n in range(1, 70)]
    assert verdicts[0]
    assert not verdicts[-1]


def test_a_lasting_new_level_is_believed_after_five_quotes() -> None:
    moved = [quote(12_000, 12_002, at_s=11 + n / 10) for n in range(20)]
    assert refused(*calm(), *moved) == {"outlier": 4}


def test_strays_that_good_quotes_interrupt_never_make_a_level() -> None:
    mixed: list[Quote] = []
    for n in range(20):
        mixed += [quote(12_000, 12_002, at_s=11 + n), quote(at_s=11.5 + n)]
    assert refused(*calm(), *mixed) == {"outlier": 20}


def test_strays_that_disagree_never_make_a_level() -> None:
    wild = [quote(20_000 + 1000 * n, 20_002 + 1000 * n, at_s=11 + n / 10) for n in range(20)]
    assert refused(*calm(), *wild) == {"outlier": 20}


def test_after_a_long_silence_the_next_price_is_news() -> None:
    assert refused(*calm(), quote(12_000, 12_002, at_s=100)) == {}


def test_a_fast_market_widens_the_band() -> None:
    falling = [quote(10_000 - 5 * n, 10_002 - 5 * n, at_s=n / 100) for n in range(1000)]
    assert refused(*falling) == {}
    assert all(after.bid < before.bid for before, after in pairwise(falling))


def test_a_print_that_does_not_set_the_last_price_is_no_outlier() -> None:
    assert refused(trade(), trade(12_000, sets_last=False)) == {}


def test_a_message_of_an_unlisted_symbol_is_refused() -> None:
    market = market_of()
    stranger = Quote(type(ABC)("ZZZ"), "feed", 1, 2, 1, 1, 0, 1)
    market.on_quote(stranger)
    assert dict(market.counters.refused) == {"unlisted": 1}
