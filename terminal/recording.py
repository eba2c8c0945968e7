"""What can be said of a recording, and what is told of one that went through without a desk."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from engine.clock import NS_PER_S
from engine.errors import ConfigError
from engine.pace import StartAt

_DAY_NS = 86_400 * NS_PER_S


def start_of(text: str) -> StartAt:
    """Read --start: nanoseconds, a date and time, or a time of day on the recording's first day, UTC.

    Raises:
        ConfigError: it is none of these.
    """
    if text.isdigit():
        start_ns = int(text)
        return lambda _first_ns: start_ns
    time_of_day = re.fullmatch(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", text)
    if time_of_day is not None:
        hour, minute, second = (int(part or 0) for part in time_of_day.groups())
        if hour < 24 and minute < 60 and second < 60:
            of_day_ns = (hour * 3600 + minute * 60 + second) * NS_PER_S
            return lambda first_ns: _on_day_of(first_ns, of_day_ns)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(
            f"--start: expected 14:30, 2024-08-08T23:58 or nanoseconds, found {text!r}"
        ) from None
    moment_ns = int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()) * NS_PER_S
    return lambda _first_ns: moment_ns


def _on_day_of(first_ns: int, of_day_ns: int) -> int:
    """Return the first such time of day that is not before the recording's start."""
    start_ns = first_ns - first_ns % _DAY_NS + of_day_ns
    return start_ns if start_ns >= first_ns else start_ns + _DAY_NS


def as_text(summary: Mapping[str, object]) -> str:
    """Write the summary of a recording for a person."""
    lines: list[str] = []
    for key, value in summary.items():
        if key == "symbols" and isinstance(value, Mapping):
            lines += [f"{symbol:14} {_row(row)}" for symbol, row in value.items()]
        elif isinstance(value, Mapping):
            lines.append(
                f"{key:14} " + "  ".join(f"{name} {count:,}" for name, count in value.items() if count)
            )
        else:
            lines.append(f"{key:14} {value:,}" if isinstance(value, int | float) else f"{key:14} {value}")
    return "\n".join(lines)


def _row(row: Mapping[str, object]) -> str:
    shown = ("events", "bid", "ask", "last", "bars", "crossed", "resyncs")
    return "  ".join(f"{name} {row[name]:,}" for name in shown if isinstance(row.get(name), int | float))
