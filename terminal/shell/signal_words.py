"""How counts and times are written by the commands about data and features."""

from __future__ import annotations

from datetime import UTC, datetime

from engine.clock import NS_PER_MS, NS_PER_S

_DAY_S = 86_400


def moment(time_ns: int) -> str:
    """Write a time, UTC: a day alone where it is its start, milliseconds where there are any."""
    at = datetime.fromtimestamp(time_ns // NS_PER_S, UTC)
    if time_ns % NS_PER_S:
        return f"{at:%Y-%m-%d %H:%M:%S}.{time_ns % NS_PER_S // NS_PER_MS:03}"
    return f"{at:%Y-%m-%d %H:%M:%S}" if time_ns // NS_PER_S % _DAY_S else f"{at:%Y-%m-%d}"


def span(length_ns: int) -> str:
    """Write how long a bar lasts, as `--bars` takes it."""
    seconds = length_ns / NS_PER_S
    for size, unit in ((_DAY_S, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size and not seconds % size:
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}s"
