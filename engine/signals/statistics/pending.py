"""Predictions that wait for their outcome.

Bars are numbered by whoever calls. A prediction at the end of bar b is judged by the return to the end of bar
b + horizon, and by nothing that is known earlier.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum

from engine.signals.statistics.matured import Matured


class Why(StrEnum):
    """Why something was refused."""

    DOUBLE = "double"
    EARLY = "early"
    LATE = "late"
    UNKNOWN = "unknown"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that was not taken, with a sentence that says why."""

    why: Why
    reason: str


@dataclass(slots=True)
class _Waiting:
    probability: float
    base_rate: float
    matured: bool = False


class Pending:
    """Matches predictions with outcomes; holds no more than horizon + late_bars_max + 1 of them."""

    def __init__(self, horizon: int, late_bars_max: int = 0) -> None:
        if horizon < 1 or late_bars_max < 0:
            raise ValueError(f"a horizon of 1 bar or more is needed, not {horizon}; late bars not below 0")
        self._horizon, self._late_bars_max = horizon, late_bars_max
        self._book: OrderedDict[int, _Waiting] = OrderedDict()
        self._newest: int | None = None
        self._ups = self._outcomes = 0
        self.predicted_count = 0
        self.abstained_count = 0
        """Bars at which nothing was predicted."""
        self.lapsed_count = 0
        """Predictions whose outcome did not come in time."""
        self.refused_count = 0

    @property
    def pending_count(self) -> int:
        """How many predictions wait."""
        return sum(not waiting.matured for waiting in self._book.values())

    @property
    def coverage(self) -> float | None:
        """The share of bars with a prediction; None before the first bar."""
        bars = self.predicted_count + self.abstained_count
        return self.predicted_count / bars if bars else None

    @property
    def base_rate(self) -> float:
        """The share of ups known so far, (ups + 1) / (outcomes + 2): a half before there are any."""
        return (self._ups + 1) / (self._outcomes + 2)

    def predict(self, bar: int, probability: float | None) -> Refusal | None:
        """Take what was said at the end of a bar, None where nothing was said."""
        if self._newest is not None and bar <= self._newest:
            why = Why.DOUBLE if bar == self._newest or bar in self._book else Why.LATE
            return self._refuse(
                why, f"bar {bar} is not after bar {self._newest}, which was the last one taken"
            )
        if probability is not None and not 0 <= probability <= 1:
            return self._refuse(Why.MALFORMED, f"a probability within 0..1 was expected, not {probability}")
        self._newest = bar
        self._lapse(bar)
        if probability is None:
            self.abstained_count += 1
            return None
        self.predicted_count += 1
        self._book[bar] = _Waiting(probability, self.base_rate)
        return None

    def mature(self, bar: int, now: int, forward_return: float) -> Matured | Refusal:
        """Give the prediction of `bar` its outcome, at the end of bar `now`."""
        due = bar + self._horizon
        if not math.isfinite(forward_return):
            return self._refuse(
                Why.MALFORMED, f"a finite return was expected for bar {bar}, not {forward_return}"
            )
        if now < due:
            return self._refuse(
                Why.EARLY, f"the outcome of bar {bar} is known at bar {due}, and it is bar {now}"
            )
        if (waiting := self._book.get(bar)) is not None and waiting.matured:
            return self._refuse(Why.DOUBLE, f"the outcome of bar {bar} was taken already")
        if now > due + self._late_bars_max:
            latest = due + self._late_bars_max
            return self._refuse(
                Why.LATE, f"the outcome of bar {bar} was due by bar {latest}, and it is bar {now}"
            )
        if waiting is None:
            return self._refuse(Why.UNKNOWN, f"nothing was predicted at bar {bar}")
        waiting.matured = True
        outcome = Matured(bar, waiting.probability, forward_return, waiting.base_rate)
        self._ups += outcome.up
        self._outcomes += 1
        return outcome

    def _lapse(self, now: int) -> None:
        while self._book and (oldest := next(iter(self._book))) + self._horizon + self._late_bars_max < now:
            self.lapsed_count += not self._book.pop(oldest).matured

    def _refuse(self, why: Why, reason: str) -> Refusal:
        self.refused_count += 1
        return Refusal(why, reason)
