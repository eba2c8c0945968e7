"""Every metric the exporter serves; `docs/metrics.md` explains them."""

from __future__ import annotations

from engine.clock import NS_PER_S
from engine.desk.metrics import DESK_METRICS, LINK_METRICS
from engine.messages.commands import TradingState
from engine.observe.account_metrics import ACCOUNT_METRICS
from engine.observe.alert_metrics import ALERT_METRICS
from engine.observe.feed_metrics import FEED_METRICS, Feeds
from engine.observe.gateway_counts import GATEWAY_METRICS
from engine.observe.latency import LATE_NS
from engine.observe.logs import LOG_METRICS
from engine.observe.process_metrics import PROCESS_METRICS
from engine.observe.signal_metrics import SIGNAL_METRICS
from engine.observe.span_export import TRACES_METRICS
from engine.observe.storage import STORAGE_METRICS
from engine.observe.told import chosen, counted, one
from engine.observe.venues import VENUE_METRICS
from engine.readings.sample_maker import (
    SYNC_SECONDS,
    Metric,
    SampleMaker,
    all_of,
    breaks,
    certificate,
    durations,
    health_states,
    health_values,
    lost_books,
    of_desks,
    of_gateway,
    of_link,
    of_log,
    of_signals,
    of_spans,
    of_venue,
    phases,
    positions,
    projection,
    refused,
)
from engine.readings.shared_samples import SHARED_METRICS


def feeds(maker: SampleMaker) -> Feeds:
    """Return every symbol that is followed, as of now; none while the market is held, when nothing has to come."""
    rooms = maker.rooms
    playback, watching = rooms.playback, rooms.watching
    held = playback is not None and (playback.paused or playback.finished)
    dropped = watching.view.dropped if watching is not None else frozenset()
    states = () if held else tuple(s for s in rooms.market.states.values() if s.symbol not in dropped)
    now_ns = rooms.clock.monotonic_ns()
    signs = {
        name: now_ns - sign_ns
        for venue in rooms.venues
        for name, sign_ns in venue.signs().items()
        if sign_ns is not None
    }
    return Feeds(states, rooms.clock.now_ns(), signs)


