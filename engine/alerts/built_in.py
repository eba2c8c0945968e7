"""The rules that are in force without a file; `docs/alerts.example.toml` is this page as a file."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from engine.alerts.rule import Rule
from engine.messages.events import Severity

_CRITICAL: Final = Severity.CRITICAL
_DAY_S: Final = 86_400.0
_GIGABYTE: Final = 1024.0**3

BUILT_IN: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "circuit_open": Rule(
            metric="touchline_circuit_state",
            equals=2,
            severity=_CRITICAL,
            cause="venue {venue}",
            text="{venue} is not asked for {operation}: its circuit is open",
        ),
        "feed_stale": Rule(
            metric="touchline_feed_age_seconds",
            above=3,
            clear_below=2,
            severity=_CRITICAL,
            cause="venue {source}",
            text="market data of {source} is stale: nothing for {value}",
            unit="seconds",
        ),
        "feed_refused": Rule(
            metric="touchline_quotes_refused_total",
            of="touchline_events_total",
            by=("source",),
            grows_over_s=60,
            above=0.2,
            clear_below=0.1,
            cause="venue {source}",
            text="{value} of what came in the last minute was refused, of {source}",
            unit="percent",
        ),
        "books_lost": Rule(
            metric="touchline_books_lost",
            above=0,
            for_s=2,
            cause="venue {source}",
            text="books of {source} do not add up: {value}",
        ),
        "clock_ahead": Rule(
            metric="touchline_venue_clock_skew_seconds",
            above=0.5,
            clear_below=0.3,
            for_s=2,
            cause="clock",
            text="the clock of {venue} is {value} ahead of ours",
            unit="seconds",
        ),
        "clock_behind": Rule(
            metric="touchline_venue_clock_skew_seconds",
            below=-0.5,
            clear_above=-0.3,
            for_s=2,
            cause="clock",
            text="the clock of {venue} is {value} off ours",
            unit="seconds",
        ),
        "component_down": Rule(
            metric="touchline_health_state",
            where={
                "component": "journal|broker|projection|desks|lease|gateway|certificate|disk|vault|backup|files"
            },
            equals=2,
            severity=_CRITICAL,
            cause="{component}",
            text="{component} is down; the health pane says why",
        ),
        "component_unwell": Rule(
            metric="touchline_health_state",
            where={"component": "journal|desks|lease|gateway|queues|disk|vault|backup|files|venue_account"},
            equals=1,
            for_s=1,
            clear_for_s=10,
            cause="{component}",
            text="{component} is not well; the health pane says why",
        ),
        "component_late": Rule(
            metric="touchline_health_state",
            where={"component": "broker|projection"},
            equals=1,
            for_s=10,
            cause="{component}",
            text="{component} is still not well; the health pane says why",
        ),
        "redis_down": Rule(
            metric="touchline_health_state",
            where={"component": "redis"},
            equals=2,
            for_s=1,
            clear_for_s=10,
            severity=_CRITICAL,
            cause="desks",
            text="the Redis that desks share is down; the health pane says why",
        ),
        "watch_lost": Rule(
            metric="touchline_health_state",
            where={"component": "exporter|log|alert_webhook"},
            equals=2,
            for_s=1,
            cause="{component}",
            text="who is not at this desk hears nothing by {component}; the health pane says why",
        ),
        "orders_unknown": Rule(
            metric="touchline_orders_unknown",
            above=0,
            for_s=2,
            severity=_CRITICAL,
            cause="orders",
            text="the fate of orders is unknown: {value}",
        ),
        "breaks_open": Rule(
            metric="touchline_breaks_open",
            above=0,
            for_s=2,
            cause="differences",
            text="differences to the broker wait for a decision, by {kind}: {value}",
        ),
        "orders_rejected": Rule(
            metric="touchline_orders_total",
            where={"status": "rejected"},
            grows_over_s=60,
            above=3,
            cause="orders",
            text="the venue rejected {value} orders in the last minute",
        ),
        "records_lost": Rule(
            metric="touchline_journal_lost_records_total",
            grows_over_s=60,
            above=0,
            severity=_CRITICAL,
            cause="journal",
            text="{value} records of the journal were lost",
        ),
        "loop_slow": Rule(
            metric="touchline_loop_late_total",
            grows_over_s=10,
            above=2,
            clear_below=0,
            cause="latency",
            text="the engine's loop woke up more than 250 ms late, in ten seconds: {value} times",
        ),
        "venue_slow": Rule(
            metric="touchline_order_to_ack_seconds",
            where={"quantile": "0.99"},
            above=2,
            clear_below=1,
            for_s=3,
            cause="latency",
            text="the venue takes {value} to have an order",
            unit="seconds",
        ),
        "memory": Rule(
            metric="touchline_resident_memory_bytes",
            above=2 * _GIGABYTE,
            clear_below=1.75 * _GIGABYTE,
            cause="memory",
            text="the desk holds {value} of memory",
            unit="bytes",
        ),
        "disk": Rule(
            metric="touchline_disk_free_bytes",
            below=_GIGABYTE,
            clear_above=1.25 * _GIGABYTE,
            severity=_CRITICAL,
            cause="disk",
            text="{value} left on the disk of the {folder} folder",
            unit="bytes",
        ),
        "day_loss": Rule(
            metric="touchline_day_pnl",
            of="touchline_equity",
            below=-0.01,
            clear_above=-0.008,
            cause="loss",
            text="the day is at {value} of the equity",
            unit="percent",
        ),
        "limit_used": Rule(
            metric="touchline_limit_used_ratio",
            above=0.9,
            clear_below=0.8,
            for_s=2,
            cause="limits",
            text="{rule} is used to {value}",
            unit="percent",
        ),
        "certificate": Rule(
            metric="touchline_certificate_left_seconds",
            below=14 * _DAY_S,
            cause="certificate",
            text="the gateway's certificate ends in {value}",
            unit="seconds",
        ),
        "backup_old": Rule(
            metric="touchline_backup_age_seconds",
            above=2 * _DAY_S,
            cause="backup",
            text="the newest backup is {value} old",
            unit="seconds",
        ),
        "signal_drift": Rule(
            metric="touchline_signal_drift_level",
            above=1,
            cause="model {model}",
            text="{model} {version} drifts, in its {of}; the signals pane says how",
        ),
        "signal_failing": Rule(
            metric="touchline_signal_failing",
            above=0,
            for_s=2,
            cause="model {model}",
            text="{model} {version} does not predict as the registry has it; the signals pane says why",
        ),
        "signal_demoted": Rule(
            metric="touchline_signal_demoted",
            above=0,
            severity=_CRITICAL,
            cause="model {model}",
            text="{model} {version} was put into shadow; no champion counts until a person decides",
        ),
        "sign_in_locked": Rule(
            metric="touchline_sign_in_locked_accounts",
            above=0,
            cause="sign-in",
            text="accounts have to wait after too many failures: {value}",
        ),
    }
)
