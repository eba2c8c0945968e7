"""One version on one symbol: what it said bar by bar, what came of it, and how far its rows are from those of training.

What was said at the end of a bar is judged by the return from the open of the bar after it, where it could be traded first, to the open
of the bar a horizon later. That one is known when the bar it opens has closed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final, NamedTuple

from engine.model.bar import Bar
from engine.signals.features.vector import FeatureVector, Missing
from engine.signals.statistics import losses
from engine.signals.statistics.drift_watch import DriftWatch
from engine.signals.statistics.matured import Matured
from engine.signals.statistics.pending import Pending

ERRORS_MAX: Final = 500
"""As many as drift in performance is found within."""


class Outcome(NamedTuple):
    """A prediction whose outcome is known."""

    matured: Matured
    said: bool
    """Whether it was told; else it was held back, and says only how large the errors are."""


class Course:
    """Counts the bars of one symbol, and keeps what waits for its outcome."""

    __slots__ = ("_bar", "_horizon", "_made_at", "_opens", "_pending", "_said", "drift", "errors", "verdict")

    def __init__(self, horizon: int, drift: DriftWatch, errors: Iterable[float] = ()) -> None:
        """Take what watches its rows and errors, and the squared errors that were before."""
        self.drift = drift
        self.errors = deque(errors, maxlen=ERRORS_MAX)
        """The newest squared errors, oldest first."""
        self.verdict = drift.verdict()
        """The newest word on its rows and errors."""
        self._horizon = horizon
        self._pending = Pending(horizon + 1)
        self._opens: deque[int] = deque(maxlen=horizon + 1)
        self._said: deque[bool] = deque(maxlen=horizon + 1)
        """Of each bar, oldest first."""
        self._bar = 0
        self._made_at = 0
        """The last bar that something was made of."""

    @property
    def waiting_count(self) -> int:
        """How much of what was told has no outcome yet."""
        return sum(self._said)

    def close(self, bar: Bar) -> Outcome | None:
        """Take the next closed bar; return the outcome that it brought, if one."""
        opens, said, horizon = self._opens, self._said, self._horizon
        self._bar += 1
        opens.append(bar.open)
        if len(opens) <= horizon or len(said) <= horizon or opens[0] <= 0:
            return None
        found = self._pending.mature(self._bar - horizon - 1, self._bar, bar.open / opens[0] - 1)
        if not isinstance(found, Matured):
            return None
        error = losses.squared(found.probability, found.up)
        self.errors.append(error)
        self.verdict = self.drift.error(error)
        return Outcome(found, said[0])

    def begin_anew(self, newest: Bar | None) -> None:
        """Leave what waits without an outcome: the bars before this one, or all, are not those it was said after."""
        self._bar += self._horizon + 2
        self._opens.clear()
        self._said.clear()
        if newest is not None:
            self._opens.append(newest.open)

    def correct(self, newest: Bar) -> None:
        """Take the newest bar as it is after a correction; what was said of it stays."""
        if self._opens:
            self._opens[-1] = newest.open

    def watch(
        self,
        features: FeatureVector | Missing,
        names: tuple[str, ...],
        missed: tuple[str, ...],
        still_bars: int,
    ) -> None:
        """Hold a row against those of training; one that is not there because nothing moved says nothing."""
        self.verdict = self.drift.still(still_bars)
        if isinstance(features, FeatureVector):
            self.verdict = self.drift.row(dict(zip(names, features.values, strict=True)))
        elif missed:
            self.verdict = self.drift.row({name: None if name in missed else 0.0 for name in names})

    def say(self, probability: float | None, *, told: bool) -> bool:
        """Keep what was made of the newest bar; False for a bar that was told anew, of which the first word counts."""
        if self._made_at == self._bar:
            return False
        self._made_at = self._bar
        self._pending.predict(self._bar, probability)
        self._said.append(told)
        return True
