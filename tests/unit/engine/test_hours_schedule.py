from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.hours.fx_week import fx_schedule
from engine.hours.schedule import AlwaysOpen, Schedule
from engine.model.market_status import Session

NEW_YORK = ZoneInfo("America/New_York")


def ny(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).timestamp()) * 1_000_000_000


def test_a_schedule_knows_its_stretches_and_is_closed_between_them() -> None:
    schedule = Schedule(0, 100, [(10, 20, Session.PRE), (20, 30, Session.OPEN), (50, 60, Session.OPEN)])
    asked = {
        9: "closed",
        10: "pre",
        19: "pre",
        20: "open",
        29: "open",
        30: "closed",
        50: "open",
        99: "closed",
    }
    assert {at: schedule.session_at(at) for at in asked} == asked


def test_a_schedule_does_not_guess_outside_its_span() -> None:
    schedule = Schedule(0, 100, [(10, 20, Session.OPEN)])
    assert schedule.session_at(-1) is None
    assert schedule.session_at(100) is None
    assert schedule.next_change_ns(100) is None


def test_the_next_change_is_when_the_session_ends() -> None:
    schedule = Schedule(0, 100, [(10, 20, Session.OPEN), (50, 60, Session.OPEN)])
    assert [schedule.next_change_ns(at) for at in (0, 10, 20, 59, 60)] == [10, 20, 50, 60, None]


def test_a_market_around_the_clock_is_always_open() -> None:
    assert AlwaysOpen().session_at(0) is Session.OPEN
    assert AlwaysOpen().session_at(2**62) is Session.OPEN


def test_the_fx_week_runs_from_sunday_to_friday_five_in_the_evening() -> None:
    week = fx_schedule(2025, 2026)
    assert week.session_at(ny("2026-01-11T16:59:59")) is Session.CLOSED
    assert week.session_at(ny("2026-01-11T17:00:00")) is Session.OPEN
    assert week.session_at(ny("2026-01-14T03:00:00")) is Session.OPEN
    assert week.session_at(ny("2026-01-16T16:59:59")) is Session.OPEN
    assert week.session_at(ny("2026-01-16T17:00:00")) is Session.CLOSED
    assert week.session_at(ny("2026-01-17T12:00:00")) is Session.CLOSED


def test_the_fx_week_follows_new_york_through_both_clock_changes() -> None:
    week = fx_schedule(2025, 2026)
    hours = {}
    for day in ("2026-03-01", "2026-03-08", "2026-10-25", "2026-11-01"):
        edge = ny(f"{day}T17:00:00")
        assert week.session_at(edge - 1) is Session.CLOSED
        assert week.session_at(edge) is Session.OPEN
        hours[day] = edge // 3_600_000_000_000 % 24
    assert hours == {"2026-03-01": 22, "2026-03-08": 21, "2026-10-25": 21, "2026-11-01": 22}


def test_the_fx_week_is_known_at_the_edges_of_its_years() -> None:
    week = fx_schedule(2026, 2026)
    assert week.session_at(ny("2026-01-01T12:00:00")) is Session.OPEN
    assert week.session_at(ny("2026-12-31T12:00:00")) is Session.OPEN
    assert week.session_at(ny("2028-01-03T12:00:00")) is None


@settings(deadline=None)
@given(st.lists(st.integers(1, 999), min_size=2, max_size=20, unique=True).map(sorted), st.integers(0, 999))
def test_a_schedule_agrees_with_a_plain_walk(edges: list[int], now: int) -> None:
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    schedule = Schedule(0, 1_000, [(start, end, Session.OPEN) for start, end in pairs])
    inside = any(start <= now < end for start, end in pairs)
    assert schedule.session_at(now) is (Session.OPEN if inside else Session.CLOSED)
