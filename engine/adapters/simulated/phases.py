"""When each market trades, and how busy it is at that time of day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from math import exp
from typing import NamedTuple
from zoneinfo import ZoneInfo

from engine.clock import NS_PER_S
from engine.model.market_status import Session

NEW_YORK = ZoneInfo("America/New_York")
_FOREVER_NS = 2**62
_FRIDAY, _SATURDAY, _SUNDAY = 4, 5, 6
_OPEN_S = 390 * 60

_WEEKDAY_HOURS = (
    (time(0), Session.CLOSED),
    (time(4), Session.PRE),
    (time(9, 30), Session.OPEN),
    (time(16), Session.POST),
    (time(20), Session.CLOSED),
)
"""The simulated exchange keeps New York's hours on every weekday; it knows no holidays."""


class Phase(NamedTuple):
    """A stretch of time with one session; the end is the first moment of the next."""

    session: Session
    start_ns: int
    end_ns: int


def phase_at(calendar: str, now_ns: int) -> Phase:
    """Return the phase of a calendar ("XNYS", "FX" or "24/7") at a time."""
    if calendar == "24/7":
        return Phase(Session.OPEN, 0, _FOREVER_NS)
    today = datetime.fromtimestamp(now_ns // NS_PER_S, NEW_YORK).date()
    hours = _shares_day if calendar == "XNYS" else _fx_day
    return next(phase for phase in hours(today) if now_ns < phase.end_ns)


def prior_day_start_ns(calendar: str, now_ns: int) -> int:
    """Return where the trading day before the current one starts, at midnight UTC."""
    day = datetime.fromtimestamp(now_ns // NS_PER_S, UTC).date() - timedelta(days=1)
    while calendar != "24/7" and day.weekday() >= _SATURDAY:
        day -= timedelta(days=1)
    return _ns(datetime.combine(day, time(0), UTC))


def pace(calendar: str, phase: Phase, now_ns: int) -> float:
    """Return how busy a market is at a time, 1 on the average of its main session.

    Shares follow the U of the trading day: a rush after the open, a lull at noon, a rush to the close.
    """
    if phase.session is Session.CLOSED:
        return 0.0
    if calendar == "XNYS":
        return _shares_pace(phase, now_ns)
    hour = now_ns / NS_PER_S / 3600 % 24
    if calendar == "FX":
        return 0.55 + 0.5 * _bump(hour, 8.5, 2.5) + 1.1 * _bump(hour, 14.5, 3.0)
    return 0.8 + 0.75 * _bump(hour, 15.0, 4.0)


def _shares_pace(phase: Phase, now_ns: int) -> float:
    since_s = (now_ns - phase.start_ns) / NS_PER_S
    left_s = (phase.end_ns - now_ns) / NS_PER_S
    if phase.session is Session.PRE:
        return 0.015 + 0.10 * exp(-left_s / 3000)
    if phase.session is Session.POST:
        return 0.015 + 0.12 * exp(-since_s / 1800)
    busy = 0.62 + 1.9 * exp(-since_s / 1320) + 1.25 * exp(-left_s / 1080)
    mean = 0.62 + (1.9 * 1320 + 1.25 * 1080) / _OPEN_S
    return busy / mean


def _bump(hour: float, centre: float, width: float) -> float:
    distance = abs(hour - centre)
    distance = min(distance, 24 - distance) / width
    return exp(-distance * distance / 2)


@lru_cache(maxsize=16)
def _shares_day(day: date) -> tuple[Phase, ...]:
    if day.weekday() >= _SATURDAY:
        return _day(day, ((time(0), Session.CLOSED),))
    return _day(day, _WEEKDAY_HOURS)


@lru_cache(maxsize=16)
def _fx_day(day: date) -> tuple[Phase, ...]:
    if day.weekday() == _FRIDAY:
        return _day(day, ((time(0), Session.OPEN), (time(17), Session.CLOSED)))
    if day.weekday() == _SATURDAY:
        return _day(day, ((time(0), Session.CLOSED),))
    if day.weekday() == _SUNDAY:
        return _day(day, ((time(0), Session.CLOSED), (time(17), Session.OPEN)))
    return _day(day, ((time(0), Session.OPEN),))


def _day(day: date, hours: tuple[tuple[time, Session], ...]) -> tuple[Phase, ...]:
    starts = [_ns(datetime.combine(day, at, NEW_YORK)) for at, _ in hours]
    starts.append(_ns(datetime.combine(day + timedelta(days=1), time(0), NEW_YORK)))
    return tuple(
        Phase(session, start, end)
        for (_, session), start, end in zip(hours, starts, starts[1:], strict=False)
    )


def _ns(moment: datetime) -> int:
    return int(moment.timestamp()) * NS_PER_S
