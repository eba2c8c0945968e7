"""Whether an instrument's market trades at a time, by its calendar."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec

from engine.errors import DataError
from engine.hours.fx_week import fx_schedule
from engine.hours.schedule import AlwaysOpen, Schedule
from engine.hours.table import SessionTable, read_table, write_table
from engine.model.instrument import Instrument
from engine.model.market_status import Session
from engine.model.text import clean

ALWAYS_OPEN = "24/7"
FX = "FX"

_EXCHANGE = re.compile(r"[A-Za-z0-9_]{2,16}")
_COMPUTE_S = 90.0
_VERSION = 1
_ROOT = Path(__file__).resolve().parents[2]
"""Where the engine package lies: the other process must find it too."""


class MarketHours:
    """Answers at once from what was prepared; None for what was not, so that the feed's word counts."""

    __slots__ = ("_cache", "_schedules", "problems")

    def __init__(self, cache: Path | None = None) -> None:
        self._cache = cache
        self._schedules: dict[str, Schedule] = {ALWAYS_OPEN: AlwaysOpen()}
        self.problems: dict[str, str] = {}
        """Calendars that could not be prepared, and why."""

    def session_at(self, instrument: Instrument, now_ns: int) -> Session | None:
        """Return an instrument's session at a time in ns UTC; None when its calendar is not known."""
        schedule = self._schedules.get(instrument.calendar)
        return None if schedule is None else schedule.session_at(now_ns)

    def next_change_ns(self, instrument: Instrument, now_ns: int) -> int | None:
        """Return when an instrument's session changes next, ns UTC; None when that is not known."""
        schedule = self._schedules.get(instrument.calendar)
        return None if schedule is None else schedule.next_change_ns(now_ns)

    async def prepare(self, calendars: Iterable[str], first_year: int, last_year: int) -> None:
        """Learn calendars over whole years, from the cache or from a process of its own; never raises for one.

        What goes wrong is in `problems`.
        """
        for calendar in dict.fromkeys(calendars):
            if calendar in {ALWAYS_OPEN, FX}:
                self._schedules[calendar] = (
                    AlwaysOpen() if calendar != FX else fx_schedule(first_year, last_year)
                )
                continue
            try:
                table = await self._table(calendar, first_year, last_year)
            except (DataError, OSError, TimeoutError) as error:
                self.problems[calendar] = clean(str(error) or type(error).__name__)
            else:
                self._schedules[calendar] = table.schedule()
                self.problems.pop(calendar, None)

    async def _table(self, calendar: str, first_year: int, last_year: int) -> SessionTable:
        if not _EXCHANGE.fullmatch(calendar):
            raise DataError(f"expected an exchange's code, 24/7 or FX as calendar, found {clean(calendar)!r}")
        path = self._cache_path(calendar, first_year, last_year)
        table = None if path is None else await asyncio.to_thread(read_table, path)
        if table is not None:
            return table
        table = await compute_table(calendar, first_year, last_year)
        if path is not None:
            with contextlib.suppress(OSError):  # a cache that can't be written costs a second next time
                await asyncio.to_thread(write_table, path, table)
        return table

    def _cache_path(self, calendar: str, first_year: int, last_year: int) -> Path | None:
        if self._cache is None:
            return None
        from importlib.metadata import version  # noqa: PLC0415 - reads the installed packages

        library = version("exchange-calendars")
        return self._cache / f"{calendar}-{first_year}-{last_year}-{library}-{_VERSION}.json"


async def compute_table(calendar: str, first_year: int, last_year: int) -> SessionTable:
    """Have another process work out a calendar.

    Raises:
        DataError: it says why it can't, or its answer can't be read.
        TimeoutError: it takes too long.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "engine.hours.compute",
        calendar,
        str(first_year),
        str(last_year),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=_ROOT,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), _COMPUTE_S)
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        raise
    if process.returncode:
        lines = err.decode(errors="replace").strip().splitlines()
        raise DataError(lines[-1] if lines else f"the calendar process ended with {process.returncode}")
    try:
        return msgspec.json.decode(out, type=SessionTable)
    except msgspec.DecodeError as error:
        raise DataError(f"the calendar process answered something else: {error}") from error
