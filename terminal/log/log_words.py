"""A line of the log for a person to read."""

from __future__ import annotations

from datetime import UTC, datetime

from engine.clock import NS_PER_MS, NS_PER_S
from engine.messages.log_line import LogLine


def in_words(line: LogLine) -> str:
    """Write a line: when, how loud, whose, what, and everything else by its name."""
    head = f"{utc(line.at_ns)}  {line.level.name.lower():8}  {line.component:8}  {line.event}"
    return "  ".join(part for part in (head, line.ids, line.told) if part)


def named(line: LogLine) -> dict[str, str]:
    """Return what every line says of itself by its name, without what this one leaves out."""
    own = {
        "at": utc(line.at_ns),
        "level": line.level.name.lower(),
        "component": line.component,
        "event": line.event,
        "correlation": line.correlation,
        "cause": line.cause,
        "client_id": line.client_id,
    }
    return {name: value for name, value in own.items() if value}


def utc(at_ns: int) -> str:
    """Write a time with its milliseconds."""
    at = datetime.fromtimestamp(at_ns // NS_PER_S, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at_ns % NS_PER_S // NS_PER_MS:03}Z"