METRICS: tuple[Metric, ...] = (
    Metric(
        "touchline_events_total",
        "counter",
        "Market data messages received, refused ones included.",
        ("kind",),
        lambda m: counted(m.rooms.market.counters.events.items()),
    ),
    Metric(
        "touchline_quotes_refused_total",
        "counter",
        "Market data messages that were not let in, or could not be read.",
        ("reason", "source"),
        refused,
    ),
    Metric(
        "touchline_books_lost",
        "gauge",
        "Books that do not add up, and are not believed until a fresh one comes.",
        ("source",),
        lost_books,
    ),
    Metric(
        "touchline_orders_total",
        "counter",
        "Moves of orders to each status.",
        ("status",),
        lambda m: counted(m.counts.by_status.items()),
    ),
    Metric(
        "touchline_order_denials_total",
        "counter",
        "Times that each rule of the risk gate said no.",
        ("rule",),
        lambda m: counted(m.rooms.gate.denial_counts.items()),
    ),
    Metric("touchline_fills_total", "counter", "Fills of our orders.", (), lambda m: one(m.counts.fills)),
    Metric(
        "touchline_order_rejects_total",
        "counter",
        "Orders that a venue rejected, by the kind of what it said.",
        ("reason",),
        lambda m: counted(m.counts.rejects.items()),
    ),
    Metric(
        "touchline_orders_open",
        "gauge",
        "Orders that may still trade.",
        (),
        lambda m: one(len(m.rooms.working)),
    ),
    *durations(
        "key_to_paint", "From a key until its effect was painted.", lambda m: m.rooms.latencies.key_to_paint
    ),
    *durations(
        "key_to_wire",
        "From a key until its order was handed to the broker.",
        lambda m: m.rooms.latencies.key_to_wire,
    ),
    *durations(
        "order_to_ack",
        "From sending an order until the venue had it.",
        lambda m: m.rooms.latencies.order_to_ack,
    ),
    *durations("loop_lag", "How late the engine's loop woke up.", lambda m: m.rooms.latencies.loop_lag),
    Metric(
        "touchline_loop_late_total",
        "counter",
        "Times that the engine's loop woke up more than 250 ms late.",
        (),
        lambda m: one(m.rooms.latencies.loop_lag.longer_than(LATE_NS)),
    ),
    *durations(
        "source_to_screen",
        "From the source's own time of a quote until it was on the screen.",
        lambda m: m.rooms.latencies.source_to_screen,
    ),
    *all_of(FEED_METRICS, feeds),
    *all_of(ACCOUNT_METRICS, lambda m: m.rooms.account),
    Metric(
        "touchline_drawdown_ratio",
        "gauge",
        "How far equity is below its peak; 0.1 is a tenth.",
        (),
        lambda m: one(max(0.0, -m.rooms.valuation.drawdown)),
    ),
    Metric(
        "touchline_trading_state",
        "gauge",
        "What orders may do: 1 for the state it is in, 0 for the others.",
        ("state",),
        lambda m: chosen(TradingState, m.rooms.halts.everything.state),
    ),
    Metric(
        "touchline_position",
        "gauge",
        "What is held, in shares, coins or contracts; short is negative.",
        ("symbol",),
        positions,
    ),
    Metric(
        "touchline_limit_used_ratio",
        "gauge",
        "How much of a risk limit is used; 1 is all of it.",
        ("rule",),
        lambda m: counted((view.rule, view.fraction) for view in m.rooms.gate.usage(m.rooms.numbers.metrics)),
    ),
    Metric(
        "touchline_journal_sequence",
        "gauge",
        "The last record that the journal has.",
        (),
        lambda m: one(m.rooms.journal.sequence),
    ),
    Metric(
        "touchline_journal_unsynced_records",
        "gauge",
        "Records that a loss of power would take.",
        (),
        lambda m: one(m.rooms.journal.unsynced),
    ),
    Metric(
        "touchline_journal_syncs_total",
        "counter",
        "Syncs of the journal to the disk.",
        (),
        lambda m: one(m.rooms.journal.syncs),
    ),
    *SYNC_SECONDS,
    Metric(
        "touchline_journal_failures_total",
        "counter",
        "Times that a record could not be written.",
        (),
        lambda m: one(m.rooms.orders.journal_failures),
    ),
    Metric(
        "touchline_journal_unwritten_records",
        "gauge",
        "Records that wait for a disk that fails.",
        (),
        lambda m: one(m.rooms.orders.scribe.unwritten),
    ),
    Metric(
        "touchline_journal_lost_records_total",
        "counter",
        "Records that found no room to wait in.",
        (),
        lambda m: one(m.rooms.orders.scribe.lost),
    ),
    Metric(
        "touchline_journal_torn_bytes",
        "gauge",
        "Bytes of unfinished records that were cut off the journal at the start.",
        (),
        lambda m: one(m.rooms.journal.torn_bytes),
    ),
    Metric(
        "touchline_projection_behind_records",
        "gauge",
        "Records that the history's database does not show yet.",
        (),
        projection,
    ),
    Metric(
        "touchline_orders_unknown",
        "gauge",
        "Orders whose fate is unknown.",
        (),
        lambda m: one(m.rooms.orders.reconciler.view().unknown),
    ),
    Metric(
        "touchline_breaks_open",
        "gauge",
        "Differences to the broker that wait for a person.",
        ("kind",),
        breaks,
    ),
    Metric(
        "touchline_reconcile_phase",
        "gauge",
        "Where the comparison with the broker is: 1 for the phase it is in, 0 for the others.",
        ("phase",),
        phases,
    ),
    Metric(
        "touchline_reconciled_fills_total",
        "counter",
        "Fills that were made up for by asking the broker.",
        (),
        lambda m: one(m.rooms.orders.reconciler.view().fills),
    ),
    *map(of_venue, VENUE_METRICS),
    *map(of_spans, TRACES_METRICS),
    *map(of_log, LOG_METRICS),
    *all_of(ALERT_METRICS, lambda m: m.rooms.alarms.view),
    *SHARED_METRICS,
    *map(of_gateway, GATEWAY_METRICS),
    *map(of_link, LINK_METRICS),
    *map(of_desks, DESK_METRICS),
    *map(of_signals, SIGNAL_METRICS),
    Metric(
        "touchline_sign_in_failures_total",
        "counter",
        "Tries to sign in that failed, by the kind of place that they came from.",
        ("origin",),
        lambda m: counted(m.rooms.sign_ins.failures.items()),
    ),
    Metric(
        "touchline_sign_in_locked_accounts",
        "gauge",
        "Accounts that have to wait after too many failures.",
        (),
        lambda m: one(m.rooms.sign_ins.locked),
    ),
    *all_of(PROCESS_METRICS, lambda m: m.began_s),
    *all_of(STORAGE_METRICS, SampleMaker.disks),
    Metric(
        "touchline_certificate_left_seconds",
        "gauge",
        "For how long the gateway's certificate is good yet, in whole days.",
        (),
        certificate,
    ),
    Metric(
        "touchline_resident_memory_bytes",
        "gauge",
        "Memory the process holds.",
        (),
        lambda m: one(m.rooms.health.reading("memory").number),
    ),
    Metric(
        "touchline_gc_collections_total",
        "counter",
        "Runs of the garbage collector.",
        (),
        lambda m: one(m.pauses.collections),
    ),
    Metric(
        "touchline_gc_pause_seconds_total",
        "counter",
        "Time the garbage collector held everything up.",
        (),
        lambda m: one(m.pauses.total_ns / NS_PER_S),
    ),
    Metric(
        "touchline_health_state",
        "gauge",
        "A row of the health pane: 0 ok, 1 degraded, 2 down, 3 off.",
        ("component",),
        health_states,
    ),
    Metric(
        "touchline_health_value",
        "gauge",
        "The number that the row's sparkline draws, in the row's own unit.",
        ("component",),
        health_values,
    ),
    Metric(
        "touchline_series_left_out",
        "gauge",
        "Series that are not served, because a metric has too many.",
        (),
        lambda m: one(m.left_out),
    ),
)
