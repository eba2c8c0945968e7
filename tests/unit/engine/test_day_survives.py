"""A restart resets neither the day's loss nor the drawdown."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.clock import NS_PER_S, SimulatedClock
from engine.duties.leaving import Leaving
from engine.errors import ConfigError
from engine.handlers import Handlers
from engine.messages.events import AccountMarked
from engine.model.instrument import MICROS
from engine.rooms import Rooms
from tests.engine_rooms import ABC, NOON_NS, buying, composed, passes, quoted

DAY_S = 86_400.0


def _lose(rooms: Rooms) -> None:
    """Buy 100 at 100.02 and see the bid fall to 99.50."""
    Handlers(rooms, Leaving(rooms)).handle(buying(rooms, 100))
    passes(rooms, 1)
    rooms.valuation.revalue()
    quoted(rooms, ABC, 9_950)
    rooms.valuation.revalue()


@pytest.mark.parametrize("on_purpose", [True, False])
def test_the_loss_of_the_day_is_still_there_after_a_restart(tmp_path: Path, *, on_purpose: bool) -> None:
    with composed(tmp_path) as rooms:
        _lose(rooms)
        lost, peak = rooms.account.day_pnl_micros, rooms.account.equity_peak_micros
        assert lost < -40 * MICROS
        if on_purpose:
            Leaving(rooms).finish()
        else:
            rooms.mark()
    with composed(tmp_path) as rooms:
        quoted(rooms, ABC, 9_950)
        rooms.valuation.revalue()
        assert rooms.account.day_pnl_micros == lost
        assert rooms.account.equity_peak_micros == peak


def test_a_new_day_begins_where_the_last_one_ended(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        _lose(rooms)
        equity = rooms.account.equity_micros
        Leaving(rooms).finish()
    with composed(tmp_path, later_s=DAY_S) as rooms:
        quoted(rooms, ABC, 9_960)
        rooms.valuation.revalue()
        assert rooms.account.day_start_equity_micros == equity
        assert rooms.account.day_pnl_micros == rooms.account.equity_micros - equity > 0


def _mark_of(rooms: Rooms, **changes: object) -> AccountMarked:
    return replace(rooms.valuation.mark(), **changes)


@pytest.mark.parametrize(
    ("calendar", "hours"),
    [("24/7", 12.0), ("XNYS", 16.0), ("FX", 10.0)],  # from noon in UTC: midnight, midnight in New York, 22:00
)
def test_the_day_of_an_account_is_that_of_its_calendar(tmp_path: Path, calendar: str, hours: float) -> None:
    with composed(tmp_path, calendar=calendar) as rooms:
        _lose(rooms)
        lost = rooms.account.day_pnl_micros
        passes(rooms, hours * 3_600 - 60)
        rooms.valuation.revalue()
        assert rooms.account.day_pnl_micros == lost < 0
        passes(rooms, 120)
        rooms.valuation.revalue()
        assert rooms.account.day_pnl_micros == 0


def test_a_simulated_account_keeps_new_yorks_days(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        assert rooms.valuation.mark().day_end_ns == NOON_NS + 16 * 3_600 * NS_PER_S


def test_a_day_that_was_written_down_ends_when_it_said_whatever_the_calendar_is_now(tmp_path: Path) -> None:
    with composed(tmp_path, calendar="24/7") as rooms:
        _lose(rooms)
        lost = rooms.account.day_pnl_micros
        rooms.mark()
    with composed(tmp_path, calendar="FX", later_s=11 * 3_600.0) as rooms:  # that of FX ended an hour ago
        quoted(rooms, ABC, 9_950)
        rooms.valuation.revalue()
        assert rooms.account.day_pnl_micros == lost
        passes(rooms, 3_600)
        rooms.valuation.revalue()
        assert rooms.account.day_pnl_micros == 0
        assert rooms.valuation.mark().day_end_ns == NOON_NS + 34 * 3_600 * NS_PER_S


def test_a_mark_from_before_calendars_is_of_a_day_in_utc(tmp_path: Path) -> None:
    day = NOON_NS // (86_400 * NS_PER_S)
    with composed(tmp_path, calendar="24/7") as rooms:
        old = _mark_of(rooms, day=day, day_end_ns=0, day_start_micros=7)
        rooms.valuation.resume(old)
        assert rooms.account.day_start_equity_micros == 7
        rooms.valuation.resume(replace(old, day=day - 1))
        assert rooms.account.day_start_equity_micros == old.equity_micros


def test_time_that_goes_back_before_the_day_began_begins_it_again(tmp_path: Path) -> None:
    with composed(tmp_path, calendar="24/7") as rooms:
        assert isinstance(rooms.clock, SimulatedClock)
        passes(rooms, DAY_S)
        rooms.valuation.revalue()
        rooms.clock.rewind_to(NOON_NS)
        rooms.valuation.revalue()
        assert rooms.valuation.mark().day_end_ns == NOON_NS + 12 * 3_600 * NS_PER_S


def test_a_calendar_that_nobody_keeps_is_refused(tmp_path: Path) -> None:
    refused = pytest.raises(ConfigError, match=r"account\.calendar: expected 24/7, FX or one of XNYS")
    with refused, composed(tmp_path, calendar="MOON"):
        pass
