"""Watches the rows a model is given and the errors it makes, and says how far both are from training.

Rows are judged 250 at a time; a row that misses a value is counted and not judged. A feed that stands still, or
a feature that stays away, is not waited for that long.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from engine.errors import DataError
from engine.signals.statistics.data_windows import DataWindows
from engine.signals.statistics.errors_watch import ErrorsWatch
from engine.signals.statistics.levels import Finding, Level, Verdict
from engine.signals.statistics.reference import Reference

WINDOW_ROWS = 250
STREAK_ROWS = 20
"""So many rows that are all the same, or miss the same feature, are a quarantine."""
MISSING_ALARM = 0.1
Work = Callable[[], None]
Later = Callable[[Work], None]


def at_once(work: Work) -> None:
    """Do some work where it comes up."""
    work()


class DriftWatch:
    """Takes rows and errors as they come; `verdict` is the newest word on both.

    To judge a window takes a thousand times as long as to take a row: `later` may have that done elsewhere, one window after the other.
    """

    def __init__(self, reference: Reference, later: Later = at_once) -> None:
        self._names = tuple(reference.features)
        self._windows, self._errors = DataWindows(reference), ErrorsWatch()
        self._columns: dict[str, list[float]] = {name: [] for name in self._names}
        self._absent_rows = dict.fromkeys(self._names, 0)
        self._last: tuple[float, ...] | None = None
        self._same_rows = self._still_bars = 0
        self._missing_count = 0
        self._window = Finding()
        self._later = later

    @property
    def window(self) -> Finding:
        """What the last window that was judged says."""
        return self._window

    def recall(self, window: Finding, errors: Sequence[float]) -> None:
        """Begin with what was found in a window before, and with squared errors of before, oldest first."""
        self._window = window
        for error in errors:
            self._errors.update(error)

    def row(self, values: Mapping[str, float | None]) -> Verdict:
        """Take a row of features; None or a number that is not finite is a missing value.

        Raises:
            DataError: The row has other features than the training data.
        """
        if values.keys() != self._absent_rows.keys():
            raise DataError(
                f"a row with {', '.join(self._names)} was expected, not {', '.join(values) or 'none'}"
            )
        row = [value for name in self._names if (value := values[name]) is not None and math.isfinite(value)]
        for name in self._names:
            value = values[name]
            absent = value is None or not math.isfinite(value)
            self._absent_rows[name] = self._absent_rows[name] + 1 if absent else 0
        if len(row) == len(self._names):
            self._take(tuple(row))
        else:
            self._missing_count += 1
        if self._row_count + self._missing_count >= WINDOW_ROWS:
            self._judge()
        return self.verdict()

    def error(self, squared_error: float) -> Verdict:
        """Take the squared error of a matured prediction."""
        self._errors.update(squared_error)
        return self.verdict()

    def still(self, bars: int) -> Verdict:
        """Hear how many bars in a row brought nothing new at all, whether or not there were rows."""
        self._still_bars = bars
        return self.verdict()

    def verdict(self) -> Verdict:
        """Return the newest word on data and performance."""
        return Verdict(self._window.joined(self._streaks()), self._errors.finding())

    @property
    def _row_count(self) -> int:
        return len(self._columns[self._names[0]])

    def _take(self, row: tuple[float, ...]) -> None:
        self._same_rows = self._same_rows + 1 if row == self._last else 1
        self._last = row
        for name, value in zip(self._names, row, strict=True):
            self._columns[name].append(value)

    def _judge(self) -> None:
        """Close a window where it is full, and say at once when too many rows missed something."""
        share = self._missing_count / (self._missing_count + self._row_count)
        missing = Finding()
        if share > MISSING_ALARM:
            missing = Finding(Level.ALARM, (f"{share:.0%} of the rows miss a value.",))
        if self._row_count >= WINDOW_ROWS:
            columns = self._columns
            self._later(lambda: self._found(columns, missing))
        elif missing.level:
            self._window = missing
        else:
            return
        self._missing_count = 0
        self._columns = {name: [] for name in self._names}

    def _found(self, columns: Mapping[str, Sequence[float]], missing: Finding) -> None:
        self._window = self._windows.judge(columns).joined(missing)

    def _streaks(self) -> Finding:
        reasons = [
            f"{name} is missing in the last {rows} rows."
            for name, rows in self._absent_rows.items()
            if rows >= STREAK_ROWS
        ]
        if self._still_bars >= STREAK_ROWS:
            reasons.append(
                f"The last {self._still_bars} bars brought no price, size or trade that is new: the feed stands still."
            )
        if self._same_rows >= STREAK_ROWS:
            reasons.append(f"The last {self._same_rows} rows are all the same: the feed stands still.")
        return Finding(Level.QUARANTINE if reasons else Level.OK, tuple(reasons))
