"""What predicts: a row of features in, a probability out."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, isfinite
from typing import NamedTuple, Protocol

from engine.signals.models.refusal import NoPrediction
from engine.signals.models.schema import Calibration


class Explained(NamedTuple):
    """What each feature adds to the raw score of one row; base and contributions add up to it."""

    base: float
    contributions: tuple[float, ...]
    """In the order of the features."""


class Model(Protocol):
    """A model in memory; it never changes."""

    @property
    def feature_set(self) -> str:
        """The id of the feature set whose rows it takes; no other's."""

    @property
    def features(self) -> tuple[str, ...]:
        """The names, in the order of a row."""

    @property
    def how_explained(self) -> str:
        """By what rule `explain` tells the features apart, in words."""

    def predict(self, row: Sequence[float]) -> float:
        """Return the probability of a row.

        Raises:
            NoPrediction: a value is missing, there are too many or too few, or the score is no number.
        """

    def explain(self, row: Sequence[float]) -> Explained:
        """Return what each feature adds to the raw score.

        Raises:
            NoPrediction: a value is missing, or there are too many or too few.
        """


def probability(raw: float, calibration: Calibration) -> float:
    """Return the probability of a raw score: 1 / (1 + exp(-(slope * raw + intercept))).

    Raises:
        NoPrediction: the score is no number, since numbers of the model cancel each other out beyond all bounds.
    """
    if raw != raw:  # noqa: PLR0124  # what is not itself is no number
        raise NoPrediction("its score of this row is no number: its own numbers are too large")
    try:
        return 1.0 / (1.0 + exp(-(calibration.slope * raw + calibration.intercept)))
    except OverflowError:
        return 0.0


def check_row(row: Sequence[float], features: Sequence[str]) -> None:
    """Refuse a row that lacks something.

    Raises:
        NoPrediction: says which feature.
    """
    if len(row) != len(features):
        raise NoPrediction(f"expected {len(features)} values, found {len(row)}")
    if not isfinite(sum(row)):
        missing = [name for name, value in zip(features, row, strict=True) if not isfinite(value)]
        if missing:
            raise NoPrediction(f"no value of {', '.join(missing)}")
