"""The log: what happened, as lines of JSON in a file of bounded size; never on the terminal."""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from engine.clock import NS_PER_S
from engine.messages.views import HealthState
from engine.model.redaction import redacted
from engine.observe.health import Reading
from engine.observe.line_kind import LineKind
from engine.observe.rotating_file import RotatingFile
from engine.observe.storms import Storms
from engine.observe.told import Points, Told
from engine.observe.waiting_lines import Entry, WaitingLines

BYTES_MAX = 5_000_000
FILES_MAX = 5
WAITING_MAX = 5_000
"""Entries that may wait for a flush; what comes beyond is counted and left out."""
CRITICAL_MAX = 100
"""So many more may wait that are critical."""
FLUSH_MAX = 100
"""Entries written at one flush: at most 2 ms of the engine's time, measured."""
LOOKED_AT_MAX = 1_000
"""Entries looked at in one flush, those too that are left out of a storm."""
NAME = "touchline.log"
GATEWAY_NAME = "gateway.log"
ENGINE = "engine"
LINE_MAX = 65_536

_LOG = "log"
_CRITICAL = "critical"


def log_file(path: Path) -> RotatingFile:
    """Return the file of a log; nothing is made before something is written."""
    return RotatingFile(path, bytes_max=BYTES_MAX, files_max=FILES_MAX)


def begun_ns(path: Path) -> int:
    """Return the time of the first line of a log; of a damaged one, when it was last written.

    Raises:
        OSError: it can't be read.
    """
    with path.open("rb") as file:
        first = file.readline(LINE_MAX)
        try:
            return int(datetime.fromisoformat(json.loads(first)["at"]).timestamp()) * NS_PER_S
        except (ValueError, KeyError, TypeError):
            return os.fstat(file.fileno()).st_mtime_ns


class _Lines:
    """What structlog hands its finished lines to."""

    def __init__(self) -> None:
        self.text: list[str] = []

    def msg(self, message: str) -> None:
        self.text.append(message)

    debug = info = warning = error = critical = msg


class EventLog:
    """Takes notes at once and writes them when told to flush, so that no order waits for a disk."""

    def __init__(
        self, folder: Path, wall_ns: Callable[[], int], name: str = NAME, component: str = ENGINE
    ) -> None:
        """Take the folder and the machine's time; `component` is whose lines those are that name none."""
        self.now_ns = wall_ns
        """The machine's time."""
        self._file = log_file(folder / name)
        self._component = component
        self.waiting = WaitingLines(WAITING_MAX)
        """What lines are written from at the next flush."""
        self._storms = Storms()
        self._lines = _Lines()
        self._logger: Any = None
        self._error = ""
        self.written = 0
        self.left_out = 0
        """Lines of an event that came too often in one second."""

    @staticmethod
    def load() -> None:
        """Load what writing needs; slow once, so call it from a thread that nobody waits for."""
        importlib.import_module("structlog")

    def open(self) -> None:
        """Begin to write; what was noted before is not lost."""
        if self._logger is not None:
            return
        import structlog  # noqa: PLC0415  # heavy: not before the first paint

        self._logger = structlog.wrap_logger(
            self._lines,
            processors=[structlog.processors.add_log_level, structlog.processors.JSONRenderer()],
            wrapper_class=structlog.BoundLogger,
            context_class=dict,
        )

    def note(self, level: str, event: str, component: str = "", /, **fields: object) -> None:
        """Keep an entry for the next flush; `level` is info, warning or critical.

        Of one event of a component so many a second are written as `Storms` lets through; what is critical always is.
        """
        critical = level == _CRITICAL
        line = LineKind(component or self._component, event, _as_told, critical)
        entry = (self.now_ns(), line, level, fields)
        if critical and len(self.waiting.entries) < WAITING_MAX + CRITICAL_MAX:
            self.waiting.entries.append(entry)
        else:
            self.waiting.keep(entry)

    @property
    def dropped(self) -> int:
        """Entries that came faster than they may, or could not be written."""
        return self.waiting.dropped

    def flush(self) -> None:
        """Write what has waited longest; a disk that refuses costs the entries, which are counted."""
        if self._logger is None:
            return
        count = self._take_waiting()
        if not count:
            return
        if unsaid := self.waiting.unsaid:
            self._tell("warning", _LOG, "entries dropped", self.now_ns(), {"count": unsaid})
            count += 1
        self._write(self._take_lines(), count)

    def close(self) -> None:
        """Write all that waits and let go of the file."""
        while self._logger is not None and self.waiting.entries:
            self.flush()
        self._file.close()

    def reading(self) -> Reading:
        """Say how much was written, or why nothing can be."""
        if self._logger is None:
            return Reading(HealthState.OFF, "starting")
        if self._error:
            return Reading(HealthState.DOWN, "not written", self._error, self.dropped)
        state = HealthState.DEGRADED if self.waiting.unsaid else HealthState.OK
        told = f"{self.dropped:,} dropped"
        if self.left_out:
            told += f", {self.left_out:,} left out of storms"
        return Reading(state, f"{self.written:,} line{'s' * (self.written != 1)}", told, self.written)

    def _take_waiting(self) -> int:
        """Make the lines of what waits, as many as one flush may; return how many there are."""
        count, looked_at, waiting = 0, 0, self.waiting.entries
        try:
            for entry in waiting[:LOOKED_AT_MAX]:
                looked_at += 1
                count += self._take(entry)
                if count >= FLUSH_MAX:
                    break
        finally:
            del waiting[:looked_at]
        for each in self._storms.take_left_out():
            told: dict[str, object] = {"of": each.event, "count": each.lines}
            self._tell("warning", each.component, "lines left out", self.now_ns(), told)
            count += 1
        return count

    def _take(self, entry: Entry) -> int:
        """Make the lines of one entry, and return how many it has."""
        count = 0
        noted_ns, line, *what = entry
        at_ns: int = noted_ns or what[0].event_ns
        kind: LineKind | None = line
        while kind is not None:
            if kind.is_critical or self._storms.lets(kind.component, kind.event, at_ns):
                level, fields = kind.write(*what)
                self._tell(level, kind.component, kind.event, at_ns, fields)
                count += 1
            else:
                self.left_out += 1
            kind = kind.also
        return count

    def _tell(self, level: str, component: str, event: str, at_ns: int, fields: dict[str, object]) -> None:
        getattr(self._logger, level)(event, at=_iso(at_ns), component=component, **fields)

    def _take_lines(self) -> bytes:
        lines, self._lines.text = self._lines.text, []
        return "".join(f"{redacted(line)}\n" for line in lines).encode()

    def _write(self, data: bytes, count: int) -> None:
        try:
            self._file.write(data)
        except OSError as error:
            self._error = f"{self._file.path}: {error.strerror or error}"
            self.waiting.drop(count)
            return
        self._error = ""
        self.waiting.unsaid = 0
        self.written += count


def _iso(at_ns: int) -> str:
    return datetime.fromtimestamp(at_ns / NS_PER_S, UTC).isoformat(timespec="milliseconds")


def _as_told(level: str, fields: dict[str, object]) -> tuple[str, dict[str, object]]:
    return level, fields


def _fates(log: EventLog) -> Points:
    for fate, lines in (("written", log.written), ("dropped", log.dropped), ("left_out", log.left_out)):
        yield (fate,), lines


LOG_METRICS: Final[tuple[Told[EventLog], ...]] = (
    Told(
        "touchline_log_lines_total",
        "counter",
        "Lines of the log: written, dropped for want of room or disk, left out of storms.",
        ("fate",),
        _fates,
    ),
)
