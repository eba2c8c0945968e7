"""The gates on the way up: every one is looked at, and each says what it found."""

from __future__ import annotations

from typing import Final, NamedTuple

from msgspec import Struct

from engine.signals.registry.card import Card
from engine.signals.registry.stages import Stage

MATURED_MIN: Final = 300
"""So many predictions have to have met their outcome before a version may count."""
TOO_GOOD: Final = {"auc": 0.58, "ic": 0.1}
"""On bars of a liquid market a figure above it is a leak until it is explained."""


class Figures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was measured of a version while it was in shadow."""

    version: str
    matured_outcomes: int
    drift_alarm: bool
    where: str = ""
    """On which account's market; empty for figures that somebody brought."""


class Gate(NamedTuple):
    """One gate, and what was found at it."""

    name: str
    passed: bool
    found: str


def gates_to(stage: Stage, card: Card, p99_us: float, figures: Figures | None) -> list[Gate]:
    """Return every gate before a stage; the version itself was verified and tried, else nobody asks."""
    gates = [
        Gate("verified", True, "signature, hashes and golden rows"),
        Gate("latency", True, f"p99 {p99_us:.1f} us"),
        _metrics(card),
        _leakage(card),
    ]
    if stage is Stage.CHAMPION:
        gates += [_matured(figures), _drift(figures)]
    return gates


def _metrics(card: Card) -> Gate:
    told = ", ".join(
        f"{name} {each.value:g} [{each.low:g}, {each.high:g}]" for name, each in card.metrics.items()
    )
    return Gate("metrics", bool(card.metrics), told or "no metric out of sample is on the card")


def _leakage(card: Card) -> Gate:
    alarms = [*card.leakage_alarms]
    for name, bound in TOO_GOOD.items():
        if name in card.metrics and abs(card.metrics[name].value) > bound:
            alarms.append(f"{name} {card.metrics[name].value:g} is above {bound:g}: too good to be true")
    return Gate("leakage", not alarms, "; ".join(alarms) or "no alarm")


def _matured(figures: Figures | None) -> Gate:
    if figures is None:
        return Gate("matured outcomes", False, f"not measured; expected {MATURED_MIN} at least")
    count = figures.matured_outcomes
    return Gate("matured outcomes", count >= MATURED_MIN, f"{count:,} of {MATURED_MIN}{_where(figures)}")


def _drift(figures: Figures | None) -> Gate:
    if figures is None:
        return Gate("drift", False, "not measured")
    found = "an alarm is active" if figures.drift_alarm else "no alarm"
    return Gate("drift", not figures.drift_alarm, f"{found}{_where(figures)}")


def _where(figures: Figures) -> str:
    return f", on {figures.where}" if figures.where else ""
