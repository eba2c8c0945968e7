"""Fits the two kinds of model; nowhere else are the libraries for it loaded.

One thread and a seed: the same rows make the same model to the last bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Protocol

import lightgbm
import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from engine.signals.models.lightgbm_text import trees_of
from engine.signals.models.schema import SCHEMA, Boosted, Calibration, Golden, Linear, ModelFile, Scaler
from engine.signals.training.spec import BoostedSpec, LogisticSpec
from engine.signals.training.table import Numbers

_ITERATIONS_MAX = 1_000


def one_thread() -> AbstractContextManager[object]:
    """Hold the libraries to one thread: sums are added in one order then, and small ones sooner."""
    held: AbstractContextManager[object] = threadpool_limits(limits=1)
    return held


class Fitted(Protocol):
    """A model as its library holds it."""

    def scores(self, values: Numbers) -> Numbers:
        """Return the raw score of each row, before calibration."""

    def file(
        self, feature_set: str, features: Sequence[str], calibration: Calibration, golden: list[Golden]
    ) -> ModelFile:
        """Return it as numbers and names."""


class FittedLinear:
    """A logistic regression and what its rows were standardised by: the training rows' own figures."""

    def __init__(self, spec: LogisticSpec, values: Numbers, ups: Numbers, seed: int) -> None:
        self._means = values.mean(axis=0)
        deviations = values.std(axis=0)
        self._scales = np.where(deviations > 0, deviations, 1.0)
        self._model: Any = LogisticRegression(C=spec.strength, max_iter=_ITERATIONS_MAX, random_state=seed)
        self._model.fit(self._standardised(values), ups)

    def _standardised(self, values: Numbers) -> Numbers:
        found: Numbers = (values - self._means) / self._scales
        return found

    def scores(self, values: Numbers) -> Numbers:
        """Return the raw score of each row, before calibration."""
        found: Numbers = self._model.decision_function(self._standardised(values))
        return found

    def file(
        self, feature_set: str, features: Sequence[str], calibration: Calibration, golden: list[Golden]
    ) -> Linear:
        """Return it as numbers and names."""
        return Linear(
            schema=SCHEMA,
            feature_set=feature_set,
            features=list(features),
            weights=self._model.coef_[0].tolist(),
            intercept=float(self._model.intercept_[0]),
            scaler=Scaler(means=self._means.tolist(), scales=self._scales.tolist()),
            calibration=calibration,
            golden=golden,
        )


class FittedTrees:
    """Trees by LightGBM."""

    def __init__(self, spec: BoostedSpec, values: Numbers, ups: Numbers, seed: int) -> None:
        asked = {
            "objective": "binary",
            "num_leaves": spec.leaves,
            "learning_rate": spec.rate,
            "min_data_in_leaf": spec.rows_a_leaf,
            "num_threads": 1,
            "deterministic": True,
            "force_row_wise": True,
            "seed": seed,
            "verbosity": -1,
        }
        self._booster: Any = lightgbm.train(asked, lightgbm.Dataset(values, label=ups), spec.trees)

    def scores(self, values: Numbers) -> Numbers:
        """Return the raw score of each row, before calibration."""
        return np.asarray(self._booster.predict(values, raw_score=True, num_threads=1), dtype=np.float64)

    def file(
        self, feature_set: str, features: Sequence[str], calibration: Calibration, golden: list[Golden]
    ) -> Boosted:
        """Return it as numbers and names."""
        _, trees = trees_of(self._booster.model_to_string())
        return Boosted(
            schema=SCHEMA,
            feature_set=feature_set,
            features=list(features),
            trees=trees,
            calibration=calibration,
            golden=golden,
        )


class Fit(Protocol):
    """Fits a model to rows."""

    def __call__(self, values: Numbers, ups: Numbers) -> Fitted:
        """Return the model; both labels are there."""


def fit_of(spec: LogisticSpec | BoostedSpec, seed: int) -> Fit:
    """Return what fits a model of the kind that is asked for."""
    if isinstance(spec, LogisticSpec):
        return partial(FittedLinear, spec, seed=seed)
    return partial(FittedTrees, spec, seed=seed)


def platt(scores: Numbers, ups: Numbers) -> Calibration | None:
    """Return the line from scores to log-odds that makes the outcomes likeliest; None where it falls or is level.

    Source: J. Platt, "Probabilistic outputs for support vector machines" (1999).
    """
    scale = float(scores.std())
    if not scale or ups.min() == ups.max():
        return None
    model: Any = LogisticRegression(C=1e6, max_iter=_ITERATIONS_MAX).fit((scores / scale)[:, None], ups)
    slope = float(model.coef_[0, 0]) / scale
    return Calibration(slope=slope, intercept=float(model.intercept_[0])) if slope > 0 else None


def calibrated(scores: Numbers, calibration: Calibration) -> Numbers:
    """Return probabilities of raw scores."""
    found: Numbers = 1.0 / (1.0 + np.exp(-(calibration.slope * scores + calibration.intercept)))
    return found
