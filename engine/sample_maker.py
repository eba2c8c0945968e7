"""Reads the rooms of one engine into what the exporter serves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from engine.clock import NS_PER_S
from engine.messages.alarm_views import OPEN_STATES
from engine.messages.comparison_views import BreakKind, BreakState, ReconcilePhase
from engine.messages.events import Severity
from engine.messages.views import HealthState
from engine.model.market_status import Session
from engine.observe.latency import Latency
from engine.observe.metrics import Sample
from engine.observe.order_counts import OrderCounts
from engine.observe.process import CollectorPauses
from engine.observe.venues import Points, VenueMetric
from engine.rooms import Rooms

US_PER_S = 1_000_000
QUANTILES = (0.5, 0.9, 0.99)
STATES = (HealthState.OK, HealthState.DEGRADED, HealthState.DOWN, HealthState.OFF)
"""A health state's number is its place here."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One name, what it means, and where its numbers are read."""

    name: str
    kind: str
    help: str
    labels: tuple[str, ...]
    read: Callable[[SampleMaker], Points]


class SampleMaker:
    """Reads the rooms of one engine into samples, on the engine's own thread."""

    def __init__(
        self, rooms: Rooms, counts: OrderCounts, pauses: CollectorPauses, metrics: Iterable[Metric]
    ) -> None:
        self.rooms = rooms
        self.counts = counts
        self.pauses = pauses
        self._metrics = tuple(metrics)

    def make(self) -> tuple[Sample, ...]:
        """Return every sample as it is now."""
        return tuple(sample for metric in self._metrics for sample in self._samples(metric))

    def _samples(self, metric: Metric) -> Iterator[Sample]:
        for values, number in metric.read(self):
            labels = tuple(zip(metric.labels, values, strict=True))
            yield Sample(metric.name, metric.kind, metric.help, labels, float(number))


def one(number: float) -> Points:
    """Return the point of a metric without labels."""
    return (((), number),)


def counted(numbers: Iterable[tuple[str, float]]) -> Points:
    """Return a point for each name."""
    return (((name,), number) for name, number in numbers)


def refused(maker: SampleMaker) -> Points:
    """Count what each source's filters refused, by reason."""
    counts = maker.rooms.market.counters.refused_by_source
    return (((reason, source), number) for (source, reason), number in counts.items())


def positions(maker: SampleMaker) -> Points:
    """Yield what is held, in the instrument's own terms."""
    for symbol, position in maker.rooms.ledger.positions.items():
        yield (symbol,), position.quantity / position.instrument.size_scale


def health_states(maker: SampleMaker) -> Points:
    """Return the state of each row of the health board, as a number."""
    return counted((n, STATES.index(r.state)) for n, r in maker.rooms.health.readings().items())


def health_values(maker: SampleMaker) -> Points:
    """Return the number of each row of the health board, in the row's own unit."""
    return counted((n, r.number) for n, r in maker.rooms.health.readings().items())


def sync_seconds(maker: SampleMaker) -> Points:
    """Yield how long syncs of the journal took, s."""
    journal = maker.rooms.journal
    if journal.syncs:
        yield ("0.5",), journal.sync_p50_us / US_PER_S
        yield ("0.99",), journal.sync_p99_us / US_PER_S


def projection(maker: SampleMaker) -> Points:
    """Return how many records the projection is behind, where there is one."""
    reading = maker.rooms.health.readings().get("projection")
    return one(reading.number) if reading is not None else ()


def feed_ages(maker: SampleMaker) -> Points:
    """Return for how long each source has said nothing of any symbol that trades now, s; none while the market is held."""
    rooms = maker.rooms
    playback, watching = rooms.playback, rooms.watching
    if playback is not None and (playback.paused or playback.finished):
        return ()
    dropped = watching.view.dropped if watching is not None else frozenset()
    newest: dict[str, int] = {}
    for state in rooms.market.states.values():
        if state.has_quote and state.session is Session.OPEN and state.symbol not in dropped:
            newest[state.source] = max(newest.get(state.source, 0), state.quote_receive_ns)
    now_ns = rooms.clock.now_ns()
    return counted((source, max(0, now_ns - at_ns) / NS_PER_S) for source, at_ns in newest.items())


def disk_free(maker: SampleMaker) -> Points:
    """Return how much room the disk of the data folder has, where that is known."""
    disk = maker.rooms.disk
    return one(disk.free_bytes) if disk is not None and disk.free_bytes is not None else ()


def backup_age(maker: SampleMaker) -> Points:
    """Return how old the newest backup of the account is, s, where there is one."""
    age_s = maker.rooms.disk.backup_age_s if maker.rooms.disk is not None else None
    return one(age_s) if age_s is not None else ()


def alarms(maker: SampleMaker) -> Points:
    """Count the alerts that are not over by how severe they are and where they stand."""
    found = Counter((each.severity, each.state) for each in maker.rooms.alarms.view.open)
    return (
        ((severity.value, state.value), found[severity, state])
        for severity in Severity
        for state in OPEN_STATES
    )


def breaks(maker: SampleMaker) -> Points:
    """Count the open differences to the broker by kind."""
    known = maker.rooms.orders.reconciler.breaks
    found = [each.kind for each in known if each.state is BreakState.OPEN]
    return counted((kind.value, found.count(kind)) for kind in BreakKind)


def phases(maker: SampleMaker) -> Points:
    """Return 1 for the phase that the comparison is in, 0 for the others."""
    now = maker.rooms.orders.reconciler.view().phase
    return counted((phase.value, phase is now) for phase in ReconcilePhase)


def of_venue(metric: VenueMetric) -> Metric:
    """Return a metric that reads every venue."""

    def read(maker: SampleMaker) -> Points:
        return chain.from_iterable(metric.read(venue) for venue in maker.rooms.venues)

    return Metric(metric.name, metric.kind, metric.help, metric.labels, read)


def summary(
    name: str, help_text: str, latency_of: Callable[[SampleMaker], Latency]
) -> tuple[Metric, Metric, Metric]:
    """Return a summary: quantiles of the last minute's durations, the sum and the count of all of them."""

    def quantiles(maker: SampleMaker) -> Points:
        latency = latency_of(maker)
        if latency.recent:
            numbers = latency.quantiles(*QUANTILES)
            yield from (((str(q),), ns / NS_PER_S) for q, ns in zip(QUANTILES, numbers, strict=True))

    def total(maker: SampleMaker) -> Points:
        return one(latency_of(maker).total_ns / NS_PER_S)

    def count(maker: SampleMaker) -> Points:
        return one(latency_of(maker).count)

    return (
        Metric(name, "summary", help_text, ("quantile",), quantiles),
        Metric(f"{name}_sum", "summary", help_text, (), total),
        Metric(f"{name}_count", "summary", help_text, (), count),
    )
