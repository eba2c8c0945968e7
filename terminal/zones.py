"""In which zone the desk shows times."""

from __future__ import annotations

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.errors import ConfigError
from engine.model.account import AccountMode

_SIMULATED_EXCHANGE = "America/New_York"


def zone_of(name: str, mode: AccountMode) -> tzinfo:
    """Return the zone of a name; without one the simulated exchange's own, or UTC.

    Raises:
        ConfigError: there is no such zone.
    """
    if not name and mode is not AccountMode.SIMULATED:
        return UTC
    try:
        return ZoneInfo(name or _SIMULATED_EXCHANGE)
    except (ZoneInfoNotFoundError, ValueError):
        if name:
            raise ConfigError(f'desk.zone: expected a name such as "Europe/London", found {name!r}') from None
        return UTC
