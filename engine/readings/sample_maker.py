"""Reads the rooms of one engine into what the exporter serves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

from engine.clock import NS_PER_S, SystemClock
from engine.desk.metrics import Others, named
from engine.desk.redis_link import RedisLink
from engine.messages.comparison_views import BreakKind, BreakState, ReconcilePhase
from engine.messages.signal_views import SignalsView
from engine.messages.views import HealthState
from engine.observe.gateway_counts import GatewayCounts
from engine.observe.latency import Latency
from engine.observe.logs import EventLog
from engine.observe.metrics import Sample
from engine.observe.order_counts import OrderCounts
from engine.observe.process import CollectorPauses
from engine.observe.span_export import SpanExport
from engine.observe.storage import Moment, Storage
from engine.observe.told import Part, Point, Points, Told, counted, one
from engine.ports.venue import Venue
from engine.rooms import Rooms

US_PER_S = 1_000_000
QUANTILES = (0.5, 0.9, 0.99)
STATES = (HealthState.OK, HealthState.DEGRADED, HealthState.DOWN, HealthState.OFF)
"""A health state's number is its place here."""
SERIES_MAX: Final = 256
"""Series of one metric at most: symbols come from venues, and what keeps them must not grow with what a venue says."""
DAY_S: Final = 86_400


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
        self,
        rooms: Rooms,
        counts: OrderCounts,
        pauses: CollectorPauses,
        storage: Storage,
        metrics: Iterable[Metric],
        log: EventLog | None = None,
    ) -> None:
        self.rooms = rooms
        self.counts = counts
        self.pauses = pauses
        self.storage = storage
        self.log = log
        self.began_s = SystemClock().now_ns() / NS_PER_S
        self.left_out = 0
        """Series of the latest samples that found no room."""
        self._metrics = tuple(metrics)
        self._latest: dict[str, tuple[tuple[Point, ...], tuple[Sample, ...]]] = {}

    def make(self) -> tuple[Sample, ...]:
        """Return every sample as it is now; those of a metric whose numbers are as they were are not made again."""
        self.left_out = 0
        return tuple(chain.from_iterable(map(self._samples, self._metrics)))

    def _samples(self, metric: Metric) -> tuple[Sample, ...]:
        points = tuple(metric.read(self))
        self.left_out += max(0, len(points) - SERIES_MAX)
        known, samples = self._latest.get(metric.name, ((), ()))
        if known != points:
            samples = tuple(_sample(metric, *point) for point in points[:SERIES_MAX])
            self._latest[metric.name] = points, samples
        return samples

    def disks(self) -> Moment:
        """Return what was found on the disks, to be read by the world's time, which files have too."""
        return Moment(self.storage, SystemClock().now_ns())


def _sample(metric: Metric, values: tuple[str, ...], number: float) -> Sample:
    labels = tuple(zip(metric.labels, values, strict=True))
    return Sample(metric.name, metric.kind, metric.help, labels, float(number))


def refused(maker: SampleMaker) -> Points:
    """Count what each source's filters refused, by reason."""
    counts = maker.rooms.market.counters.refused_by_source
    return (((reason, source), number) for (source, reason), number in counts.items())


def lost_books(maker: SampleMaker) -> Points:
    """Count the books of each source that can't be believed until a fresh one comes."""
    lost: dict[str, int] = {}
    for book in maker.rooms.market.books.values():
        if book.source:
            lost[book.source] = lost.get(book.source, 0) + (not book.synced)
    return (((source,), number) for source, number in lost.items())


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


def _sync_quantiles(maker: SampleMaker) -> Points:
    """Yield how long syncs of the journal took, s."""
    journal = maker.rooms.journal
    if journal.syncs:
        yield ("0.5",), journal.sync_p50_us / US_PER_S
        yield ("0.99",), journal.sync_p99_us / US_PER_S


def projection(maker: SampleMaker) -> Points:
    """Return how many records the projection is behind, where there is one."""
    reading = maker.rooms.health.readings().get("projection")
    return one(reading.number) if reading is not None else ()


def breaks(maker: SampleMaker) -> Points:
    """Count the open differences to the broker by kind."""
    known = maker.rooms.orders.reconciler.breaks
    found = [each.kind for each in known if each.state is BreakState.OPEN]
    return counted((kind.value, found.count(kind)) for kind in BreakKind)


def phases(maker: SampleMaker) -> Points:
    """Return 1 for the phase that the comparison is in, 0 for the others."""
    now = maker.rooms.orders.reconciler.view().phase
    return counted((phase.value, phase is now) for phase in ReconcilePhase)


def certificate(maker: SampleMaker) -> Points:
    """Return for how long the gateway's certificate is good yet, s, where it shows one."""
    reading = maker.rooms.health.readings().get("certificate")
    return one(reading.number * DAY_S) if reading is not None and reading.state is not HealthState.OFF else ()


def of_spans(metric: Told[SpanExport]) -> Metric:
    """Return a metric of the traces, which says nothing while they are off."""

    def read(maker: SampleMaker) -> Points:
        traces = maker.rooms.traces
        return metric.read(traces.export) if traces is not None else ()

    return Metric(metric.name, metric.kind, metric.help, metric.labels, read)


