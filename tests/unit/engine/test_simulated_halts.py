from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from engine.adapters.simulated.halts import PAUSE_NS, VolatilityGuard
from engine.adapters.simulated.market import START_NS, start_after
from engine.clock import NS_PER_S
from engine.model.depth import DepthDelta
from engine.model.market_status import Session, StatusChange
from engine.model.quote import Quote
from engine.model.trade import Trade
from tests.unit.engine.simulated_recorder import Recorder, record


@pytest.fixture(scope="module")
def jumpy() -> Recorder:
    return record(360, symbols=["BA"], events_per_s=25)


def _pause(recorder: Recorder) -> tuple[StatusChange, StatusChange]:
    halted = next(s for s in recorder.statuses if s.session is Session.HALTED)
    resumed = next(s for s in recorder.statuses if s.event_ns > halted.event_ns)
    return halted, resumed


def test_a_share_with_news_halts_within_minutes_and_trades_again(jumpy: Recorder) -> None:
    halted, resumed = _pause(jumpy)
    assert halted.event_ns < START_NS + 150 * NS_PER_S
    assert "five-minute mean" in halted.reason
    assert resumed.session is Session.OPEN
    assert 0 <= resumed.event_ns - halted.event_ns - PAUSE_NS < NS_PER_S


def test_nothing_is_published_while_halted(jumpy: Recorder) -> None:
    halted, resumed = _pause(jumpy)
    silent = [
        message
        for message in jumpy.messages
        if isinstance(message, Quote | Trade | DepthDelta)
        and halted.event_ns < message.event_ns < resumed.event_ns
    ]
    assert silent == []


def test_it_reopens_with_one_auction_print_and_a_wider_market(jumpy: Recorder) -> None:
    _, resumed = _pause(jumpy)
    prints = [trade for trade in jumpy.trades if trade.event_ns == resumed.event_ns]
    assert [(trade.conditions, trade.aggressor) for trade in prints] == [("reopening", None)]
    quiet_ns = START_NS + 30 * NS_PER_S  # before the first news
    before = [q.ask - q.bid for q in jumpy.quotes if q.event_ns < quiet_ns]
    after = [
        q.ask - q.bid
        for q in jumpy.quotes
        if 0 <= q.event_ns - resumed.event_ns < 15 * NS_PER_S and q.bid and q.ask
    ]
    assert sum(after) / len(after) > 1.5 * sum(before) / len(before)


@pytest.mark.no_cover
def test_the_first_seed_shows_a_halt_in_the_first_minutes() -> None:
    recorder = record(240, events_per_s=300)
    halted, resumed = _pause(recorder)
    assert halted.symbol == "XOM"
    assert halted.event_ns < START_NS + 120 * NS_PER_S
    assert resumed.event_ns < START_NS + 240 * NS_PER_S


def test_the_time_of_day_to_begin_at_is_new_yorks_and_later_than_what_was() -> None:
    usual = datetime.fromtimestamp(START_NS / NS_PER_S, UTC)
    assert start_after(0, time(9, 29)) == int(usual.replace(hour=14, minute=29).timestamp()) * NS_PER_S
    day_ns = 86_400 * NS_PER_S
    friday_ns = START_NS + 3 * day_ns
    assert start_after(friday_ns, time(13, 0)) == friday_ns + 3 * day_ns - 1_800 * NS_PER_S
    assert start_after(friday_ns, time(14, 0)) == friday_ns + 1_800 * NS_PER_S
    july_ns = int(datetime(2026, 7, 1, tzinfo=UTC).timestamp()) * NS_PER_S
    assert start_after(july_ns, time(9, 30)) == july_ns + int(13.5 * 3600) * NS_PER_S


@pytest.fixture(scope="module")
def opening() -> Recorder:
    return record(120, symbols=["AAPL"], events_per_s=60, start_ns=start_after(0, time(9, 29)))


def test_who_begins_before_the_open_sees_the_auction_and_a_wide_open(opening: Recorder) -> None:
    opened = next(s for s in opening.statuses if s.session is Session.OPEN)
    assert opened.event_ns == start_after(0, time(9, 30))
    auction = [trade for trade in opening.trades if trade.event_ns == opened.event_ns]
    assert [trade.conditions for trade in auction] == ["opening"]
    widths = [(q.event_ns - opened.event_ns, q.ask - q.bid) for q in opening.quotes if q.bid and q.ask]
    early = [width for since_ns, width in widths if 0 <= since_ns < 10 * NS_PER_S]
    late = [width for since_ns, width in widths if since_ns >= 40 * NS_PER_S]
    assert sum(early) / len(early) > 1.5 * sum(late) / len(late)


def test_a_guard_measures_from_the_mean_of_the_last_five_minutes() -> None:
    guard = VolatilityGuard()
    for second in range(600):
        price = 100_000 if second < 300 else 110_000
        guard.move(price, second * NS_PER_S)
    assert guard.move(110_000, 600 * NS_PER_S) == pytest.approx(0.0, abs=1e-9)
    assert guard.move(115_500, 600 * NS_PER_S + 1) == pytest.approx(0.05)


def test_a_guard_forgets_when_it_is_reset() -> None:
    guard = VolatilityGuard()
    guard.move(100, 0)
    guard.reset()
    assert guard.move(200, NS_PER_S) == 0
