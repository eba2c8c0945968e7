"""The metrics of the Redis that desks share, and of the desks; `docs/metrics.md` explains them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final, NamedTuple

from engine.desk.desks import Desks
from engine.desk.firm_switch import FirmSwitch
from engine.desk.redis_link import RedisLink
from engine.messages.desk_views import Standing
from engine.messages.rows import Points


class LinkMetric(NamedTuple):
    """One name, what it means, and what a way to Redis says to it."""

    name: str
    kind: str
    help: str
    read: Callable[[RedisLink], Points]
    labels: tuple[str, ...] = ("link",)
    """Whose way it is, and what `read` adds."""


class DeskMetric(NamedTuple):
    """One name, what it means, and where it is read."""

    name: str
    kind: str
    help: str
    labels: tuple[str, ...]
    read: Callable[[FirmSwitch, Desks], Points]


def _heard(link: RedisLink) -> Points:
    age_s = link.heard_age_s
    return () if age_s is None else (((), age_s),)


def _looked(firm: FirmSwitch, _: Desks) -> Points:
    age_s = firm.looked_age_s
    return () if age_s is None else (((), age_s),)


def _seen(_: FirmSwitch, desks: Desks) -> Points:
    found = Counter(row.standing for row in desks.view.rows)
    return (((standing.value,), found[standing]) for standing in Standing)


_SECONDS: Final = "touchline_redis_round_trip_seconds"
_TOOK: Final = "From a question to Redis until its answer."
LINK_METRICS: Final = (
    LinkMetric(
        "touchline_redis_up",
        "gauge",
        "Whether Redis is asked: 1, or 0 while it is left alone after several failures.",
        lambda link: (((), link.is_up),),
    ),
    LinkMetric(
        "touchline_redis_requests_total",
        "counter",
        "Questions to Redis.",
        lambda link: (((), link.asked),),
    ),
    LinkMetric(
        "touchline_redis_failures_total",
        "counter",
        "Questions to Redis without an answer that could be used.",
        lambda link: (((), link.failures),),
    ),
    LinkMetric(
        "touchline_redis_heard_age_seconds",
        "gauge",
        "How long ago Redis answered last.",
        _heard,
    ),
    LinkMetric(
        f"{_SECONDS}_bucket",
        "histogram",
        _TOOK,
        lambda link: (((bound,), number) for bound, number in link.round_trips.buckets()),
        ("link", "le"),
    ),
    LinkMetric(f"{_SECONDS}_sum", "histogram", _TOOK, lambda link: (((), link.round_trips.total_s),)),
    LinkMetric(f"{_SECONDS}_count", "histogram", _TOOK, lambda link: (((), link.round_trips.count),)),
)
DESK_METRICS: Final = (
    DeskMetric(
        "touchline_desks",
        "gauge",
        "Desks that share the Redis, this one too, by how they stand.",
        ("standing",),
        _seen,
    ),
    DeskMetric(
        "touchline_desks_heard_age_seconds",
        "gauge",
        "How long ago it was looked whether every desk is halted.",
        (),
        _looked,
    ),
)


def named(link: RedisLink, name: str, metric: LinkMetric) -> Points:
    """Return the points of one way to Redis, by whose it is."""
    return (((name, *values), number) for values, number in metric.read(link))
