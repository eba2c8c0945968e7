"""Every metric the exporter serves; `docs/metrics.md` explains them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from engine.clock import NS_PER_S
from engine.messages.comparison_views import BreakKind, BreakState, ReconcilePhase
from engine.messages.views import HealthState
from engine.model.instrument import MICROS
from engine.observe.latency import Latency
from engine.observe.metrics import Sample
from engine.observe.order_counts import OrderCounts
from engine.observe.process import CollectorPauses
from engine.observe.venues import VENUE_METRICS, Points, VenueMetric
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

    def __init__(self, rooms: Rooms, counts: OrderCounts, pauses: CollectorPauses) -> None:
        self.rooms = rooms
        self.counts = counts
        self.pauses = pauses

    def make(self) -> tuple[Sample, ...]:
        """Return every sample as it is now."""
        return tuple(sample for metric in METRICS for sample in self._samples(metric))

    def _samples(self, metric: Metric) -> Iterator[Sample]:
        for values, number in metric.read(self):
            labels = tuple(zip(metric.labels, values, strict=True))
            yield Sample(metric.name, metric.kind, metric.help, labels, float(number))


def _one(number: float) -> Points:
    return (((), number),)


def _counted(numbers: Iterable[tuple[str, float]]) -> Points:
    return (((name,), number) for name, number in numbers)


def _refused(maker: SampleMaker) -> Points:
    counts = maker.rooms.market.counters.refused_by_source
    return (((reason, source), number) for (source, reason), number in counts.items())


def _positions(maker: SampleMaker) -> Points:
    for symbol, position in maker.rooms.ledger.positions.items():
        yield (symbol,), position.quantity / position.instrument.size_scale


def _health_states(maker: SampleMaker) -> Points:
    return _counted((n, STATES.index(r.state)) for n, r in maker.rooms.health.readings().items())


def _health_values(maker: SampleMaker) -> Points:
    return _counted((n, r.number) for n, r in maker.rooms.health.readings().items())


def _sync_seconds(maker: SampleMaker) -> Points:
    journal = maker.rooms.journal
    if journal.syncs:
        yield ("0.5",), journal.sync_p50_us / US_PER_S
        yield ("0.99",), journal.sync_p99_us / US_PER_S


def _projection(maker: SampleMaker) -> Points:
    reading = maker.rooms.health.readings().get("projection")
    return _one(reading.number) if reading is not None else ()


def _breaks(maker: SampleMaker) -> Points:
    breaks = maker.rooms.orders.reconciler.breaks
    found = [each.kind for each in breaks if each.state is BreakState.OPEN]
    return _counted((kind.value, found.count(kind)) for kind in BreakKind)


def _phases(maker: SampleMaker) -> Points:
    now = maker.rooms.orders.reconciler.view().phase
    return _counted((phase.value, phase is now) for phase in ReconcilePhase)


def _of_venue(metric: VenueMetric) -> Metric:
    def read(maker: SampleMaker) -> Points:
        return chain.from_iterable(metric.read(venue) for venue in maker.rooms.venues)

    return Metric(metric.name, metric.kind, metric.help, metric.labels, read)


def _latency(
    name: str, help_text: str, latency_of: Callable[[SampleMaker], Latency]
) -> tuple[Metric, Metric, Metric]:
    """Return a summary: quantiles of the last minute's durations, the sum and the count of all of them."""

    def quantiles(maker: SampleMaker) -> Points:
        latency = latency_of(maker)
        if latency.recent:
            numbers = latency.quantiles(*QUANTILES)
            yield from (((str(q),), ns / NS_PER_S) for q, ns in zip(QUANTILES, numbers, strict=True))

    def total(maker: SampleMaker) -> Points:
        return _one(latency_of(maker).total_ns / NS_PER_S)

    def count(maker: SampleMaker) -> Points:
        return _one(latency_of(maker).count)

    return (
        Metric(name, "summary", help_text, ("quantile",), quantiles),
        Metric(f"{name}_sum", "summary", help_text, (), total),
        Metric(f"{name}_count", "summary", help_text, (), count),
    )


