"""When shares trade: the calendar, and the phase that the venue is in, which a test may choose."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.venues.alpaca.texts import SECOND_NS

NEW_YORK = ZoneInfo("America/New_York")
OPEN, CLOSE, EARLY = time(9, 30), time(16), time(13)
PHASES = ("closed", "pre", "regular", "closing", "post")
"""`closing` is the last ten minutes: orders for the close are not taken any more."""
SESSION = frozenset({"regular", "closing"})
HOLIDAYS = frozenset(
    date.fromisoformat(day)
    for day in (
        *("2025-01-01", "2025-01-09", "2025-01-20", "2025-02-17", "2025-04-18", "2025-05-26", "2025-06-19"),
        *("2025-07-04", "2025-09-01", "2025-11-27", "2025-12-25"),
        *("2026-01-01", "2026-01-19", "2026-02-16", "2026-04-03", "2026-05-25", "2026-06-19", "2026-07-03"),
        *("2026-09-07", "2026-11-26", "2026-12-25"),
        *("2027-01-01", "2027-01-18", "2027-02-15", "2027-03-26", "2027-05-31", "2027-06-18", "2027-07-05"),
        *("2027-09-06", "2027-11-25", "2027-12-24"),
        *("2028-01-17", "2028-02-21", "2028-04-14", "2028-05-29", "2028-06-19", "2028-07-04", "2028-09-04"),
        *("2028-11-23", "2028-12-25"),
        *("2029-01-01", "2029-01-15", "2029-02-19", "2029-03-30", "2029-05-28", "2029-06-19", "2029-07-04"),
        *("2029-09-03", "2029-11-22", "2029-12-25"),
    )
)
EARLY_CLOSES = frozenset(
    date.fromisoformat(day)
    for day in (
        *("2025-07-03", "2025-11-28", "2025-12-24", "2026-11-27", "2026-12-24", "2027-11-26"),
        *("2028-07-03", "2028-11-24", "2029-07-03", "2029-11-23", "2029-12-24"),
    )
)
FIRST, LAST = date(2025, 1, 1), date(2029, 12, 31)


def is_trading_day(day: date) -> bool:
    """Whether shares trade on a day."""
    return day.weekday() < 5 and day not in HOLIDAYS


def close_of(day: date) -> time:
    """Return when a day ends."""
    return EARLY if day in EARLY_CLOSES else CLOSE


def trading_days(first: date, last: date) -> Iterator[date]:
    """Yield the trading days from one to another, both included."""
    day = max(first, FIRST)
    while day <= min(last, LAST):
        if is_trading_day(day):
            yield day
        day += timedelta(days=1)


def calendar_json(day: date) -> dict[str, str]:
    """Return a day as the calendar has it."""
    session_close = "1700" if day in EARLY_CLOSES else "2000"
    return {
        "date": f"{day}",
        "open": f"{OPEN:%H:%M}",
        "close": f"{close_of(day):%H:%M}",
        "session_open": "0400",
        "session_close": session_close,
    }


def session_ns(day: date) -> tuple[int, int]:
    """Return when the regular session of a day begins and ends."""
    both = (datetime.combine(day, each, NEW_YORK).timestamp() for each in (OPEN, close_of(day)))
    first, last = (int(each) * SECOND_NS for each in both)
    return first, last


def clock_json(now_ns: int, phase: str) -> dict[str, Any]:
    """Return the clock; whether it is open is what the phase says, whatever the hour."""
    seconds, rest = divmod(now_ns, SECOND_NS)
    now = datetime.fromtimestamp(seconds, NEW_YORK)
    ahead = [session_ns(day) for day in trading_days(now.date(), now.date() + timedelta(days=10))]
    close = next(last for _, last in ahead if last > now_ns)
    is_open = phase in SESSION
    opens = next(first for first, _ in ahead if first > (close if is_open else now_ns))
    close = close if is_open else next(last for _, last in ahead if last > opens)
    return {
        "timestamp": f"{now:%Y-%m-%dT%H:%M:%S}.{rest:09}{now.isoformat()[-6:]}",
        "is_open": is_open,
        "next_open": datetime.fromtimestamp(opens / SECOND_NS, NEW_YORK).isoformat(),
        "next_close": datetime.fromtimestamp(close / SECOND_NS, NEW_YORK).isoformat(),
    }
