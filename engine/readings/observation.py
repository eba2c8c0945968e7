"""Watches one engine: the health board, the exporter and the log, told to look once a second."""

from __future__ import annotations

import asyncio
from pathlib import Path

from engine.clock import SystemClock
from engine.frames.frame_builder import FrameBuilder
from engine.messages.remedies import Remedy
from engine.model.account import AccountMode
from engine.observe.event_notes import EventNotes, Story
from engine.observe.logs import EventLog
from engine.observe.metrics import MetricsServer, Sample
from engine.observe.order_counts import OrderCounts
from engine.readings.keeping_rows import KeepingRows
from engine.readings.machine_rows import MachineRows
from engine.readings.market_rows import MarketRows
from engine.readings.sample_maker import SampleMaker
from engine.readings.samples import METRICS
from engine.readings.vitals import Vitals
from engine.rooms import Rooms

AFTER_START_S = 1.0
"""When the exporter and the log begin: what they load must not delay the first paint."""


class Observation:
    """Everything that is measured, shown and told to the outside of one engine."""

    def __init__(self, rooms: Rooms, frames: FrameBuilder) -> None:
        self._rooms = rooms
        self._counts = OrderCounts(rooms.bus)
        self._log = EventLog(rooms.folders.logs, SystemClock().now_ns)
        self._notes = EventNotes(rooms.bus, self._log, story_of(rooms))
        self._vitals = Vitals(rooms, frames, self._counts)
        self._machine = MachineRows(rooms)
        self._keeping = KeepingRows(rooms, SystemClock().now_ns)
        storage = self._keeping.storage
        self._maker = SampleMaker(rooms, self._counts, self._machine.pauses, storage, METRICS, self._log)
        self.samples: tuple[Sample, ...] = ()
        """What was measured last."""
        self.measured_ns = 0
        """When that was, by steady time; 0 before the first time."""
        self.exporter = MetricsServer(rooms.settings.metrics, lambda: self.samples)
        self._vitals.register()
        MarketRows(rooms).register()
        self._machine.register()
        self._keeping.register()
        tries = {Remedy.RECONNECT: lambda _: self.exporter.try_again()}
        rooms.health.register("exporter", "exporter", self.exporter.reading, remedies=tries)
        rooms.health.register("log", "log", self._log.reading, needs=("disk",))
        rooms.health.turned = rooms.timeline.note
        if (traces := rooms.traces) is not None:
            rooms.health.register("traces", "traces", traces.export.reading)
            traces.follow(rooms.bus, is_timed=rooms.account_clock.is_world)
            self._trace_venues()

    def look(self) -> None:
        """Ask every component, publish what the exporter serves, write what was noted."""
        self._vitals.register_venues()
        self._trace_venues()
        self._rooms.health.sample()
        self._rooms.timeline.look()
        self.samples = self._maker.make()
        self.measured_ns = self._rooms.clock.monotonic_ns()
        self._log.flush()

    async def run(self) -> None:
        """Start the exporter and the log a little after the engine; then look after what keeps things."""
        account = self._rooms.account
        self._log.note("info", "engine started", mode=account.mode.value, account=account.name)
        await asyncio.sleep(AFTER_START_S)
        self.exporter.start()
        if self._rooms.traces is not None:
            self._rooms.traces.export.start()
        await asyncio.to_thread(self._log.load)
        self._log.open()
        self._rooms.timeline.recall(await asyncio.to_thread(self._rooms.timeline.read))
        await self._keeping.run()

    def begin(self) -> None:
        """Begin to measure."""
        self._machine.pauses.watch()
        rooms = self._rooms
        kept_in = rooms.folders.data if rooms.account.mode is not AccountMode.REPLAY else None
        rooms.timeline.begin(Path(rooms.journal.disk.where).name, SystemClock().now_ns, kept_in)

    def end(self) -> None:
        """Let go of the port, the file and the garbage collector."""
        self._machine.pauses.leave()
        self._rooms.timeline.close()
        self._log.note("info", "engine stopped")
        self._log.open()  # an end may come before it was opened
        self._log.close()
        self.exporter.stop()
        if self._rooms.traces is not None:
            self._rooms.traces.export.stop()

    def _trace_venues(self) -> None:
        """Let the circuits there are now make spans: a venue has more of them once more is followed."""
        tracer = self._rooms.tracer
        if tracer.is_on:
            for venue in self._rooms.venues:
                for circuit in venue.circuits:
                    circuit.tracer = tracer


def story_of(rooms: Rooms) -> Story:
    """Return where the log finds what it writes of an order."""
    return Story(
        orders=rooms.orders.orders,
        positions=rooms.ledger.positions,
        cause=rooms.cause,
        records=rooms.orders.scribe,
        broker=rooms.broker.name,
        is_timed=rooms.account_clock.is_world,
    )
