"""The rows of the health board: each reads one component where it lives."""

from __future__ import annotations

from collections.abc import Callable

from engine.clock import NS_PER_MS, NS_PER_S
from engine.frames import FrameBuilder
from engine.messages.views import HealthState
from engine.observe.health import Reading
from engine.observe.latency import Latency
from engine.observe.process import CollectorPauses, resident_bytes
from engine.rooms import Rooms

SILENT_AFTER_NS = 5 * NS_PER_S
"""A feed that says nothing for so long is not well, unless it is held or at its end."""
MEGABYTE = 1024 * 1024


class Vitals:
    """Knows how to ask every component of one engine how it is."""

    def __init__(self, rooms: Rooms, frames: FrameBuilder) -> None:
        self._rooms = rooms
        self._frames = frames
        self.pauses = CollectorPauses(rooms.clock.monotonic_ns)
        self._events_seen = 0
        self._heard_ns = rooms.clock.monotonic_ns()
        self._quotes_seen = self._frames_seen = 0

    def register(self) -> None:
        """Put every row on the board, in the order a person on call reads them."""
        board, latencies = self._rooms.health, self._rooms.latencies
        board.register("feed", "feed", self._feed)
        board.register("conflation", "conflation", self._conflation)
        board.register("key_to_paint", "key→paint", self._duration(latencies.key_to_paint, 16, 50))
        board.register("key_to_wire", "key→wire", self._duration(latencies.key_to_wire, 1, 10))
        board.register("order_to_ack", "order→ack", self._duration(latencies.order_to_ack, 250, 1000))
        board.register("loop_lag", "loop lag", self._duration(latencies.loop_lag, 10, 50))
        board.register("memory", "memory", self._memory)
        board.register("journal", "journal", self._journal)
        board.register("queues", "queues", self._queues)
        board.register("orders", "orders", self._orders)

    def _feed(self) -> Reading:
        counters = self._rooms.market.counters
        events = sum(counters.events.values())
        now_ns = self._rooms.clock.monotonic_ns()
        if events != self._events_seen:
            self._events_seen, self._heard_ns = events, now_ns
        rate = self._frames.quotes_per_s
        resyncs = sum(book.resyncs for book in self._rooms.market.books.values())
        refused = sum(counters.refused_by_reason.values())
        detail = f"gap {resyncs:,} · refused {refused:,}"
        value = f"{rate:,.0f} q/s"
        playback = self._rooms.playback
        if playback is not None and (playback.paused or playback.finished):
            return Reading(HealthState.OK, "at its end" if playback.finished else "paused", detail, rate)
        if now_ns - self._heard_ns > SILENT_AFTER_NS:
            return Reading(
                HealthState.DOWN, "silent", f"nothing for {(now_ns - self._heard_ns) // NS_PER_S} s", rate
            )
        return Reading(HealthState.OK, value, detail, rate)

    def _conflation(self) -> Reading:
        quotes, frames = self._rooms.market.counters.quotes, self._frames.built
        made, told = quotes - self._quotes_seen, frames - self._frames_seen
        self._quotes_seen, self._frames_seen = quotes, frames
        ratio = made / told if told else 0.0
        return Reading(HealthState.OK, f"{ratio:,.0f} : 1", f"{told} frames/s", ratio)

    def _duration(self, latency: Latency, warn_ms: float, down_ms: float) -> Callable[[], Reading]:
        def read() -> Reading:
            if not latency.count:
                return Reading(HealthState.OFF, "none yet")
            p50, p99 = latency.quantiles(0.5, 0.99)
            p50_ms, p99_ms = p50 / NS_PER_MS, p99 / NS_PER_MS
            state = HealthState.OK if p99_ms <= warn_ms else HealthState.DEGRADED
            if p99_ms > down_ms:
                state = HealthState.DEGRADED
            return Reading(state, f"{_ms(p50_ms)} p50", f"{_ms(p99_ms)} p99 · {latency.count:,}", p99_ms)

        return read

    def _memory(self) -> Reading:
        resident = resident_bytes() / MEGABYTE
        pause_ms = self.pauses.take_longest() / NS_PER_MS
        return Reading(
            HealthState.OK,
            f"{resident:,.0f} MB",
            f"gc {self.pauses.collections:,} · longest {_ms(pause_ms)}",
            resident,
        )

    def _journal(self) -> Reading:
        failures = self._rooms.orders.journal_failures
        if failures:
            return Reading(
                HealthState.DOWN,
                "failing",
                f"{failures:,} records not written; new orders are denied",
                failures,
            )
        size = self._rooms.journal.size_bytes
        return Reading(HealthState.OK, f"{size / 1024:,.0f} KB", "written before each send", size)

    def _queues(self) -> Reading:
        dropped = self._frames.alerts_dropped
        state = HealthState.DEGRADED if dropped else HealthState.OK
        waiting = len(self._frames.alerts)
        return Reading(state, f"{waiting} waiting", f"{dropped} dropped", waiting)

    def _orders(self) -> Reading:
        tally = self._rooms.orders.tally
        working = len(self._rooms.working)
        denied = sum(self._rooms.gate.denial_counts.values())
        odd = tally.anomalies + tally.overfills + tally.orphans
        state = HealthState.DEGRADED if odd else HealthState.OK
        return Reading(state, f"{working} working", f"{denied} denied · {odd} odd reports", working)


def _ms(value: float) -> str:
    return f"{value:.1f} ms" if value < 100 else f"{value:.0f} ms"
