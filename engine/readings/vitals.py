"""The rows of the health board: each reads one component where it lives."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from math import inf

from engine.clock import NS_PER_MS, NS_PER_S
from engine.frames.frame_builder import FrameBuilder
from engine.messages.comparison_views import ReconcilePhase
from engine.messages.remedies import Remedy
from engine.messages.views import HealthState
from engine.model.instrument import Symbol
from engine.model.market_state import Trust
from engine.model.market_status import Session
from engine.model.order import OrderStatus
from engine.observe.grown import Grown
from engine.observe.health import NO_REMEDIES, Reading, Remedies
from engine.observe.latency import LATE_NS, Latency
from engine.observe.order_counts import OrderCounts
from engine.observe.rate import Rate
from engine.ports.venue import VenueRow
from engine.rooms import Rooms

SILENT_AFTER_NS = 2 * NS_PER_S + NS_PER_S // 2
"""A feed that says nothing for so long after the look that heard it last is not well, unless it is held or at its end: three looks."""
REJECTS_MAX = 3
"""Orders that the venue may reject within a minute; more are no accident."""
_COMPARED = {
    ReconcilePhase.OFF: HealthState.OFF,
    ReconcilePhase.COMPARING: HealthState.DEGRADED,
    ReconcilePhase.LATE: HealthState.DEGRADED,
    ReconcilePhase.CUT: HealthState.DOWN,
    ReconcilePhase.AGREED: HealthState.OK,
    ReconcilePhase.DIFFERS: HealthState.DEGRADED,
}


class Vitals:
    """Knows how to ask every component of one engine how it is."""

    def __init__(self, rooms: Rooms, frames: FrameBuilder, counts: OrderCounts) -> None:
        self._rooms = rooms
        self._frames = frames
        self._counts = counts
        self._heard_ns = rooms.clock.monotonic_ns()
        self._events_seen = 0
        self._quotes = Rate(rooms.clock.monotonic_ns)
        self._paced = Rate(rooms.clock.monotonic_ns)
        self._rejected = Grown(rooms.clock.monotonic_ns, 60 * NS_PER_S)

    def register(self) -> None:
        """Put every row on the board, in the order a person on call reads them."""
        board, latencies = self._rooms.health, self._rooms.latencies
        board.stands = self._held
        board.now_ns = self._rooms.clock.now_ns
        board.register("feed", "feed", self._feed, needs=("venue", "sources", "loop_lag"))
        board.register("conflation", "conflation", self._conflation, needs=("loop_lag",))
        board.register(
            "quote_age", "quote age", self._quote_age, needs=("venue", "sources", "feed", "venue_clock")
        )
        painting = ("loop_lag", "gc", "cpu")
        board.register("key_to_paint", "key→paint", _duration(latencies.key_to_paint, 16), needs=painting)
        sending = ("journal", "loop_lag", "gc")
        board.register("key_to_wire", "key→wire", _duration(latencies.key_to_wire, 1), needs=sending)
        venue = ("broker", "venue_account", "route_submit")
        board.register("order_to_ack", "order→ack", _duration(latencies.order_to_ack, 250), needs=venue)
        lag = _lag(latencies.loop_lag, 10, bad_ms=LATE_NS / NS_PER_MS)
        board.register("loop_lag", "loop lag", lag, needs=("gc", "cpu"))
        showing = ("conflation", "loop_lag", "venue_clock", "cpu")
        shown = _lag(latencies.source_to_screen, 1500)
        board.register("source_to_screen", "source→screen", shown, needs=showing)
        board.register("journal", "journal", self._journal, needs=("disk",))
        compares: Remedies = {Remedy.COMPARE: self._compare}
        needs = ("venue_account", "lease", "route_account")
        board.register("broker", "broker", self._broker, needs=needs, remedies=compares)
        board.register("queues", "queues", self._queues, needs=("conflation",))
        board.register("orders", "orders", self._orders, needs=("broker",))
        board.register("desks", "desks", self._desks, needs=("redis",))
        if (shared := self._rooms.shared) is not None:
            board.register("redis", "redis", lambda: Reading(*shared.link.reading()))
        if (signals := self._rooms.signals) is not None:
            board.register("signals", "signals", lambda: Reading(*signals.reading()), needs=("feed",))
        self.register_venues()

    def register_venues(self) -> None:
        """Put the rows of the venues on the board that it has not: a venue may have more once it follows more."""
        board = self._rooms.health
        for number, venue in enumerate(self._rooms.venues):
            for row in venue.rows():
                name, label = (row.name, row.label) if not number else _of_standby(venue.name, row)
                if not board.has(name):
                    needs = row.needs if not number else tuple(f"{need}_{venue.name}" for need in row.needs)
                    remedies = {**row.remedies, **self._steers(row.name, venue.name)}
                    board.register(name, label, _of_venue(row), needs=needs, remedies=remedies)

    def _steers(self, row: str, venue: str) -> Remedies:
        """Return what can be done about a source that is one of several."""
        failover = self._rooms.failover
        if failover is None or row != "venue":
            return NO_REMEDIES
        return {
            Remedy.PAUSE: lambda _: failover.pause(venue),
            Remedy.UNPAUSE: lambda _: failover.unpause(venue),
        }

    def _compare(self, _: Symbol | None) -> str:
        self._rooms.orders.take_stock()
        return "the broker is asked for everything, and compared with our book"

    def _feed(self) -> Reading:
        counters = self._rooms.market.counters
        rate = self._quotes.per_second(counters.quotes)
        resyncs = sum(book.resyncs for book in self._rooms.market.books.values())
        detail = f"gap {resyncs:,} · refused {sum(counters.refused_by_reason.values()):,}"
        silent_ns = self._silence(sum(counters.events.values()))
        playback = self._rooms.playback
        if playback is not None and self._held():
            return Reading(HealthState.OK, "at its end" if playback.finished else "paused", detail, rate)
        if silent_ns > SILENT_AFTER_NS:
            if self._rests():
                rest = f"nothing changes there for {_at_least(silent_ns // NS_PER_S)} · {detail}"
                return Reading(HealthState.OK, "quiet", rest, rate)
            return Reading(
                HealthState.DOWN, "silent", f"nothing for {_at_least(silent_ns // NS_PER_S)}", rate
            )
        return Reading(HealthState.OK, f"{rate:,.0f} q/s", detail, rate)

    def _held(self) -> bool:
        """Tell whether the market stands still because someone holds it, or because it is over."""
        playback = self._rooms.playback
        return playback is not None and (playback.paused or playback.finished)

    def _rests(self) -> bool:
        """Tell whether every venue that feeds us gives its signs of life: a market may be quiet."""
        sources = {state.source for state in self._rooms.market.states.values()}
        now_ns = self._rooms.clock.monotonic_ns()
        signs = {name: sign for venue in self._rooms.venues for name, sign in venue.signs().items()}
        heard = [signs[name] for name in sources & signs.keys()]
        return bool(heard) and all(each is not None and now_ns - each <= SILENT_AFTER_NS for each in heard)

    def _silence(self, events: int) -> int:
        """Return for how long the count of events has stood still, in nanoseconds."""
        now_ns = self._rooms.clock.monotonic_ns()
        if events != self._events_seen:
            self._events_seen, self._heard_ns = events, now_ns
        return now_ns - self._heard_ns

    def _conflation(self) -> Reading:
        frames = self._paced.per_second(self._frames.built)
        if not self._frames.built:
            return Reading(HealthState.OFF, "none yet", "no frame was asked for yet")
        if not frames:
            return Reading(HealthState.DEGRADED, "0 frames/s", "the screen asks for none")
        if not self._quotes.latest:
            return Reading(HealthState.OK, "0 : 1", "no quotes to conflate")
        ratio = self._quotes.latest / frames
        return Reading(HealthState.OK, f"{ratio:,.0f} : 1", f"{frames:,.0f} frames/s", ratio)

    def _quote_age(self) -> Reading:
        now_ns = self._rooms.clock.now_ns()
        states, watching = self._rooms.market.states.values(), self._rooms.watching
        dropped = watching.view.dropped if watching is not None else frozenset()
        trading = [s for s in states if s.session is Session.OPEN and s.symbol not in dropped]
        ages = sorted(max(0, s.age_ns(now_ns)) / NS_PER_MS for s in trading if s.has_quote)
        if not ages:
            return Reading(HealthState.OFF, "none yet")
        doubtful = sum(state.trust(now_ns) is not Trust.GOOD for state in trading)
        state = HealthState.DEGRADED if 2 * doubtful > len(trading) else HealthState.OK
        middle = ages[len(ages) // 2]
        return Reading(state, f"{_ms(middle)} p50", f"{doubtful} of {len(trading)} doubtful", middle)

    def _journal(self) -> Reading:
        journal, scribe = self._rooms.journal, self._rooms.orders.scribe
        p99_ms = journal.sync_p99_us / 1000
        trouble = journal.refusal or scribe.trouble
        if trouble:
            return Reading(HealthState.DOWN, "failing", trouble, p99_ms)
        if scribe.unwritten:
            waiting = f"{scribe.unwritten:,} unwritten"
            return Reading(HealthState.DEGRADED, waiting, "records wait for the disk", p99_ms)
        synced = f"sync ≤ {_step(p99_ms):g} ms p99" if journal.syncs else "no sync yet"
        value, detail = f"record {journal.sequence:,}", f"{synced} · segment {journal.segments:,}"
        return Reading(HealthState.OK, value, detail, p99_ms)

    def _broker(self) -> Reading:
        view = self._rooms.orders.reconciler.view()
        state, value = _COMPARED[view.standing], view.standing.value
        if state is HealthState.OK and view.unknown:
            state = HealthState.DEGRADED
        if view.age_s:
            value = f"{value} {_at_least(view.age_s)}"
        detail = f"breaks {view.open_breaks:,} · unknown orders {view.unknown:,}{self._dead_man()}"
        return Reading(state, value, detail, view.unknown)

    def _dead_man(self) -> str:
        """Say whether a gateway cancels by itself once the desk is gone, where that was asked of it."""
        settings = self._rooms.settings
        if not settings.safety.dead_man_s or settings.broker.kind != "bridge":
            return ""
        promised = self._rooms.orders.reconciler.connection.cancels_alone
        return " · gateway cancels if we go" if promised else " · gateway does not cancel if we go"

    def _desks(self) -> Reading:
        desks = self._rooms.desks
        if desks is None:
            return Reading(HealthState.OFF, "not shared", "no Redis is named in the settings")
        heard = self._rooms.firm.reading()
        if heard.state is not HealthState.OK:
            return Reading(*heard)
        return Reading(*desks.reading())

    def _queues(self) -> Reading:
        changes = self._rooms.changes
        dropped, waiting = changes.alerts_dropped + changes.orders_dropped, changes.alerts_waiting
        state = HealthState.DEGRADED if dropped else HealthState.OK
        return Reading(state, f"{waiting} waiting", f"{dropped} dropped", waiting)

    def _orders(self) -> Reading:
        tally = self._rooms.orders.tally
        working = len(self._rooms.working)
        denied = self._counts.by_status[OrderStatus.DENIED]
        odd = tally.anomalies + tally.overfills + tally.orphans
        rejected = self._rejected.take(self._counts.by_status[OrderStatus.REJECTED])
        detail = f"{denied:,} denied · {odd:,} odd reports"
        if rejected > REJECTS_MAX:
            detail = f"the venue rejected {rejected:,} in the last minute · {detail}"
        state = HealthState.DEGRADED if odd or rejected > REJECTS_MAX else HealthState.OK
        return Reading(state, f"{working:,} working", detail, working)


def _of_venue(row: VenueRow) -> Callable[[], Reading]:
    return lambda: Reading(*row.read())


def _of_standby(venue: str, row: VenueRow) -> tuple[str, str]:
    """Return the name and the label of a row of a venue that stands by."""
    what = row.label.removesuffix(" route").removeprefix("venue ")
    return f"{row.name}_{venue}", venue if what == venue else f"{venue} {what}"


def _duration(latency: Latency, good_ms: float) -> Callable[[], Reading]:
    """Return what reads a latency; it is degraded while its 99th percentile is above `good_ms`."""

    def read() -> Reading:
        if not latency.recent:
            return _none_recent(latency)
        p50_ms, p99_ms = (duration / NS_PER_MS for duration in latency.quantiles(0.5, 0.99))
        state = HealthState.OK if p99_ms <= good_ms else HealthState.DEGRADED
        return Reading(state, f"{_ms(p50_ms)} p50", f"{_ms(p99_ms)} p99 · {latency.count:,}", p99_ms)

    return read


def _lag(latency: Latency, good_ms: float, *, bad_ms: float = inf) -> Callable[[], Reading]:
    """Return what reads a latency that is measured all the time: in steps, since its digits never rest."""

    def read() -> Reading:
        if not latency.recent:
            return _none_recent(latency)
        p50_ms, p99_ms = (duration / NS_PER_MS for duration in latency.quantiles(0.5, 0.99))
        state = HealthState.OK if p99_ms <= good_ms else HealthState.DEGRADED
        if p99_ms > bad_ms:
            state = HealthState.DOWN
        return Reading(state, f"≤ {_step(p50_ms):g} ms p50", f"≤ {_step(p99_ms):g} ms p99", p99_ms)

    return read


def _none_recent(latency: Latency) -> Reading:
    """Say that there is nothing to tell: what was measured before the last minute is no news."""
    if latency.count:
        return Reading(HealthState.OFF, "none lately", f"{latency.count:,} before the last minute")
    return Reading(HealthState.OFF, "none yet")


def _step(value: float) -> float:
    """Return the first of 1, 2, 5, 10, 20, 50, ... that a number does not exceed, with 1 the least."""
    step = 1.0
    for factor in cycle((2.0, 2.5, 2.0)):
        if value <= step:
            break
        step *= factor
    return step


def _at_least(seconds: int) -> str:
    """Say how long it is at least: a few seconds one by one, then by five, then by minutes."""
    if seconds >= 60:
        return f"{seconds // 60} min"
    return f"{seconds // 5 * 5 if seconds > 5 else seconds} s"


def _ms(value: float) -> str:
    if value >= 10_000:
        return f"{value / 1000:,.0f} s"
    return f"{value:.1f} ms" if value < 100 else f"{value:,.0f} ms"
