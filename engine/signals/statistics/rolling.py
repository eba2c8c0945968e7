"""The scores of the newest outcomes.

Counts and sums are kept exact as outcomes come and go, so that a window says what its own outcomes say and
nothing of those before.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from engine.signals.statistics import information, losses
from engine.signals.statistics.auc import Auc
from engine.signals.statistics.calibration import Calibration, CalibrationRow
from engine.signals.statistics.exact_sum import ExactSum
from engine.signals.statistics.hit_rate import HitRate, hit_rate
from engine.signals.statistics.matured import Matured

WINDOWS = (100, 500)


@dataclass(frozen=True, slots=True)
class Scores:
    """All scores of a window; None is what can't be known from so few outcomes."""

    count: int
    hit_rate: HitRate | None
    brier: float | None
    skill: float | None
    """Against the base rate known when each prediction was made."""
    skill_in_window: float | None
    """Against the window's own base rate, which nobody knew."""
    log_loss: float | None
    auc: float | None
    ic: float | None
    ic_t: float | None
    ece: float | None
    calibration: tuple[CalibrationRow, ...]


class Rolling:
    """Keeps the newest `window` outcomes scored: O(1) for counts and sums, O(log n) comparisons for AUC.

    The rank correlation is worked out when `scores` is asked for, in O(n log n).
    """

    def __init__(self, window: int, horizon: int = 1) -> None:
        if window < 1 or horizon < 1:
            raise ValueError(f"a window and a horizon of 1 or more are needed, not {window} and {horizon}")
        self._window, self._horizon = window, horizon
        self._kept: deque[Matured] = deque()
        self._hits = self._ups = 0
        self._brier, self._base, self._log = ExactSum(), ExactSum(), ExactSum()
        self._auc, self._calibration = Auc(), Calibration()

    def add(self, outcome: Matured) -> None:
        """Take an outcome; the oldest leaves when the window is full.

        Raises:
            ValueError: A number of it is not finite, or a probability is outside 0..1.
        """
        chances = (outcome.probability, outcome.base_rate)
        if not math.isfinite(outcome.forward_return) or not all(0 <= chance <= 1 for chance in chances):
            raise ValueError(f"probabilities within 0..1 and a finite return were expected, not {outcome}")
        if len(self._kept) == self._window:
            self._remove(self._kept.popleft())
        self._kept.append(outcome)
        self._hits += outcome.hit
        self._ups += outcome.up
        self._brier.add(losses.squared(outcome.probability, outcome.up))
        self._base.add(losses.squared(outcome.base_rate, outcome.up))
        self._log.add(losses.logarithmic(outcome.probability, outcome.up))
        self._auc.add(outcome.probability, outcome.up)
        self._calibration.add(outcome.probability, outcome.up)

    def _remove(self, outcome: Matured) -> None:
        self._hits -= outcome.hit
        self._ups -= outcome.up
        self._brier.remove(losses.squared(outcome.probability, outcome.up))
        self._base.remove(losses.squared(outcome.base_rate, outcome.up))
        self._log.remove(losses.logarithmic(outcome.probability, outcome.up))
        self._auc.remove(outcome.probability, outcome.up)
        self._calibration.remove(outcome.probability, outcome.up)

    def scores(self) -> Scores:
        """Return the scores of what the window holds."""
        count = len(self._kept)
        brier = self._brier.value / count if count else None
        share = self._ups / count if count else 0.0
        said = [outcome.probability for outcome in self._kept]
        ic = information.spearman(said, [outcome.forward_return for outcome in self._kept])
        return Scores(
            count=count,
            hit_rate=hit_rate(self._hits, count),
            brier=brier,
            skill=losses.skill(brier, self._base.value / count if count else None),
            skill_in_window=losses.skill(brier, share * (1 - share)),
            log_loss=self._log.value / count if count else None,
            auc=self._auc.value,
            ic=ic,
            ic_t=information.t_value(ic, count, self._horizon),
            ece=self._calibration.error(),
            calibration=self._calibration.table(),
        )


def score(outcomes: Iterable[Matured], horizon: int = 1) -> Scores:
    """Return the scores of all of some outcomes."""
    kept = list(outcomes)
    rolling = Rolling(max(1, len(kept)), horizon)
    for outcome in kept:
        rolling.add(outcome)
    return rolling.scores()
