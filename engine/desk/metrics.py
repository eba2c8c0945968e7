"""The metrics of the Redis that desks share, and of the desks; `docs/metrics.md` explains them."""

from __future__ import annotations

from collections import Counter
from typing import Final, NamedTuple

from engine.clock import NS_PER_S
from engine.desk.desks import Desks
from engine.desk.firm_switch import FirmSwitch
from engine.desk.redis_link import RedisLink
from engine.messages.desk_views import Standing
from engine.observe.told import Points, Told, counted, one


class Others(NamedTuple):
    """The other desks, and what is heard of them."""

    firm: FirmSwitch
    desks: Desks


def _heard(link: RedisLink) -> Points:
    age_s = link.heard_age_s
    return () if age_s is None else one(age_s)


def _looked(others: Others) -> Points:
    age_s = others.firm.looked_age_s
    return () if age_s is None else one(age_s)


def _seen(others: Others) -> Points:
    found = Counter(row.standing for row in others.desks.view.rows)
    return counted((standing.value, found[standing]) for standing in Standing)


_LINK: Final = ("link",)
"""Whose way it is; the reader leaves that to `named`."""
_SECONDS: Final = "touchline_redis_round_trip_seconds"
_TOOK: Final = "From a question to Redis until its answer."
LINK_METRICS: Final[tuple[Told[RedisLink], ...]] = (
    Told(
        "touchline_redis_up",
        "gauge",
        "Whether Redis is asked: 1, or 0 while it is left alone after several failures.",
        _LINK,
        lambda link: one(link.is_up),
    ),
    Told(
        "touchline_redis_requests_total",
        "counter",
        "Questions to Redis.",
        _LINK,
        lambda link: one(link.asked),
    ),
    Told(
        "touchline_redis_failures_total",
        "counter",
        "Questions to Redis without an answer that could be used.",
        _LINK,
        lambda link: one(link.failures),
    ),
    Told(
        "touchline_redis_heard_age_seconds",
        "gauge",
        "How long ago Redis answered last.",
        _LINK,
        _heard,
    ),
    Told(
        f"{_SECONDS}_bucket",
        "histogram",
        _TOOK,
        ("link", "le"),
        lambda link: counted(link.round_trips.cumulated()),
    ),
    Told(
        f"{_SECONDS}_sum", "histogram", _TOOK, _LINK, lambda link: one(link.round_trips.total_ns / NS_PER_S)
    ),
    Told(f"{_SECONDS}_count", "histogram", _TOOK, _LINK, lambda link: one(link.round_trips.count)),
)
DESK_METRICS: Final[tuple[Told[Others], ...]] = (
    Told(
        "touchline_desks",
        "gauge",
        "Desks that share the Redis, this one too, by how they stand.",
        ("standing",),
        _seen,
    ),
    Told(
        "touchline_desks_heard_age_seconds",
        "gauge",
        "How long ago it was looked whether every desk is halted.",
        (),
        _looked,
    ),
)


def named(link: RedisLink, name: str, metric: Told[RedisLink]) -> Points:
    """Return the points of one way to Redis, by whose it is."""
    return (((name, *values), number) for values, number in metric.read(link))
