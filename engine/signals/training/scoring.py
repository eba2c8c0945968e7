"""How good predictions were where the model was not trained, each figure with the interval it lies in.

Figures are those of `engine.signals.statistics`, as live predictions are scored by. Intervals are from a
bootstrap of blocks of time: outcomes near each other, and of several symbols at once, are not independent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from engine.signals.registry.card import Metric
from engine.signals.statistics.auc import Auc
from engine.signals.statistics.hit_rate import hit_rate
from engine.signals.statistics.information import spearman
from engine.signals.statistics.losses import skill, squared
from engine.signals.statistics.ranks import ranks
from engine.signals.training.table import Numbers, Times

DRAWS: Final = 500
BLOCK_BARS_MIN: Final = 20
BPS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Predictions and what came of them, in the order of time."""

    probability: Numbers
    earned: Numbers
    base: Numbers
    """The share of ups that was known when each was predicted."""
    event_ns: Times

    @property
    def ups(self) -> Numbers:
        """1 where something was earned, else 0."""
        return (self.earned > 0).astype(np.float64)

    @property
    def gross_bps(self) -> Numbers:
        """What going each prediction's way earned, before cost."""
        return np.where(self.probability > 0.5, self.earned, -self.earned) * BPS


def metrics_of(found: Outcomes, horizon: int, cost_bps: float, seed: int) -> dict[str, Metric]:
    """Return every figure that there is of the outcomes."""
    weights = _weights(found.event_ns, max(BLOCK_BARS_MIN, 2 * horizon), seed)
    values = _values(found, cost_bps)
    intervals = {name: _interval(of, weights) for name, of in _weighted(found, cost_bps).items()}
    return {
        name: Metric(value=value, low=min(value, intervals[name][0]), high=max(value, intervals[name][1]))
        for name, value in values.items()
        if value is not None
    }


def auc_of(probability: Numbers, ups: Numbers) -> float:
    """Return the area under the curve; a half where there are only ups or only downs."""
    return _auc(*_grouped(probability), ups, np.ones(len(ups)))


def _values(found: Outcomes, cost_bps: float) -> Mapping[str, float | None]:
    """Return the figures as live predictions have them."""
    pairs = list(zip(found.probability.tolist(), (found.earned > 0).tolist(), strict=True))
    area = Auc()
    for probability, up in pairs:
        area.add(probability, up)
    brier = sum(squared(*pair) for pair in pairs) / len(pairs)
    reference = float(((found.base - found.ups) ** 2).mean())
    hits = hit_rate(sum((probability > 0.5) == up for probability, up in pairs), len(pairs))
    gross = float(found.gross_bps.mean())
    return {
        "auc": area.value,
        "ic": spearman(found.probability.tolist(), found.earned.tolist()),
        "brier": brier,
        "brier_skill": skill(brier, reference),
        "hit_rate": hits.rate if hits is not None else None,
        "gross_bps": gross,
        "net_bps": gross - cost_bps,
        "long_bps": float(found.earned.mean()) * BPS,
    }


Weighted = Callable[[Numbers], float]


def _weighted(found: Outcomes, cost_bps: float) -> Mapping[str, Weighted]:
    """Return each figure as a function of how often each outcome was drawn."""
    ups, error = found.ups, (found.probability - found.ups) ** 2
    reference = (found.base - found.ups) ** 2
    hits = ((found.probability > 0.5) == (found.earned > 0)).astype(np.float64)
    first, second = (np.array(ranks(each.tolist())) for each in (found.probability, found.earned))
    return {
        "auc": partial(_auc, *_grouped(found.probability), ups),
        "ic": partial(_correlation, first, second),
        "brier": partial(_mean, error),
        "brier_skill": lambda weights: 1 - _mean(error, weights) / _mean(reference, weights),
        "hit_rate": partial(_mean, hits),
        "gross_bps": partial(_mean, found.gross_bps),
        "net_bps": partial(_mean, found.gross_bps - cost_bps),
        "long_bps": partial(_mean, found.earned * BPS),
    }


def _weights(event_ns: Times, block_bars: int, seed: int) -> Numbers:
    """Return how often each outcome is in each draw of blocks of time; blocks go round the end."""
    random = np.random.default_rng(seed)
    _, bar = np.unique(event_ns, return_inverse=True)
    count = int(bar.max()) + 1
    starts = random.integers(0, count, size=(DRAWS, -(-count // block_bars)))
    drawn = (starts[:, :, None] + np.arange(block_bars)).reshape(DRAWS, -1) % count
    return np.stack([np.bincount(each, minlength=count)[bar] for each in drawn]).astype(np.float64)


def _interval(of: Weighted, weights: Numbers) -> tuple[float, float]:
    low, high = np.nanpercentile([of(each) for each in weights], [2.5, 97.5])
    return float(low), float(high)


def _mean(values: Numbers, weights: Numbers) -> float:
    return float(values @ weights / weights.sum())


def _correlation(first: Numbers, second: Numbers, weights: Numbers) -> float:
    one, two = first - _mean(first, weights), second - _mean(second, weights)
    size = np.sqrt((one * one) @ weights * ((two * two) @ weights))
    return float((one * two) @ weights / size) if size else 0.0


def _grouped(probability: Numbers) -> tuple[Times, int]:
    """Return which of the different probabilities each one is, from the least, and how many there are."""
    different, group = np.unique(probability, return_inverse=True)
    return group.astype(np.int64), len(different)


def _auc(group: Times, groups: int, ups: Numbers, weights: Numbers) -> float:
    up = np.bincount(group, weights * ups, groups)
    down = np.bincount(group, weights * (1 - ups), groups)
    pairs = up.sum() * down.sum()
    return float(up @ (np.cumsum(down) - down / 2) / pairs) if pairs else 0.5
