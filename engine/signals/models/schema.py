"""What `model.json` holds: numbers and names, nothing that is run."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

SCHEMA: Final = 1
"""The version of the format that is read and written here."""


class Calibration(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The line between a raw score and its log-odds: Platt's, where it was fitted."""

    slope: float = 1.0
    intercept: float = 0.0


class Scaler(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What each feature was standardised by."""

    means: list[float]
    scales: list[float]


class Golden(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row and what the trainer predicted for it."""

    row: list[float]
    probability: float


class Tree(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One tree as five arrays of one length; node 0 is the root, a child comes after its parent."""

    feature: list[int]
    """Which feature is looked at; -1 at a leaf."""
    threshold: list[float]
    """Up to and with it the row goes left."""
    left: list[int]
    right: list[int]
    value: list[float]
    """At a leaf its score; elsewhere the mean score there, by which a path is told apart."""


class Linear(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="logistic"):
    """A logistic regression."""

    schema: int
    feature_set: str
    features: list[str]
    weights: list[float]
    intercept: float
    golden: list[Golden]
    scaler: Scaler | None = None
    calibration: Calibration = Calibration()


class Boosted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="gbm"):
    """Gradient boosted trees."""

    schema: int
    feature_set: str
    features: list[str]
    trees: list[Tree]
    golden: list[Golden]
    calibration: Calibration = Calibration()


ModelFile = Linear | Boosted
