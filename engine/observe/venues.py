"""The metrics of a venue; `docs/metrics.md` explains them."""

from __future__ import annotations

from engine.clock import NS_PER_S
from engine.messages.circuits import CircuitState
from engine.observe.told import Points, Told
from engine.ports.venue import Venue

CIRCUIT_STATES = (CircuitState.CLOSED, CircuitState.HALF_OPEN, CircuitState.OPEN)
"""A circuit's number is its place here."""


def _skew(venue: Venue) -> Points:
    return () if venue.skew_ns is None else (((venue.name,), venue.skew_ns / NS_PER_S),)


VENUE_METRICS: tuple[Told[Venue], ...] = (
    Told(
        "touchline_circuit_state",
        "gauge",
        "Whether a venue is asked: 0 closed, 1 half-open, 2 open.",
        ("venue", "operation"),
        lambda venue: (
            ((venue.name, each.operation), CIRCUIT_STATES.index(each.state)) for each in venue.circuits
        ),
    ),
    Told(
        "touchline_circuit_openings_total",
        "counter",
        "Times that a venue was left alone after several failures.",
        ("venue", "operation"),
        lambda venue: (((venue.name, each.operation), each.openings) for each in venue.circuits),
    ),
    Told(
        "touchline_venue_connections_total",
        "counter",
        "Connections to a venue that came about.",
        ("venue",),
        lambda venue: (((venue.name,), venue.connects),),
    ),
    Told(
        "touchline_venue_clock_skew_seconds",
        "gauge",
        "How far a venue's clock is ahead of ours.",
        ("venue",),
        _skew,
    ),
)
