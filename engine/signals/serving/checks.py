"""Holds what the settings say of signals against what there is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.clock import NS_PER_S
from engine.errors import ConfigError
from engine.settings.signals import SignalSettings
from engine.signals.features.feature_set import FeatureSet
from engine.signals.features.sets import feature_set
from engine.signals.models.refusal import ModelRefused
from engine.signals.registry.names import check_name

MODELS_MAX: Final = 8
"""So many models predict beside one market at most."""


def checked_sets(tables: Sequence[SignalSettings], intervals_ns: Sequence[int]) -> list[FeatureSet]:
    """Return the feature set of each table.

    Raises:
        ConfigError: a table names what there is not, or says what can't be.
    """
    if len(tables) > MODELS_MAX:
        raise ConfigError(f"signals: expected {MODELS_MAX} models at most, found {len(tables)}")
    names = [table.model for table in tables]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"signals: {name} has two tables; a model predicts once beside a market")
    return [_checked(table, intervals_ns) for table in tables]


def _checked(table: SignalSettings, intervals_ns: Sequence[int]) -> FeatureSet:
    try:
        check_name(table.model)
    except ModelRefused as error:
        raise ConfigError(f"signals: model: {error}") from None
    where, made = f"signals, {table.model}", [interval_ns // NS_PER_S for interval_ns in intervals_ns]
    if table.interval_s not in made:
        lengths = ", ".join(map(str, made))
        raise ConfigError(f"{where}: interval_s: expected one of {lengths}, found {table.interval_s}")
    if not 0.5 <= table.threshold < 1:
        raise ConfigError(
            f"{where}: threshold: expected 0.5 or more and less than 1, found {table.threshold}"
        )
    if not 0 < table.stale_after_bars <= 1_000:
        raise ConfigError(
            f"{where}: stale_after_bars: expected more than 0 and 1000 at most, found {table.stale_after_bars}"
        )
    if not 0 <= table.age_days_max < 100_000:
        raise ConfigError(f"{where}: age_days_max: expected 0 or more days, found {table.age_days_max}")
    try:
        return feature_set(table.set, table.interval_s * NS_PER_S)
    except ConfigError as error:
        raise ConfigError(f"{where}: set: {error}") from None