METRICS: tuple[Metric, ...] = (
    Metric(
        "touchline_events_total",
        "counter",
        "Market data messages received, refused ones included.",
        ("kind",),
        lambda m: _counted(m.rooms.market.counters.events.items()),
    ),
    Metric(
        "touchline_quotes_refused_total",
        "counter",
        "Market data messages that were not let in, or could not be read.",
        ("reason", "source"),
        _refused,
    ),
    Metric(
        "touchline_orders_total",
        "counter",
        "Moves of orders to each status.",
        ("status",),
        lambda m: _counted(m.counts.by_status.items()),
    ),
    Metric(
        "touchline_order_denials_total",
        "counter",
        "Times that each rule of the risk gate said no.",
        ("rule",),
        lambda m: _counted(m.rooms.gate.denial_counts.items()),
    ),
    Metric("touchline_fills_total", "counter", "Fills of our orders.", (), lambda m: _one(m.counts.fills)),
    *_latency(
        "touchline_key_to_paint_seconds",
        "From a key until its effect was painted.",
        lambda m: m.rooms.latencies.key_to_paint,
    ),
    *_latency(
        "touchline_key_to_wire_seconds",
        "From a key until its order was handed to the broker.",
        lambda m: m.rooms.latencies.key_to_wire,
    ),
    *_latency(
        "touchline_order_to_ack_seconds",
        "From sending an order until the venue had it.",
        lambda m: m.rooms.latencies.order_to_ack,
    ),
    *_latency(
        "touchline_loop_lag_seconds",
        "How late the engine's loop woke up.",
        lambda m: m.rooms.latencies.loop_lag,
    ),
    Metric(
        "touchline_equity",
        "gauge",
        "Cash and positions, base currency.",
        (),
        lambda m: _one(m.rooms.account.equity_micros / MICROS),
    ),
    Metric(
        "touchline_day_pnl",
        "gauge",
        "Profit since the day began, base currency.",
        (),
        lambda m: _one(m.rooms.account.day_pnl_micros / MICROS),
    ),
    Metric(
        "touchline_gross_exposure",
        "gauge",
        "Worth of all positions, longs and shorts added up, base currency.",
        (),
        lambda m: _one(m.rooms.account.gross_micros / MICROS),
    ),
    Metric(
        "touchline_position",
        "gauge",
        "What is held, in shares, coins or contracts; short is negative.",
        ("symbol",),
        _positions,
    ),
    Metric(
        "touchline_limit_used_ratio",
        "gauge",
        "How much of a risk limit is used; 1 is all of it.",
        ("rule",),
        lambda m: _counted(
            (view.rule, view.fraction) for view in m.rooms.gate.usage(m.rooms.numbers.metrics)
        ),
    ),
    Metric(
        "touchline_journal_sequence",
        "gauge",
        "The last record that the journal has.",
        (),
        lambda m: _one(m.rooms.journal.sequence),
    ),
    Metric(
        "touchline_journal_unsynced_records",
        "gauge",
        "Records that a loss of power would take.",
        (),
        lambda m: _one(m.rooms.journal.unsynced),
    ),
    Metric(
        "touchline_journal_syncs_total",
        "counter",
        "Syncs of the journal to the disk.",
        (),
        lambda m: _one(m.rooms.journal.syncs),
    ),
    Metric(
        "touchline_journal_sync_seconds",
        "gauge",
        "How long a sync of the journal takes, at a quantile of the latest 1,024.",
        ("quantile",),
        _sync_seconds,
    ),
    Metric(
        "touchline_journal_failures_total",
        "counter",
        "Times that a record could not be written.",
        (),
        lambda m: _one(m.rooms.orders.journal_failures),
    ),
    Metric(
        "touchline_journal_unwritten_records",
        "gauge",
        "Records that wait for a disk that fails.",
        (),
        lambda m: _one(m.rooms.orders.scribe.unwritten),
    ),
    Metric(
        "touchline_journal_lost_records_total",
        "counter",
        "Records that found no room to wait in.",
        (),
        lambda m: _one(m.rooms.orders.scribe.lost),
    ),
    Metric(
        "touchline_journal_torn_bytes",
        "gauge",
        "Bytes of unfinished records that were cut off the journal at the start.",
        (),
        lambda m: _one(m.rooms.journal.torn_bytes),
    ),
    Metric(
        "touchline_projection_behind_records",
        "gauge",
        "Records that the history's database does not show yet.",
        (),
        _projection,
    ),
    Metric(
        "touchline_orders_unknown",
        "gauge",
        "Orders whose fate is unknown.",
        (),
        lambda m: _one(m.rooms.orders.reconciler.view().unknown),
    ),
    Metric(
        "touchline_breaks_open",
        "gauge",
        "Differences to the broker that wait for a person.",
        ("kind",),
        _breaks,
    ),
    Metric(
        "touchline_reconcile_phase",
        "gauge",
        "Where the comparison with the broker is: 1 for the phase it is in, 0 for the others.",
        ("phase",),
        _phases,
    ),
    Metric(
        "touchline_reconciled_fills_total",
        "counter",
        "Fills that were made up for by asking the broker.",
        (),
        lambda m: _one(m.rooms.orders.reconciler.view().fills),
    ),
    *map(_of_venue, VENUE_METRICS),
    Metric(
        "touchline_resident_memory_bytes",
        "gauge",
        "Memory the process holds.",
        (),
        lambda m: _one(m.rooms.health.reading("memory").number),
    ),
    Metric(
        "touchline_gc_collections_total",
        "counter",
        "Runs of the garbage collector.",
        (),
        lambda m: _one(m.pauses.collections),
    ),
    Metric(
        "touchline_gc_pause_seconds_total",
        "counter",
        "Time the garbage collector held everything up.",
        (),
        lambda m: _one(m.pauses.total_ns / NS_PER_S),
    ),
    Metric(
        "touchline_health_state",
        "gauge",
        "A row of the health pane: 0 ok, 1 degraded, 2 down, 3 off.",
        ("component",),
        _health_states,
    ),
    Metric(
        "touchline_health_value",
        "gauge",
        "The number that the row's sparkline draws, in the row's own unit.",
        ("component",),
        _health_values,
    ),
)
