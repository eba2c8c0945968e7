"""The interbank week: Sunday 17:00 to Friday 17:00, New York time."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from engine.clock import NS_PER_S
from engine.hours.schedule import Schedule, Stretch
from engine.model.market_status import Session

_SUNDAY = 6
_EDGE = time(17)
_OPEN_FOR = timedelta(days=5)


def fx_schedule(first_year: int, last_year: int) -> Schedule:
    """Return the weeks of whole years; summer time is the zone's own."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - reads the zone files, not needed by the first paint

    zone = ZoneInfo("America/New_York")

    def at(day: date) -> int:
        return int(datetime.combine(day, _EDGE, zone).timestamp()) * NS_PER_S

    first, last = date(first_year, 1, 1), date(last_year + 1, 1, 1)
    day = first - timedelta(days=(first.weekday() - _SUNDAY) % 7)
    stretches: list[Stretch] = []
    while day < last:
        stretches.append((at(day), at(day + _OPEN_FOR), Session.OPEN))
        day += timedelta(days=7)
    return Schedule(stretches[0][0], stretches[-1][1], stretches)
