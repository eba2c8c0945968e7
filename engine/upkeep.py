"""What the engine does by itself, beside the market: value, watch, sample, reload."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime
from typing import Any

from engine.clock import NS_PER_S, SystemClock
from engine.duties.bar_notes import BarNotes
from engine.handlers import Handlers
from engine.market.bars import MINUTE_NS
from engine.model.account import AccountMode
from engine.model.instrument import Symbol
from engine.portfolio import risk_numbers
from engine.rooms import Rooms
from engine.sweeping import sweep, tell_swept

REVALUE_S = 0.1
"""How often the account is looked at, and a screen that waits answered; it is valued when a fill came or marks are due.

How late each look is, is the loop's lag: an idle engine is woken once for both.
"""
WATCH_S = 1.0
HOURS_AFTER_S = 2.0
NUMBERS_AFTER_S = 3.0
"""The first risk numbers bring numpy in, which must not cost the start anything."""
NUMBERS_S = 2.0
BARS_S = 5.0
MARK_S = 30.0
RETENTION_AFTER_S = 60.0
RETENTION_S = 6 * 3600.0


class Upkeep:
    """The engine's own periodic work; each task runs until it is cancelled."""

    def __init__(
        self, rooms: Rooms, handlers: Handlers, *, answer: Callable[[], None], look: Callable[[], None]
    ) -> None:
        """Take what answers a screen that waits, after each valuation, and what looks at everything once a second."""
        self._rooms = rooms
        self._handlers = handlers
        self._answer = answer
        self._look = look

    def tasks(self) -> Iterator[tuple[str, Coroutine[Any, Any, None]]]:
        """Yield each task with the name it is known by when it fails."""
        yield "valuation", self._revalue()
        yield "watch", self._watch()
        yield "market hours", self._learn_hours()
        yield "risk numbers", self._number()
        yield "day", self._mark()
        if self._rooms.account.mode is not AccountMode.REPLAY:
            yield "bars", self._note_bars()
            yield "retention", self._keep_no_longer()

    async def _revalue(self) -> None:
        clock, loop_lag = self._rooms.clock, self._rooms.latencies.loop_lag
        while True:
            self._rooms.valuation.refresh()
            self._rooms.gate.refresh()
            self._answer()
            before_ns = clock.monotonic_ns()
            await asyncio.sleep(REVALUE_S)
            loop_lag.record(max(0, clock.monotonic_ns() - before_ns - int(REVALUE_S * 1e9)))

    async def _watch(self) -> None:
        rooms = self._rooms
        while True:
            rooms.changes.note_aged(rooms.clock.now_ns())
            if rooms.limits.changed_on_disk():
                self._handlers.limits.notice()
            self._look()
            if (trader := self._handlers.trader) is not None:
                trader.look()
            await asyncio.sleep(WATCH_S)

    async def _learn_hours(self) -> None:
        """Learn the calendars of what is listed, away from the start and in another process."""
        await asyncio.sleep(HOURS_AFTER_S)
        rooms = self._rooms
        year = datetime.fromtimestamp(rooms.clock.now_ns() // NS_PER_S, UTC).year
        calendars = {state.instrument.calendar for state in rooms.market.states.values()}
        await rooms.hours.prepare(sorted(calendars), year - 1, year + 1)

    async def _number(self) -> None:
        """Keep the risk numbers up to date while anything is held; they are computed away from the loop."""
        await asyncio.sleep(NUMBERS_AFTER_S)
        while True:
            await self._refresh_numbers()
            await asyncio.sleep(NUMBERS_S)

    async def _refresh_numbers(self) -> None:
        rooms = self._rooms
        exposures, states = rooms.valuation.exposures(), rooms.market.states
        if not exposures:
            rooms.numbers = risk_numbers.NO_NUMBERS
            return
        symbols = {*exposures, risk_numbers.BENCHMARK} & states.keys()
        calendars = {symbol: states[symbol].instrument.calendar for symbol in symbols}
        rooms.numbers = await asyncio.to_thread(
            risk_numbers.compute,
            exposures,
            {symbol: self._closes(symbol) for symbol in symbols},
            bars_per_day={symbol: risk_numbers.minutes_per_day(name) for symbol, name in calendars.items()},
            days_per_year=risk_numbers.trading_days(calendars[symbol] for symbol in exposures),
            equity_micros=rooms.account.equity_micros,
            drawdown=rooms.valuation.drawdown,
        )

    def _closes(self, symbol: Symbol) -> tuple[int, ...]:
        return self._rooms.market.bars.series(symbol, MINUTE_NS).closes(risk_numbers.RETURNS_MAX + 1)

    async def _mark(self) -> None:
        """Write down where profit and drawdown are measured from, so that a restart does not reset them."""
        while True:
            await asyncio.sleep(MARK_S)
            self._rooms.mark()

    async def _note_bars(self) -> None:
        """Write down the minutes that closed; a recording's are in the recording."""
        notes = BarNotes(self._rooms)
        while True:
            await asyncio.sleep(BARS_S)
            notes.note()

    async def _keep_no_longer(self) -> None:
        """Remove what has had its time, away from the loop; what went is written down."""
        await asyncio.sleep(RETENTION_AFTER_S)
        while True:
            rooms = self._rooms
            now_ns = SystemClock().now_ns()  # files have the world's time, whatever the market's is
            for swept in await asyncio.to_thread(sweep, rooms.folders, rooms.settings, now_ns):
                tell_swept(rooms, swept)
            await asyncio.sleep(RETENTION_S)
