"""What the log says of a span of time, summed up: alerts, venues, programs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from engine.messages.log_line import LogLine
from engine.model.ranks import nearest_rank

_SERVER_FAULT: Final = 500
_REFUSED: Final = 400


class Calls(Struct, frozen=True):
    """Questions to a venue, or of programs."""

    count: int
    failed: int
    """Without an answer; of programs, those that the gateway failed at."""
    refused: int
    p50_ms: float
    p99_ms: float


class LogReport(Struct, frozen=True):
    """What the log says."""

    first_ns: int
    """The first line that is there; 0 where there is none. What is older was not kept."""
    lines: int
    left_out: int
    """Lines that came too often or found no room: nothing here counts them."""
    alerts: dict[str, int]
    """By level and source."""
    venues: dict[str, Calls]
    programs: Calls


class _Counting:
    def __init__(self) -> None:
        self.took_ms: list[float] = []
        self.failed = self.refused = 0

    def told(self) -> Calls:
        values = sorted(self.took_ms)
        return Calls(
            len(values), self.failed, self.refused, nearest_rank(values, 50), nearest_rank(values, 99)
        )


def log_report(lines: Iterable[LogLine]) -> LogReport:
    """Sum up lines of the log, the oldest first."""
    first_ns = count = left_out = 0
    alerts: Counter[str] = Counter()
    venues: defaultdict[str, _Counting] = defaultdict(_Counting)
    programs = _Counting()
    for line in lines:
        first_ns, count = first_ns or line.at_ns, count + 1
        said = dict(line.fields)
        match line.event:
            case "alert":
                alerts[f"{line.level.name.lower()} {said.get('source', '')}".strip()] += 1
            case "venue call":
                venue = venues[str(said.get("venue", ""))]
                venue.took_ms.append(_number(said.get("ms")))
                venue.failed += "failure" in said
            case "request":
                status = _number(said.get("status"))
                programs.took_ms.append(_number(said.get("ms")))
                programs.failed += status >= _SERVER_FAULT
                programs.refused += _REFUSED <= status < _SERVER_FAULT
            case "lines left out" | "entries dropped":
                left_out += int(_number(said.get("count")))
    return LogReport(
        first_ns=first_ns,
        lines=count,
        left_out=left_out,
        alerts=dict(alerts.most_common()),
        venues={name: venue.told() for name, venue in sorted(venues.items())},
        programs=programs.told(),
    )


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
