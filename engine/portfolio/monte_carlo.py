"""VaR by simulation: a check on the closed form, and the way to what has none."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

Part = TypeVar("Part", bound=Hashable)


def monte_carlo_var(
    exposures: Mapping[Part, float],
    returns: Mapping[Part, Sequence[float]],
    tail: float,
    paths: int = 200_000,
    seed: int = 1,
) -> float | None:
    """Return the tail percentile of draws from N(0, sample covariance); None below two periods."""
    import numpy as np  # noqa: PLC0415  # not needed before the first simulation

    history = np.array([returns[part] for part in exposures], dtype=float)
    if history.size == 0 or history.shape[1] < 2:
        return None
    spread, axes = np.linalg.eigh(np.atleast_2d(np.cov(history, ddof=1)))
    factor = axes * np.sqrt(np.clip(spread, 0.0, None))
    projected = np.array(list(exposures.values()), dtype=float) @ factor
    draws = np.random.default_rng(seed).standard_normal((paths, len(exposures))) @ projected
    return -float(np.quantile(draws, tail))
