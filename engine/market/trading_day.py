"""When a symbol's trading day ends, and what the day was so far."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from engine.clock import NS_PER_S
from engine.model.market_state import MarketState
from engine.model.quote import NO_PRICE

NS_PER_DAY: Final = 86_400 * NS_PER_S
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


def day_end_ns(calendar: str, at_ns: int) -> int:
    """Return when the trading day that holds `at_ns` ends, ns UTC."""
    zone, roll = _roll_of(calendar)
    local = datetime.fromtimestamp(at_ns // NS_PER_S, tz=zone)
    end = datetime.combine(local.date(), roll, tzinfo=zone)
    if end <= local:
        end = datetime.combine(local.date() + timedelta(days=1), roll, tzinfo=zone)
    return int(end.timestamp()) * NS_PER_S


def _roll_of(calendar: str) -> tuple[tzinfo, time]:
    if calendar == "FX":
        return UTC, FX_ROLL_UTC
    zone = EXCHANGE_ZONES.get(calendar)
    return (ZoneInfo(zone) if zone else UTC), time(0)


def begin_day(state: MarketState) -> None:
    """Keep the price the day ended at, and forget the day."""
    state.prior_close = state.last or state.mark
    state.day_open = state.day_high = state.day_low = NO_PRICE
    state.day_volume = state.day_turnover = 0


def widen_day(state: MarketState, price: int) -> None:
    """Take a price into the day's open, high and low."""
    if not state.day_open:
        state.day_open = state.day_high = state.day_low = price
    elif price > state.day_high:
        state.day_high = price
    elif price < state.day_low:
        state.day_low = price
