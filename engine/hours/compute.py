"""Work out an exchange's sessions in a process of its own, and print them as JSON.

`python -m engine.hours.compute XNYS 2025 2027`. The calendar library brings pandas, which takes a second
and a hundred megabytes: the desk never imports it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import msgspec

from engine.clock import NS_PER_S
from engine.errors import DataError
from engine.hours.schedule import Stretch
from engine.hours.table import SessionTable
from engine.model.market_status import Session

_EXTENDED = frozenset({"XNYS", "XNAS", "XASE", "ARCX", "BATS", "NYSE", "NASDAQ"})
"""Exchanges with trading before (04:00 to 09:30) and after (four hours from the close) the main hours."""
_PRE_NS = (5 * 60 + 30) * 60 * NS_PER_S
_POST_NS = 4 * 60 * 60 * NS_PER_S


def session_table(calendar: str, first_year: int, last_year: int) -> SessionTable:
    """Return an exchange's sessions over whole years, holidays and early closes observed.

    Raises:
        DataError: there is no such calendar.
    """
    import exchange_calendars  # noqa: PLC0415 - heavy, and only this process pays for it

    first, last = f"{first_year}-01-01", f"{last_year}-12-31"
    try:
        found: Any = exchange_calendars.get_calendar(calendar, start=first, end=last)
    except exchange_calendars.errors.CalendarError as error:
        raise DataError(str(error)) from error
    days: Any = found.schedule
    stretches = tuple(
        stretch for row in days.itertuples(index=False) for stretch in _day(calendar, row, days.columns)
    )
    return SessionTable(
        calendar=calendar,
        first_ns=_midnight_ns(first_year),
        last_ns=_midnight_ns(last_year + 1),
        stretches=stretches,
    )


def _day(calendar: str, row: Any, columns: Any) -> Iterator[Stretch]:
    times = {name: _ns(value) for name, value in zip(columns, row, strict=True)}
    opens, closes = times["open"], times["close"]
    if opens is None or closes is None:
        return
    if calendar in _EXTENDED:
        yield opens - _PRE_NS, opens, Session.PRE
    pause, again = times.get("break_start"), times.get("break_end")
    if pause is None or again is None:
        yield opens, closes, Session.OPEN
    else:
        yield opens, pause, Session.OPEN
        yield again, closes, Session.OPEN
    if calendar in _EXTENDED:
        yield closes, closes + _POST_NS, Session.POST


def _ns(moment: Any) -> int | None:
    """Return a pandas timestamp as ns UTC; None for its "not a time"."""
    return None if moment != moment else int(moment.timestamp()) * NS_PER_S  # noqa: PLR0124 - NaT differs from itself


def _midnight_ns(year: int) -> int:
    from datetime import UTC, datetime  # noqa: PLC0415 - likewise

    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * NS_PER_S


def main(arguments: list[str]) -> int:
    """Print a calendar's table; 2 and a sentence when it can't be worked out."""
    try:
        calendar, first_year, last_year = arguments[0], int(arguments[1]), int(arguments[2])
        table = session_table(calendar, first_year, last_year)
    except (DataError, IndexError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.buffer.write(msgspec.json.encode(table))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
