"""The features of `bars-12` recomputed over a window with numpy, apart from the kernel: its oracle and its peer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.model.bar import Bar

WINDOW = 21


def columns(bars: Sequence[Bar]) -> NDArray[np.float64]:
    """Return open, high, low, close and volume as rows."""
    told = [[bar.open, bar.high, bar.low, bar.close, bar.volume] for bar in bars]
    return np.array(told, np.float64).T


def recomputed(window: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the twelve values at the end of a window of 21 bars, as `columns` gives them."""
    opens, highs, lows, closes, volumes = window
    logs = np.log(closes)
    returns = np.diff(logs)
    risk = returns[-20:].std(ddof=1)
    steps = np.diff(closes)[-14:]
    lately = closes[-20:]
    return np.array(
        [
            *((logs[-1] - logs[-1 - count]) / risk for count in (1, 2, 5, 10, 20)),
            100 * steps[steps > 0].sum() / np.abs(steps).sum(),
            returns[-5:].std(ddof=1) / risk,
            (closes[-1] - lately.mean()) / lately.std(ddof=1),
            np.log(highs[-1] / lows[-1]) / risk,
            (2 * closes[-1] - highs[-1] - lows[-1]) / (highs[-1] - lows[-1]),
            (volumes[-1] - volumes[-20:].mean()) / volumes[-20:].std(ddof=1),
            np.log(opens[-1] / closes[-2]) / risk,
        ]
    )
