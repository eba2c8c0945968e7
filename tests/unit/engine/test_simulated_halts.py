from __future__ import annotations

import pytest

from engine.adapters.simulated.halts import PAUSE_NS, VolatilityGuard
from engine.adapters.simulated.market import START_NS
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
    assert halted.event_ns < START_NS + 300 * NS_PER_S
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
    halted, resumed = _pause(jumpy)
    prints = [trade for trade in jumpy.trades if trade.event_ns == resumed.event_ns]
    assert [(trade.conditions, trade.aggressor) for trade in prints] == [("reopening", None)]
    quiet_ns = halted.event_ns - 150 * NS_PER_S
    before = [q.ask - q.bid for q in jumpy.quotes if q.event_ns < quiet_ns]
    after = [
        q.ask - q.bid
        for q in jumpy.quotes
        if 0 <= q.event_ns - resumed.event_ns < 15 * NS_PER_S and q.bid and q.ask
    ]
    assert sum(after) / len(after) > 1.5 * sum(before) / len(before)


def test_the_first_seed_shows_a_halt_in_the_first_minutes() -> None:
    recorder = record(330, events_per_s=60)
    halted, resumed = _pause(recorder)
    assert halted.symbol == "XOM"
    assert resumed.event_ns < START_NS + 330 * NS_PER_S


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
