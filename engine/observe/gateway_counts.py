"""What the gateway counts of those who ask it; `docs/metrics.md` explains it.

No label is anything that somebody who asks could choose: the numbers stay as many as there are rows and codes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from engine.clock import NS_PER_S
from engine.observe.latency import Latency
from engine.observe.told import Points, Told

UNROUTED: Final = "none"
"""The kind of what was refused before it was known what it asks for."""


@dataclass(slots=True)
class Traffic:
    """What became of messages of the stream."""

    sent: int = 0
    """Handed to a connection."""
    conflated: int = 0
    """Times that something was overtaken before it was sent."""


@dataclass(slots=True, kw_only=True)
class GatewayCounts:
    """Written on the gateway's loop, read anywhere."""

    monotonic_ns: Callable[[], int]
    requests: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By kind of route, as the rate limits have it, and status."""
    seconds: defaultdict[str, Latency] = field(init=False)
    """How long answers took, by kind of route."""
    refusals: Counter[tuple[str]] = field(default_factory=Counter)
    """By code."""
    decisions: Counter[tuple[str, str]] = field(default_factory=Counter)
    """What the rate limits decided, by kind."""
    traffic: Traffic = field(default_factory=Traffic)
    connections: Callable[[], tuple[tuple[str, int], ...]] = lambda: ()
    """How many are open, by kind."""
    crowded_out: Callable[[], int] = lambda: 0
    """How many that waited were hung up on for a new one."""

    def __post_init__(self) -> None:
        self.seconds = defaultdict(lambda: Latency(self.monotonic_ns))

    def answered(self, kind: str, status: int, took_ns: int | None) -> None:
        """Count a request; what stays open has no duration."""
        self.requests[kind, str(status)] += 1
        if took_ns is not None:
            self.seconds[kind].record(took_ns)


def _of(counter: Counter[Any]) -> Points:
    return dict(counter).items()  # copied in one step: another thread counts meanwhile


def _seconds(counts: GatewayCounts) -> Iterable[tuple[str, Latency]]:
    return dict(counts.seconds).items()


def _buckets(counts: GatewayCounts) -> Points:
    for kind, latency in _seconds(counts):
        for bound, number in latency.cumulated():
            yield (kind, bound), number


_SECONDS: Final = "touchline_gateway_request_seconds"
_TOOK: Final = "From a request's first byte that was read until its answer was handed over, by kind of route."
GATEWAY_METRICS: Final[tuple[Told[GatewayCounts], ...]] = (
    Told(
        "touchline_gateway_requests_total",
        "counter",
        "Requests that were answered, by kind of route; `none` is what was refused before that was known.",
        ("kind", "status"),
        lambda counts: _of(counts.requests),
    ),
    Told(f"{_SECONDS}_bucket", "histogram", _TOOK, ("kind", "le"), _buckets),
    Told(
        f"{_SECONDS}_sum",
        "histogram",
        _TOOK,
        ("kind",),
        lambda counts: (((kind,), each.total_ns / NS_PER_S) for kind, each in _seconds(counts)),
    ),
    Told(
        f"{_SECONDS}_count",
        "histogram",
        _TOOK,
        ("kind",),
        lambda counts: (((kind,), each.count) for kind, each in _seconds(counts)),
    ),
    Told(
        "touchline_gateway_refusals_total",
        "counter",
        "Requests that were refused, by the code of the refusal.",
        ("code",),
        lambda counts: _of(counts.refusals),
    ),
    Told(
        "touchline_gateway_limiter_decisions_total",
        "counter",
        "What the rate limits decided: passed, refused, or uncounted since nobody could count.",
        ("kind", "decision"),
        lambda counts: _of(counts.decisions),
    ),
    Told(
        "touchline_gateway_connections",
        "gauge",
        "Open connections: http, or stream.",
        ("kind",),
        lambda counts: (((kind,), number) for kind, number in counts.connections()),
    ),
    Told(
        "touchline_gateway_crowded_out_total",
        "counter",
        "Connections that waited, and were hung up on to make room for a new one.",
        (),
        lambda counts: (((), counts.crowded_out()),),
    ),
    Told(
        "touchline_gateway_stream_messages_total",
        "counter",
        "Messages of the stream that were handed to a connection.",
        (),
        lambda counts: (((), counts.traffic.sent),),
    ),
    Told(
        "touchline_gateway_stream_conflated_total",
        "counter",
        "Times that a message was overtaken by a newer one before it was sent.",
        (),
        lambda counts: (((), counts.traffic.conflated),),
    ),
)
