"""When the trading day of a calendar ends: the one definition of a day, for prices, charts and accounts."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from engine.clock import NS_PER_S

FX_ROLL_UTC: Final = time(22)
"""The interbank day ends at 17:00 in New York; kept at one UTC hour the whole year."""
EXCHANGE_ZONES: Final = {
    "XNYS": "America/New_York",
    "XNAS": "America/New_York",
    "ARCX": "America/New_York",
    "BATS": "America/New_York",
    "XCBO": "America/Chicago",
    "XCME": "America/Chicago",
    "XTSE": "America/Toronto",
    "XLON": "Europe/London",
    "XETR": "Europe/Berlin",
    "XPAR": "Europe/Paris",
    "XAMS": "Europe/Amsterdam",
    "XSWX": "Europe/Zurich",
    "XTKS": "Asia/Tokyo",
    "XHKG": "Asia/Hong_Kong",
    "XASX": "Australia/Sydney",
}
"""Where an exchange's midnight is; others roll at midnight UTC."""
ALWAYS_OPEN: Final = "24/7"
FX: Final = "FX"


def day_end_ns(calendar: str, at_ns: int) -> int:
    """Return when the trading day that holds `at_ns` ends, ns UTC."""
    zone, roll = _roll_of(calendar)
    local = datetime.fromtimestamp(at_ns // NS_PER_S, tz=zone)
    end = datetime.combine(local.date(), roll, tzinfo=zone)
    if end <= local:
        end = datetime.combine(local.date() + timedelta(days=1), roll, tzinfo=zone)
    return int(end.timestamp()) * NS_PER_S


def _roll_of(calendar: str) -> tuple[tzinfo, time]:
    if calendar == FX:
        return UTC, FX_ROLL_UTC
    zone = EXCHANGE_ZONES.get(calendar)
    return (ZoneInfo(zone) if zone else UTC), time(0)
