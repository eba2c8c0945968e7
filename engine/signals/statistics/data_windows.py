"""One window of rows held against the training data, and what was found in the window before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.signals.statistics import benjamini_hochberg, kolmogorov_smirnov, psi
from engine.signals.statistics.levels import Finding, Level
from engine.signals.statistics.reference import FeatureReference, Reference

FALSE_DISCOVERIES = 0.01
OUTSIDE_WATCH = 0.02
OUTSIDE_ALARM = 0.05
OUTSIDE_QUARANTINE = 0.5


class DataWindows:
    """Judges windows one after the other; what is out of line twice running is an alarm."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self._unstable: frozenset[str] = frozenset()
        self._differing: frozenset[str] = frozenset()
        self._outside: Mapping[str, float] = {}

    def judge(self, columns: Mapping[str, Sequence[float]]) -> Finding:
        """Return what a window shows, given the one before it."""
        finding = self._stability(columns)
        return finding.joined(self._distribution(columns)).joined(self._domain(columns))

    def _stability(self, columns: Mapping[str, Sequence[float]]) -> Finding:
        found = {
            name: value for name, values in columns.items() if (value := self._unstable_by(name, values))
        }
        twice, self._unstable = self._unstable & found.keys(), frozenset(found)
        finding = Finding()
        for name, (index, level) in found.items():
            times = "in two windows running" if name in twice else "in this window"
            reason = f"{name}: PSI {index:.3f} is above {level:.3f} {times}."
            finding = finding.joined(Finding(Level.ALARM if name in twice else Level.WATCH, (reason,)))
        return finding

    def _unstable_by(self, name: str, values: Sequence[float]) -> tuple[float, float] | None:
        feature = self._reference.features[name]
        level = psi.alarm_level(
            sum(feature.counts), len(values), len(feature.counts), feature.rows_a_fresh_one
        )
        index = psi.index(feature.counts, psi.counts(values, feature.edges))
        return (index, level) if index is not None and level is not None and index > level else None

    def _distribution(self, columns: Mapping[str, Sequence[float]]) -> Finding:
        chances = {name: _chance(self._reference.features[name], values) for name, values in columns.items()}
        found = benjamini_hochberg.found(chances, FALSE_DISCOVERIES)
        twice, self._differing = self._differing & found, found
        reasons = tuple(
            f"{name}: Kolmogorov-Smirnov p {chances[name]:.2g} in two windows running."
            for name in sorted(twice)
        )
        return Finding(Level.WATCH if reasons else Level.OK, reasons)

    def _domain(self, columns: Mapping[str, Sequence[float]]) -> Finding:
        shares = {
            name: sum(not self._reference.features[name].holds(value) for value in values) / len(values)
            for name, values in columns.items()
        }
        before, self._outside = self._outside, shares
        finding = Finding()
        for name, share in shares.items():
            level = _outside_level(share, before.get(name, 0.0))
            if level:
                reason = f"{name}: {share:.0%} of the window is outside what the model was trained on."
                finding = finding.joined(Finding(level, (reason,)))
        return finding


def _chance(feature: FeatureReference, values: Sequence[float]) -> float:
    distance = kolmogorov_smirnov.statistic(feature.sample, sorted(values))
    alike = feature.rows_a_fresh_one
    fresh = [max(1, round(count / alike)) for count in (len(feature.sample), len(values))]
    return kolmogorov_smirnov.p_value(distance, *fresh)


def _outside_level(share: float, before: float) -> Level:
    if share > OUTSIDE_QUARANTINE:
        return Level.QUARANTINE
    if min(share, before) > OUTSIDE_ALARM:
        return Level.ALARM
    return Level.WATCH if share > OUTSIDE_ALARM or min(share, before) > OUTSIDE_WATCH else Level.OK
