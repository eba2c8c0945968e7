"""When nothing is said, and why: one sentence, the first that holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.clock import NS_PER_S
from engine.settings.signals import SignalSettings
from engine.signals.features.vector import FeatureVector
from engine.signals.registry.card import Card
from engine.signals.statistics.levels import Level, Verdict
from engine.signals.statistics.reference import FeatureReference

OUTSIDE_MAX: Final = 0.1
"""The share of a row's features that may lie outside what the model was trained on."""
_DAY_NS: Final = 86_400 * NS_PER_S


def stale(end_ns: int, now_ns: int, table: SignalSettings, grace_ns: int = 0) -> str:
    """Say that a bar ended too long ago, not counting the grace; or that it ends so far from now that a clock is wrong."""
    interval_ns = table.interval_s * NS_PER_S
    good_ns = table.stale_after_bars * interval_ns
    age_ns, ahead_ns = now_ns - end_ns - grace_ns, end_ns - now_ns
    if age_ns > good_ns:
        return f"stale: its bar ended {age_ns / NS_PER_S:,.0f} s ago"
    if ahead_ns > max(good_ns, interval_ns):
        return f"stale: its bar ends {ahead_ns / NS_PER_S:,.0f} s from now: this clock was set back, or the venue's is ahead"
    return ""


def expired(card: Card, now_ns: int, table: SignalSettings) -> str:
    """Say that the training data ends too long ago."""
    days = (now_ns - card.train_end_ns) / _DAY_NS
    if not table.age_days_max or days <= table.age_days_max:
        return ""
    return f"expired: its training data ended {days:,.0f} days ago, and {table.age_days_max:g} are allowed"


def outside(vector: FeatureVector, names: tuple[str, ...], known: Sequence[FeatureReference]) -> str:
    """Say that a row is not of the kind that the model was trained on."""
    strange = [
        name for name, value, each in zip(names, vector.values, known, strict=True) if not each.holds(value)
    ]
    if len(strange) <= OUTSIDE_MAX * len(names):
        return ""
    return f"out of domain: {len(strange)} of {len(names)} features: {', '.join(strange[:3])}"


def drifted(verdict: Verdict) -> str:
    """Say that rows or errors are not those of the training any more."""
    if verdict.level < Level.ALARM:
        return ""
    return f"drift: {verdict.reason}"


def unsure(probability: float, table: SignalSettings) -> str:
    """Say that neither direction is likely enough."""
    likely = max(probability, 1 - probability)
    if likely >= table.threshold:
        return ""
    return f"unsure: {likely:.3f} is below the threshold of {table.threshold:g}"
