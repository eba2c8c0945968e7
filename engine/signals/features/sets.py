"""The feature sets there are, by name."""

from __future__ import annotations

from collections.abc import Mapping

from engine.errors import ConfigError
from engine.signals.features import measures
from engine.signals.features.feature import Feature
from engine.signals.features.feature_set import BarSpec, FeatureSet

_FLAT = "the closes of 20 bars don't move"
_CLOSE = ("close",)

_RETURNS = tuple(
    Feature(
        f"return_{count}",
        (count, 20),
        21,
        "volatilities",
        _CLOSE,
        _FLAT,
        measures.returned,
        f"the return over {count} bars, over the volatility of 20"
        if count > 1
        else "the last bar's return, likewise",
    )
    for count in (1, 2, 5, 10, 20)
)
_STRENGTH = Feature(
    "rsi_14",
    (14,),
    15,
    "percent",
    _CLOSE,
    "the closes of 14 bars don't move",
    measures.relative_strength,
    "gains over gains and losses of 14 bars, by simple sums",
)
_VOLATILITY = Feature(
    "volatility_5_20",
    (5, 20),
    21,
    "ratio",
    _CLOSE,
    _FLAT,
    measures.volatility_ratio,
    "the volatility of 5 bars over that of 20",
)
_SCORE = Feature(
    "close_z_20",
    (20,),
    20,
    "deviations",
    _CLOSE,
    _FLAT,
    measures.close_score,
    "how far the close is from the mean of 20",
)
_RANGE = Feature(
    "range",
    (20,),
    21,
    "volatilities",
    ("high", "low", "close"),
    _FLAT,
    measures.bar_range,
    "high over low, over the volatility of 20 bars",
)
_LOCATION = Feature(
    "close_location",
    (),
    1,
    "-1 to 1",
    ("high", "low", "close"),
    "high and low are the same",
    measures.close_location,
    "where the bar closed between its low and its high",
)
_VOLUME = Feature(
    "volume_z_20",
    (20,),
    20,
    "deviations",
    ("volume",),
    "the volumes of 20 bars are all the same, or none",
    measures.volume_score,
    "how far the volume is from the mean of 20 bars",
)
_GAP = Feature(
    "gap",
    (20,),
    21,
    "volatilities",
    ("open", "close"),
    _FLAT,
    measures.opening_gap,
    "the open over the close before, over the volatility of 20 bars",
)

SETS: Mapping[str, tuple[Feature, ...]] = {
    "bars-12": (*_RETURNS, _STRENGTH, _VOLATILITY, _SCORE, _RANGE, _LOCATION, _VOLUME, _GAP),
    "prices-11": (*_RETURNS, _STRENGTH, _VOLATILITY, _SCORE, _RANGE, _LOCATION, _GAP),
}
"""`prices-11` is for bars without volume: of mids, of an index, of currencies."""


def feature_set(name: str, interval_ns: int) -> FeatureSet:
    """Return a set by name, over bars of one length.

    Raises:
        ConfigError: there is no such set, or the bars are not of a length of time.
    """
    features = SETS.get(name)
    if features is None:
        raise ConfigError(f"there is no feature set {name!r}; there are {', '.join(SETS)}")
    return FeatureSet(name, features, BarSpec(interval_ns))
