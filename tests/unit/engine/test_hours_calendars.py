from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine.hours.hours import MarketHours
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.model.market_status import Session

NEW_YORK = ZoneInfo("America/New_York")


def ny(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).timestamp()) * 1_000_000_000


def listed_on(calendar: str) -> Instrument:
    return Instrument(
        symbol=Symbol("X"),
        venue="V",
        asset_class=AssetClass.EQUITY,
        currency="USD",
        price_unit=Decimal("0.01"),
        tick=Decimal("0.01"),
        size_unit=Decimal(1),
        lot=Decimal(1),
        calendar=calendar,
    )


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("calendars")


@pytest.fixture(scope="module")
def hours(cache: Path) -> MarketHours:
    hours = MarketHours(cache)
    asyncio.run(hours.prepare(["XNYS", "24/7", "FX", "NOPE", "../etc"], 2025, 2026))
    return hours


@pytest.mark.parametrize(
    ("at", "session"),
    [
        ("2026-01-05T03:59:59", Session.CLOSED),
        ("2026-01-05T04:00:00", Session.PRE),
        ("2026-01-05T09:29:59", Session.PRE),
        ("2026-01-05T09:30:00", Session.OPEN),
        ("2026-01-05T15:59:59", Session.OPEN),
        ("2026-01-05T16:00:00", Session.POST),
        ("2026-01-05T20:00:00", Session.CLOSED),
        ("2026-01-04T12:00:00", Session.CLOSED),  # a Sunday
        ("2025-01-09T12:00:00", Session.CLOSED),  # day of mourning for President Carter
        ("2025-06-19T12:00:00", Session.CLOSED),  # Juneteenth
        ("2025-07-03T12:59:59", Session.OPEN),  # closes at 13:00
        ("2025-07-03T13:00:00", Session.POST),
        ("2025-07-03T17:00:00", Session.CLOSED),
        ("2025-07-04T12:00:00", Session.CLOSED),  # Independence Day
        ("2025-11-27T12:00:00", Session.CLOSED),  # Thanksgiving
        ("2025-11-28T12:59:59", Session.OPEN),
        ("2025-11-28T13:00:00", Session.POST),
        ("2025-12-24T13:30:00", Session.POST),
        ("2026-04-03T12:00:00", Session.CLOSED),  # Good Friday
        ("2026-03-06T09:30:00", Session.OPEN),  # before summer time, 14:30 UTC
        ("2026-03-09T09:30:00", Session.OPEN),  # after it, 13:30 UTC
        ("2026-03-09T09:29:59", Session.PRE),
        ("2026-11-02T09:30:00", Session.OPEN),
        ("2026-11-02T16:00:00", Session.POST),
    ],
)
def test_the_new_york_exchange_keeps_its_hours(hours: MarketHours, at: str, session: Session) -> None:
    assert hours.session_at(listed_on("XNYS"), ny(at)) is session


def test_summer_time_moves_the_opening_in_utc(hours: MarketHours) -> None:
    before, after = ny("2026-03-06T09:30:00"), ny("2026-03-09T09:30:00")
    assert after - before == (3 * 24 - 1) * 3_600_000_000_000
    assert hours.next_change_ns(listed_on("XNYS"), after - 1) == after


def test_the_simple_calendars_need_no_other_process(hours: MarketHours) -> None:
    saturday = ny("2026-01-17T12:00:00")
    assert hours.session_at(listed_on("24/7"), saturday) is Session.OPEN
    assert hours.session_at(listed_on("FX"), saturday) is Session.CLOSED


def test_an_unknown_calendar_is_none_and_its_problem_is_told(hours: MarketHours) -> None:
    assert hours.session_at(listed_on("NOPE"), ny("2026-01-05T12:00:00")) is None
    assert "NOPE" in hours.problems["NOPE"]
    assert "expected an exchange's code" in hours.problems["../etc"]
    assert set(hours.problems) == {"NOPE", "../etc"}


def test_what_was_not_prepared_is_none() -> None:
    assert MarketHours().session_at(listed_on("XNYS"), ny("2026-01-05T12:00:00")) is None
    assert MarketHours().session_at(listed_on("24/7"), 0) is Session.OPEN


def test_a_second_start_reads_the_cache(hours: MarketHours, cache: Path) -> None:
    (kept,) = cache.iterdir()
    assert hours.session_at(listed_on("XNYS"), ny("2026-01-05T12:00:00")) is Session.OPEN
    moved = kept.read_bytes().replace(b'"open"', b'"halted"')
    kept.write_bytes(moved)
    again = MarketHours(cache)
    asyncio.run(again.prepare(["XNYS"], 2025, 2026))
    assert again.session_at(listed_on("XNYS"), ny("2026-01-05T12:00:00")) is Session.HALTED
    kept.write_bytes(moved[: len(moved) // 2])
    asyncio.run(again.prepare(["XNYS"], 2025, 2026))
    assert again.session_at(listed_on("XNYS"), ny("2026-01-05T12:00:00")) is Session.OPEN


def test_the_engine_never_imports_pandas_for_its_calendars() -> None:
    code = "import engine.hours.hours, sys; sys.exit('pandas' in sys.modules or 'exchange_calendars' in sys.modules)"
    root = Path(__file__).resolve().parents[3]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


def test_a_calendar_on_the_command_line_must_exist() -> None:
    root = Path(__file__).resolve().parents[3]
    command = [sys.executable, "-m", "engine.hours.compute", "NOPE", "2025", "2026"]
    ended = subprocess.run(command, cwd=root, check=False, capture_output=True, text=True)
    assert ended.returncode == 2
    assert "NOPE" in ended.stderr
    assert "Traceback" not in ended.stderr
