"""The account's equity through the day, at even steps, in a bounded ring."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from engine.clock import NS_PER_S
from engine.portfolio.drawdown import Drawdown, max_drawdown_of_wealth


class EquityPoint(NamedTuple):
    """Equity at one moment, in millionths of the base currency."""

    event_ns: int
    equity_micros: int


class EquityCurve:
    """One point per step, the last step's point moving until the step is over.

    At a step of a minute 1,440 points are a whole day.
    """

    __slots__ = ("_points", "_step_ns")

    def __init__(self, step_ns: int = 60 * NS_PER_S, points_max: int = 1_440) -> None:
        self._step_ns = step_ns
        self._points: deque[EquityPoint] = deque(maxlen=points_max)

    def __len__(self) -> int:
        return len(self._points)

    def record(self, event_ns: int, equity_micros: int) -> None:
        """Note the equity now; a time that went back (a jump in a replay) starts the curve again."""
        points = self._points
        if points and event_ns < points[-1].event_ns:
            points.clear()
        if points and event_ns // self._step_ns == points[-1].event_ns // self._step_ns:
            points.pop()
        points.append(EquityPoint(event_ns, equity_micros))

    def shift(self, micros: int) -> None:
        """Move all points by money brought in or taken out, which is neither gain nor loss."""
        moved = [EquityPoint(point.event_ns, point.equity_micros + micros) for point in self._points]
        self._points.clear()
        self._points.extend(moved)

    def points(self) -> tuple[EquityPoint, ...]:
        """Return the curve, oldest first."""
        return tuple(self._points)

    def max_drawdown(self) -> Drawdown | None:
        """Return the deepest fall within the curve, with indices into `points()`."""
        return max_drawdown_of_wealth([float(point.equity_micros) for point in self._points])
