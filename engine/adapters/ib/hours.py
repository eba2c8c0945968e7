"""When a contract trades, as Interactive Brokers writes it: `20261127:0930-20261127:1600;20261128:CLOSED`."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from engine.adapters.texts import Unreadable, moment_ns
from engine.model.text import clean


class Hours(NamedTuple):
    """Some days of it, each from when to when."""

    times: tuple[tuple[int, int], ...]
    from_ns: int
    until_ns: int
    """Beyond these nothing was told."""

    def is_open(self, now_ns: int) -> bool | None:
        """Tell whether it trades now; None where that was not told."""
        if not self.from_ns <= now_ns < self.until_ns:
            return None
        return any(begin <= now_ns < end for begin, end in self.times)


NOT_TOLD = Hours((), 0, 0)


def read_hours(text: str, zone_name: str) -> Hours:
    """Read the hours of some days; either form of the times is known, with the day at the end and without.

    Raises:
        Unreadable: they are something else, or their zone is not known.
    """
    if not text or not zone_name:
        return NOT_TOLD
    try:
        zone = ZoneInfo(zone_name.split(" ", 1)[0])
        days = [_day(part, zone) for part in text.split(";") if part]
    except (ValueError, LookupError, OSError) as error:
        raise Unreadable("bad_hours", clean(f"{text[:40]} {zone_name}: {error}", 80)) from None
    times = tuple(span for _, spans in days for span in spans)
    midnights = [midnight for midnight, _ in days]
    first = min((*midnights, *(begin for begin, _ in times)))
    return Hours(times, first, max(max(midnights) + _DAY_NS, *(end for _, end in times), 0))


_DAY_NS = 86_400 * 10**9


def _day(part: str, zone: ZoneInfo) -> tuple[int, list[tuple[int, int]]]:
    day, _, told = part.partition(":")
    midnight = _moment(day, "0000", zone)
    if told == "CLOSED":
        return midnight, []
    return midnight, [_span(day, span, zone) for span in told.split(",")]


def _span(day: str, span: str, zone: ZoneInfo) -> tuple[int, int]:
    begin, _, end = span.partition("-")
    last_day, _, last = end.rpartition(":")
    first_day, _, first = begin.rpartition(":")
    return _moment(first_day or day, first, zone), _moment(last_day or day, last, zone)


def _moment(day: str, time: str, zone: ZoneInfo) -> int:
    return moment_ns(datetime.strptime(day + time, "%Y%m%d%H%M").replace(tzinfo=zone))
