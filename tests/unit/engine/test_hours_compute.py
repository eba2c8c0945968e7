"""The calendar process's own work, done here in this process."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from engine.errors import DataError
from engine.hours.compute import main, session_table
from engine.hours.table import SessionTable
from engine.model.market_status import Session

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated")
"""The calendar library has not caught up with its own dependency."""


def ns(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**9


def sessions(table: SessionTable, day: str) -> list[tuple[int, int, Session]]:
    first = ns(day)
    return [stretch for stretch in table.stretches if first <= stretch[0] < first + 86_400 * 10**9]


def test_new_york_has_hours_before_and_after_the_main_ones() -> None:
    table = session_table("XNYS", 2024, 2024)
    assert (table.first_ns, table.last_ns) == (ns("2024-01-01"), ns("2025-01-01"))
    assert sessions(table, "2024-08-08") == [
        (ns("2024-08-08T08:00"), ns("2024-08-08T13:30"), Session.PRE),
        (ns("2024-08-08T13:30"), ns("2024-08-08T20:00"), Session.OPEN),
        (ns("2024-08-08T20:00"), ns("2024-08-09T00:00"), Session.POST),
    ]


def test_holidays_are_closed_and_the_day_after_thanksgiving_ends_early() -> None:
    table = session_table("XNYS", 2024, 2024)
    assert sessions(table, "2024-12-25") == []
    assert (ns("2024-11-29T14:30"), ns("2024-11-29T18:00"), Session.OPEN) in sessions(table, "2024-11-29")


def test_hong_kong_pauses_for_lunch_and_has_no_extended_hours() -> None:
    assert sessions(session_table("XHKG", 2024, 2024), "2024-08-08") == [
        (ns("2024-08-08T01:30"), ns("2024-08-08T04:00"), Session.OPEN),
        (ns("2024-08-08T05:00"), ns("2024-08-08T08:00"), Session.OPEN),
    ]


def test_a_calendar_that_is_none_is_a_sentence() -> None:
    with pytest.raises(DataError, match="NOPE"):
        session_table("NOPE", 2024, 2024)


def test_the_table_is_printed_as_json(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["XNYS", "2024", "2024"]) == 0
    printed = capfdbinary.readouterr().out
    assert msgspec.json.decode(printed, type=SessionTable) == session_table("XNYS", 2024, 2024)


@pytest.mark.parametrize("arguments", [[], ["XNYS", "soon", "2024"], ["NOPE", "2024", "2024"]])
def test_bad_arguments_end_with_2_and_a_sentence(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