def of_log(metric: Told[EventLog]) -> Metric:
    """Return a metric of the log, which says nothing where there is none."""

    def read(maker: SampleMaker) -> Points:
        return metric.read(maker.log) if maker.log is not None else ()

    return Metric(metric.name, metric.kind, metric.help, metric.labels, read)


def of_venue(metric: Told[Venue]) -> Metric:
    """Return a metric that reads every venue."""

    def read(maker: SampleMaker) -> Points:
        return chain.from_iterable(metric.read(venue) for venue in maker.rooms.venues)

    return Metric(metric.name, metric.kind, metric.help, metric.labels, read)


def of_gateway(metric: Told[GatewayCounts]) -> Metric:
    """Return a metric that what runs beside the engine reads."""
    return Metric(
        metric.name, metric.kind, metric.help, metric.labels, lambda m: _beside(m.rooms, metric.name)
    )


def of_link(metric: Told[RedisLink]) -> Metric:
    """Return a metric that reads every way to the Redis that is shared."""

    def read(maker: SampleMaker) -> Points:
        rooms = maker.rooms
        own = named(rooms.shared.link, "engine", metric) if rooms.shared is not None else ()
        return chain(own, _beside(rooms, metric.name))

    return Metric(metric.name, metric.kind, metric.help, metric.labels, read)


def of_desks(metric: Told[Others]) -> Metric:
    """Return a metric that reads the desks, where there are others."""

    def read(maker: SampleMaker) -> Points:
        desks = maker.rooms.desks
        return metric.read(Others(maker.rooms.firm, desks)) if desks is not None else ()

    return Metric(metric.name, metric.kind, metric.help, metric.labels, read)


def of_signals(metric: Told[SignalsView]) -> Metric:
    """Return a metric of what models say and how they do, where the settings name any."""

    def read(maker: SampleMaker) -> Points:
        signals = maker.rooms.signals
        return metric.read(signals.view) if signals is not None else ()

    return Metric(metric.name, metric.kind, metric.help, metric.labels, read)


def _beside(rooms: Rooms, name: str) -> Points:
    read = rooms.beside.get(name)
    return read() if read is not None else ()


def all_of(metrics: Iterable[Told[Part]], part_of: Callable[[SampleMaker], Part]) -> Iterator[Metric]:
    """Yield a part's metrics, each reading that part of an engine."""
    return (Metric(m.name, m.kind, m.help, m.labels, _reading(m, part_of)) for m in metrics)


def _reading(metric: Told[Part], part_of: Callable[[SampleMaker], Part]) -> Callable[[SampleMaker], Points]:
    return lambda maker: metric.read(part_of(maker))


def durations(what: str, help_text: str, latency_of: Callable[[SampleMaker], Latency]) -> tuple[Metric, ...]:
    """Return a latency as a summary of the last minute and, under a name of its own, as a histogram of all there were."""
    return (
        *summary(f"touchline_{what}_seconds", help_text, latency_of),
        *_histogram(f"touchline_{what}_duration_seconds", help_text, latency_of),
    )


def summary(
    name: str, help_text: str, latency_of: Callable[[SampleMaker], Latency]
) -> tuple[Metric, Metric, Metric]:
    """Return a summary: quantiles of the last minute's durations, the sum and the count of all of them."""

    def quantiles(maker: SampleMaker) -> Points:
        latency = latency_of(maker)
        if latency.recent:
            numbers = latency.quantiles(*QUANTILES)
            yield from (((str(q),), ns / NS_PER_S) for q, ns in zip(QUANTILES, numbers, strict=True))

    return (
        Metric(name, "summary", help_text, ("quantile",), quantiles),
        *_totals(name, "summary", help_text, latency_of),
    )


def _histogram(
    name: str, help_text: str, latency_of: Callable[[SampleMaker], Latency]
) -> tuple[Metric, Metric, Metric]:
    """Return a histogram of fixed buckets, each with all that is below it."""

    def buckets(maker: SampleMaker) -> Points:
        return counted(latency_of(maker).cumulated())

    return (
        Metric(f"{name}_bucket", "histogram", help_text, ("le",), buckets),
        *_totals(name, "histogram", help_text, latency_of),
    )


def _totals(
    name: str, kind: str, help_text: str, latency_of: Callable[[SampleMaker], Latency]
) -> tuple[Metric, Metric]:
    """Return the sum and the count of all durations there ever were."""
    return (
        Metric(f"{name}_sum", kind, help_text, (), lambda maker: one(latency_of(maker).total_ns / NS_PER_S)),
        Metric(f"{name}_count", kind, help_text, (), lambda maker: one(latency_of(maker).count)),
    )


_SYNC: Final = ("touchline_journal_sync_seconds", "How long a sync of the journal takes.")
SYNC_SECONDS: Final = (
    Metric(_SYNC[0], "summary", _SYNC[1], ("quantile",), _sync_quantiles),
    Metric(
        f"{_SYNC[0]}_sum", "summary", _SYNC[1], (), lambda m: one(m.rooms.journal.sync_total_ns / NS_PER_S)
    ),
    Metric(f"{_SYNC[0]}_count", "summary", _SYNC[1], (), lambda m: one(m.rooms.journal.syncs)),
)
"""A summary of the latest 1,024 syncs, which the journal times itself."""
