"""The clock of the machine is set back by a day while models predict, trade and are moved: nothing stays young, and nothing waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.clock import NS_PER_S, SimulatedClock
from engine.duties.model_moves import audited_registry, moved_subject
from engine.model.quote import Quote
from engine.rooms import Rooms
from engine.security.audit.heads import verify
from engine.security.audit.log import AuditLog, entries_in
from engine.security.audit.who import at_shell
from engine.security.model_keys import ModelKeys
from tests.engine_rooms import ABC, passes
from tests.model_bench import KEY, NOW_NS, Bench
from tests.serving_bench import TABLE, ServingBench, course, looked, newest, plays
from tests.unit.engine.test_signals_trading import ARM, LIMITS, TRADES, Desk

DAY_S = 86_400
HORIZON_BARS = 3


def set_back(rooms: Rooms) -> None:
    assert isinstance(rooms.clock, SimulatedClock)
    rooms.clock.rewind_to(rooms.clock.now_ns() - DAY_S * NS_PER_S)


def venue_quotes(rooms: Rooms, bid: int) -> None:
    """Let a quote come in with the time of the venue, whose clock was not set back."""
    now_ns = rooms.clock.now_ns()
    rooms.market.on_quote(Quote(ABC, "hand", bid, bid + 2, 500, 500, now_ns + DAY_S * NS_PER_S, now_ns))


def test_what_was_said_does_not_stay_young_for_a_day(tmp_path: Path) -> None:
    bench = ServingBench(tmp_path)
    version = bench.champion()
    with bench.rooms() as rooms:
        looked(rooms)
        plays(rooms, list(course(4, 40)))
        assert newest(rooms, version).probability is not None
        set_back(rooms)
        looked(rooms)
        assert newest(rooms, version).abstained.startswith("stale: its bar ends 86,399 s from now: ")
        for bids in course(5, 30):
            for bid in bids:
                venue_quotes(rooms, bid)
                passes(rooms, 0.25)
        assert newest(rooms, version).abstained.startswith("stale: its bar ends 86,400 s from now: ")


def test_a_venue_whose_clock_is_a_little_ahead_is_heard(tmp_path: Path) -> None:
    bench = ServingBench(tmp_path)
    version = bench.champion()
    with bench.rooms(replace(TABLE, stale_after_bars=0.1)) as rooms:
        looked(rooms)
        plays(rooms, list(course(4, 40)))
        assert isinstance(rooms.clock, SimulatedClock)
        rooms.clock.rewind_to(rooms.clock.now_ns() - NS_PER_S // 2)
        looked(rooms)
        assert not newest(rooms, version).abstained.startswith("stale: its bar ends")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    bench = ServingBench(tmp_path)
    bench.champion(horizon_bars=HORIZON_BARS)
    with bench.rooms(replace(TRADES, limits=replace(LIMITS, cooldown_s=60, orders_a_day=1))) as rooms:
        desk = Desk(rooms)
        desk.handlers.handle(ARM)
        yield desk


def test_a_word_from_another_day_is_no_order_and_an_exit_does_not_wait_for_that_day(desk: Desk) -> None:
    desk.hears(desk.signal())
    passes(desk.rooms, 30)
    set_back(desk.rooms)
    ahead = replace(desk.signal(), bar_end_ns=desk.rooms.clock.now_ns() + DAY_S * NS_PER_S)
    venue_quotes(desk.rooms, 100_000)
    desk.trader.hear(ahead, desk.model)
    assert "its bar ends 86,400.0 s from now by this clock" in desk.model.trading_reason
    assert "its horizon is over" in desk.model.trading_reason
    assert [order.request.reduce_only for order in desk.orders] == [False, True]
    desk.hears(desk.signal())
    assert "it sent 1 orders today, which is its limit" in desk.reason


def test_moves_keep_their_order_in_both_books_whatever_the_clock_says(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    log = AuditLog(bench.data / "audit.log", bench.clock)
    first = bench.champion()
    assert isinstance(bench.clock, SimulatedClock)
    bench.clock.rewind_to(NOW_NS - DAY_S * NS_PER_S)
    second = bench.champion()
    for event in bench.registry.events("daily"):
        log.write(at_shell("model-moved", moved_subject(event)))
        bench.clock.rewind_to(bench.clock.now_ns() - NS_PER_S)
    registry = audited_registry(bench.data, ModelKeys(KEY), bench.clock)
    assert registry.standing("daily").champion == second
    assert registry.standing("daily").were_champion == [first, second]
    assert verify(log.path).entries == 6
    assert [entry.number for entry in entries_in(log.path)] == [1, 2, 3, 4, 5, 6]
