"""Replays recorded market data through the engine, at a pace, with pause, step and jump."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from engine.adapters.replay.delivery import Delivery, next_market_event
from engine.adapters.replay.merge import Block
from engine.adapters.replay.pacing import Pacing
from engine.adapters.replay.tape import Tape
from engine.clock import SimulatedClock
from engine.ports.market_data import MarketSink

_NAP_S = 0.01
"""The clock moves at least this often while the next event is awaited."""
_REST_S = 0.001
"""What comes due within this is delivered together: between, other threads have the interpreter."""


class Progress(NamedTuple):
    """How far a replay is."""

    delivered: int
    malformed: int
    fraction: float
    """Of the recording's time, 0 to 1."""


class ReplaySource:
    """Recorded files as a market data source; it drives the clock it is given."""

    name = "replay"

    def __init__(
        self,
        paths: Sequence[Path],
        clock: SimulatedClock,
        *,
        speed: float = 1.0,
        events_per_s: float | None = None,
        start_ns: int | None = None,
        stay_at_end: bool = False,
    ) -> None:
        self._paths = tuple(paths)
        self._clock = clock
        self._pacing = Pacing(speed, events_per_s)
        self._rush_ns = start_ns
        """Deliver everything up to this time at once."""
        self._stay_at_end = stay_at_end
        self._tape: Tape | None = None
        self._delivery: Delivery | None = None
        self._wake = asyncio.Event()
        self._paused = False
        self._steps = 0
        self._restart = False
        """Whether the tape is to be played from its start, and has to be wound back for that."""
        self._finished = False
        self.on_restart: Callable[[], None] | None = None
        """Called after the clock went back to the start, before the events come again."""

    @property
    def paused(self) -> bool:
        """Whether it is held."""
        return self._paused

    @property
    def speed(self) -> float:
        """How many seconds of market time pass in one second; 0 means as fast as it can."""
        return self._pacing.speed

    @property
    def span_ns(self) -> tuple[int, int] | None:
        """First and last time of the recording, which is opened for it if need be; None without events.

        Where a file does not tell beforehand when it ends, the last time is the latest that was reached.
        """
        tape = self.prepare()
        if not tape.start_ns:
            return None
        return tape.start_ns, max(tape.end_ns, self._clock.now_ns(), tape.start_ns)

    @property
    def files(self) -> tuple[str, ...]:
        """The names of its files."""
        return tuple(path.name for path in self._paths)

    @property
    def end_known(self) -> bool:
        """Whether all its files say beforehand when they end."""
        return self.prepare().end_ns > 0

    @property
    def target_ns(self) -> int:
        """Where it is, or where it is on its way to."""
        return self._clock.now_ns() if self._rush_ns is None else max(self._rush_ns, self.prepare().start_ns)

    @property
    def events(self) -> int:
        """How many events it has delivered."""
        return self._delivery.delivered if self._delivery is not None else 0

    @property
    def finished(self) -> bool:
        """Whether the recording is at its end."""
        return self._finished

    @property
    def progress(self) -> Progress:
        """How far it is."""
        delivery, span = self._delivery, self.span_ns
        if delivery is None or span is None:
            return Progress(0, 0, 0.0)
        length = span[1] - span[0]
        passed = self._clock.now_ns() - span[0]
        fraction = 1.0 if self._finished or not length else min(1.0, passed / length)
        return Progress(delivery.delivered, delivery.malformed, fraction)

    def prepare(self) -> Tape:
        """Open the files and set the clock to the first event, unless that was done.

        Raises:
            FileDataError: one of the files can't be replayed.
        """
        if self._tape is None:
            self._tape = Tape.open(self._paths)
            if self._clock.now_ns() > self._tape.start_ns:
                self._clock.rewind_to(self._tape.start_ns)
            self._clock.advance_to(self._tape.start_ns)
        return self._tape

    def pause(self) -> None:
        """Hold."""
        self._paused = True

    def resume(self) -> None:
        """Go on."""
        self._paused, self._steps = False, 0
        self._anchor()

    def step(self) -> None:
        """Deliver one event, then hold."""
        self._paused = True
        self._steps += 1
        self._wake.set()

    def jump(self, to_ns: int) -> None:
        """Go to another time, at most to an end of the tape; going back starts again from the beginning at once."""
        tape, now_ns = self.prepare(), self._clock.now_ns()
        if tape.end_ns:
            to_ns = min(to_ns, max(tape.end_ns, now_ns))
        if to_ns < now_ns:
            self._begin_anew(tape)
        if not self._finished:
            self._rush_ns = max(to_ns, tape.start_ns - 1)
        self._wake.set()

    def set_speed(self, speed: float) -> None:
        """Change the pace; a pace by count ends.

        Raises:
            InvalidValue: it is negative or not a number.
        """
        self._pacing.set_speed(speed)
        self._anchor()

    async def run(self, sink: MarketSink) -> None:
        """Deliver the recording to the sink.

        Raises:
            FileDataError: a file can't be opened, or not be read further than what was delivered.
        """
        tape = self.prepare()
        self._delivery = Delivery(sink, self._clock)
        while True:
            await self._play(tape, sink)
            if not self._restart:
                self._finished, self._rush_ns = True, None
                if not self._stay_at_end:
                    return
                await self._until_restart()
            await asyncio.to_thread(tape.wind_back)
            self._restart = False

    async def _until_restart(self) -> None:
        while not self._restart:
            self._wake.clear()
            await self._wake.wait()

    def _begin_anew(self, tape: Tape) -> None:
        """Go back to the start at once; whoever plays the tape winds it back before it goes on."""
        self._restart, self._finished = True, False
        self._clock.rewind_to(tape.start_ns)
        if self.on_restart is not None:
            self.on_restart()

    def _anchor(self) -> None:
        self._pacing.anchor(self._clock.monotonic_ns(), self._clock.now_ns())
        self._wake.set()

    async def _play(self, tape: Tape, sink: MarketSink) -> None:
        for instrument, rule in tape.instruments:
            sink.on_listed(instrument, rule)
        self._anchor()
        ahead = self._read(tape)
        while (block := await ahead) is not None:
            ahead = self._read(tape)
            await self._play_block(block)
            if self._restart:
                await ahead  # nobody winds the tape back under who reads it
                return

    @staticmethod
    def _read(tape: Tape) -> asyncio.Future[Block | None]:
        """Begin to read the next block, in a thread: it takes many times as long as a command may wait."""
        return asyncio.get_running_loop().run_in_executor(None, next, tape.blocks, None)

    async def _play_block(self, block: Block) -> None:
        delivery = self._delivery
        assert delivery is not None
        times, events = block
        position = 0
        while position < len(times) and not self._restart:
            stop = self._ready(block, position)
            if stop == position:
                await self._wait(times[position])
                continue
            reached = delivery.slice(times, events, position, stop)
            self._pacing.counted(reached - position)
            position = reached
            await asyncio.sleep(0 if reached < stop or self._hurries else _REST_S)

    def _ready(self, block: Block, position: int) -> int:
        """Return the index up to which events are to be delivered now."""
        times, events = block
        if self._rush_ns is not None:
            stop = bisect_right(times, self._rush_ns, position)
            if stop > position:
                return stop
            self._arrive(self._rush_ns)
        if self._paused:
            stop = next_market_event(events, position) if self._steps else position
            self._steps = max(0, self._steps - 1)
            return stop
        now_ns = self._clock.monotonic_ns()
        if self._by_time:
            self._pacing.skip_gap(times[position], now_ns)
        return self._pacing.due(times, position, now_ns)

    @property
    def _hurries(self) -> bool:
        """Whether it goes as fast as it can now."""
        return self._rush_ns is not None or not (self._pacing.speed or self._pacing.events_per_s)

    @property
    def _by_time(self) -> bool:
        return bool(self._pacing.speed) and not self._pacing.events_per_s

    def _arrive(self, at_ns: int) -> None:
        self._rush_ns = None
        self._clock.advance_to(at_ns)
        self._anchor()

    async def _wait(self, next_ns: int) -> None:
        """Wait for the next event or for a key, letting the clock move on meanwhile."""
        if self._paused:
            self._wake.clear()
            await self._wake.wait()
            return
        now_ns = self._clock.monotonic_ns()
        if self._by_time:
            self._clock.advance_to(min(next_ns, self._pacing.market_ns(now_ns)))
        await asyncio.sleep(min(_NAP_S, self._pacing.wait_s(next_ns, now_ns)))
