"""Logistic regression: one product a feature."""

from __future__ import annotations

from collections.abc import Sequence
from operator import mul
from typing import Final

from engine.signals.models.bounds import check_count, check_finite
from engine.signals.models.model import Explained, check_row, probability
from engine.signals.models.refusal import ModelRefused
from engine.signals.models.schema import Linear, Scaler


class Logistic:
    """A logistic regression whose scaler is in its weights."""

    how_explained: Final = "weight times value"

    def __init__(self, file: Linear) -> None:
        """Take a file whose common part was checked.

        Raises:
            ModelRefused: the weights or the scaler are not what they have to be.
        """
        self.feature_set: Final = file.feature_set
        self.features: Final = tuple(file.features)
        self._weights, self._intercept = folded(file)
        self._calibration = file.calibration

    def predict(self, row: Sequence[float]) -> float:
        """Return the probability of a row.

        Raises:
            NoPrediction: a value is missing, there are too many or too few, or the score is no number.
        """
        check_row(row, self.features)
        return probability(sum(map(mul, self._weights, row), self._intercept), self._calibration)

    def explain(self, row: Sequence[float]) -> Explained:
        """Return weight times value of each feature; the intercept is the base.

        Raises:
            NoPrediction: a value is missing, or there are too many or too few.
        """
        check_row(row, self.features)
        return Explained(self._intercept, tuple(map(mul, self._weights, row)))


def folded(file: Linear) -> tuple[tuple[float, ...], float]:
    """Return weights and intercept for rows as they come: w (x - mean) / scale is (w / scale) x less a constant.

    Raises:
        ModelRefused: the weights or the scaler are not what they have to be.
    """
    width = len(file.features)
    check_count("weights", len(file.weights), width, width)
    check_finite("weights", (*file.weights, file.intercept))
    if file.scaler is None:
        return tuple(file.weights), file.intercept
    _check_scaler(file.scaler, width)
    weights = tuple(map(float.__truediv__, file.weights, file.scaler.scales))
    intercept = file.intercept - sum(map(mul, weights, file.scaler.means))
    check_finite("weights by the scaler", (*weights, intercept))
    return weights, intercept


def _check_scaler(scaler: Scaler, width: int) -> None:
    check_count("scaler: means", len(scaler.means), width, width)
    check_count("scaler: scales", len(scaler.scales), width, width)
    check_finite("scaler", (*scaler.means, *scaler.scales))
    if min(scaler.scales) <= 0:
        raise ModelRefused(f"scaler: expected scales above 0, found {min(scaler.scales):g}")
