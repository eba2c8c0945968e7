"""How large a model may be, and what every number and name in it has to be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import isfinite
from typing import Final

from engine.model.text import clean
from engine.signals.models.refusal import ModelRefused
from engine.signals.models.schema import SCHEMA, Golden, ModelFile

BYTES_MAX: Final = 8 << 20
FEATURES_MAX: Final = 256
TREES_MAX: Final = 1_000
NODES_MAX: Final = 1_024
"""Of one tree."""
NODES_IN_ALL_MAX: Final = 100_000
DEPTH_MAX: Final = 64
GOLDEN_MIN: Final = 16
GOLDEN_MAX: Final = 256
_NAME: Final = re.compile(r"[a-z][a-z0-9_.]{0,63}", re.ASCII)
_FEATURE_SET: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}", re.ASCII)


def check_common(model: ModelFile) -> None:
    """Refuse what no kind of model may hold.

    Raises:
        ModelRefused: says which field, what was found and what was expected.
    """
    if model.schema != SCHEMA:
        raise ModelRefused(
            f"schema: expected {SCHEMA}, found {model.schema}; another version of it wrote this"
        )
    if not _FEATURE_SET.fullmatch(model.feature_set):
        raise ModelRefused(f"feature_set: expected an id, found {clean(model.feature_set, 32)!r}")
    _check_names(model.features)
    check_finite("calibration", (model.calibration.slope, model.calibration.intercept))
    if model.calibration.slope <= 0:
        raise ModelRefused(f"calibration: expected a slope above 0, found {model.calibration.slope:g}")
    _check_golden(model.golden, len(model.features))


def check_count(where: str, found: int, least: int, most: int) -> None:
    """Refuse a count that is out of its bounds.

    Raises:
        ModelRefused: it is.
    """
    if not least <= found <= most:
        expected = f"{least:,}" if least == most else f"{least:,} to {most:,}"
        raise ModelRefused(f"{where}: expected {expected}, found {found:,}")


def check_finite(where: str, values: Sequence[float]) -> None:
    """Refuse numbers that are none.

    Raises:
        ModelRefused: one is not finite.
    """
    for index, value in enumerate(values):
        if not isfinite(value):
            raise ModelRefused(f"{where}: expected finite numbers, found {value} at {index}")


def _check_names(names: Sequence[str]) -> None:
    check_count("features", len(names), 1, FEATURES_MAX)
    for name in names:
        if not _NAME.fullmatch(name):
            raise ModelRefused(
                f"features: expected small letters, digits, _ and ., found {clean(name, 32)!r}"
            )
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ModelRefused(f"features: {twice} is there twice")


def _check_golden(golden: Sequence[Golden], width: int) -> None:
    check_count("golden: rows", len(golden), GOLDEN_MIN, GOLDEN_MAX)
    for number, each in enumerate(golden):
        check_count(f"golden {number}: values", len(each.row), width, width)
        check_finite(f"golden {number}", (*each.row, each.probability))
        if not 0 <= each.probability <= 1:
            raise ModelRefused(f"golden {number}: expected a probability, found {each.probability:g}")
