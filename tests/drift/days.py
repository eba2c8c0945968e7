"""Days of a model whose data or errors change at a bar, by seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from engine.signals.statistics.drift_watch import DriftWatch
from engine.signals.statistics.levels import Finding, Level
from engine.signals.statistics.reference import Reference

Row = dict[str, float | None]
NAMES = ("momentum", "volatility", "imbalance")
TRAINING_ROWS = 2_000
BARS = 1_400


def _feed(random_: random.Random, memory: float) -> Iterator[dict[str, float]]:
    """Yield rows of variance 1 that remember the row before by `memory`."""
    last = {name: random_.gauss(0, 1) for name in NAMES}
    while True:
        fresh = (1 - memory**2) ** 0.5
        last = {name: memory * value + fresh * random_.gauss(0, 1) for name, value in last.items()}
        yield last


@lru_cache(maxsize=16)
def reference(memory: float, seed: int = 0) -> Reference:
    """Return what the training data of a day looks like; each day has its own."""
    feed = _feed(random.Random(f"training {seed}"), memory)
    rows = [next(feed) for _ in range(TRAINING_ROWS)]
    return Reference.of({name: [row[name] for row in rows] for name in NAMES})


@dataclass(frozen=True)
class Scenario:
    """What changes, where it is seen, and within how many bars it must be at a level."""

    change: Callable[[Row, Row], Row]
    level: Level
    bars_max: int
    in_data: bool = True
    error_mean: float = 0.25


def _shift(row: Row, _: Row) -> Row:
    return {**row, "momentum": (row["momentum"] or 0.0) + 1}


def _scale(row: Row, _: Row) -> Row:
    return {**row, "volatility": (row["volatility"] or 0.0) * 2}


def _missing(row: Row, _: Row) -> Row:
    return {**row, "imbalance": None}


def _frozen(_: Row, last: Row) -> Row:
    return last


def _same(row: Row, _: Row) -> Row:
    return row


SCENARIOS: Mapping[str, Scenario] = {
    "shift": Scenario(_shift, Level.ALARM, 750),
    "scale": Scenario(_scale, Level.ALARM, 750),
    "missing": Scenario(_missing, Level.QUARANTINE, 20),
    "frozen": Scenario(_frozen, Level.QUARANTINE, 20),
    "errors": Scenario(_same, Level.ALARM, 400, in_data=False, error_mean=0.4),
}


@dataclass(frozen=True)
class Day:
    """What a day was like: the bar after the change at which the level came, and false alarms before it."""

    delay: int | None
    false_alarm: bool
    other: Level
    """The worst level on the side where nothing changed."""


def _error(random_: random.Random, mean: float) -> float:
    return min(1.0, max(0.0, random_.gauss(mean, 0.12)))


def play(name: str, seed: int) -> Day:
    """Play a day on which something changes at a bar of its own, 300 to 549."""
    scenario, random_ = SCENARIOS[name], random.Random(f"{name} {seed}")
    feed, watch = _feed(random_, 0.0), DriftWatch(reference(0.0, seed))
    last: Row = {}
    change_at = 300 + seed * 37 % 250
    false_alarm, other = False, Level.OK
    for bar in range(BARS):
        row: Row = dict(next(feed))
        changed = bar >= change_at
        last = scenario.change(row, last) if changed else row
        watch.row(last)
        verdict = watch.error(_error(random_, scenario.error_mean if changed else 0.25))
        seen, beside = verdict.data, verdict.performance
        if not scenario.in_data:
            seen, beside = beside, seen
        other = max(other, beside.level)
        if seen.level >= scenario.level and changed:
            return Day(bar - change_at + 1, false_alarm, other)
        false_alarm |= seen.level >= Level.ALARM
    return Day(None, false_alarm, other)


def quiet(seed: int, memory: float) -> tuple[Finding, Finding]:
    """Play 1,400 bars on which nothing changes; return the worst of data and of performance."""
    random_ = random.Random(f"quiet {memory} {seed}")
    feed, watch = _feed(random_, memory), DriftWatch(reference(memory, seed))
    data, performance = Finding(), Finding()
    for _ in range(BARS):
        watch.row(dict(next(feed)))
        verdict = watch.error(_error(random_, 0.25))
        data = max(data, verdict.data, key=lambda finding: finding.level)
        performance = max(performance, verdict.performance, key=lambda finding: finding.level)
    return data, performance
