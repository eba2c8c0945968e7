"""A feature set: which features in which order over which bars, and the id that tells it from every other."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from engine.errors import ConfigError
from engine.signals.features.feature import Feature

KERNEL_VERSION: Final = 1
"""Goes up with any change to a value, were it of its last bit."""
ID_LENGTH: Final = 16


@dataclass(frozen=True, slots=True)
class BarSpec:
    """Which bars features are of.

    Raises:
        ConfigError: they are not of a length of time: a bar of a number of trades has no end that is known.
    """

    interval_ns: int

    def __post_init__(self) -> None:
        if self.interval_ns <= 0:
            raise ConfigError(f"features: expected bars of a length of time, found {self.interval_ns} ns")


@dataclass(frozen=True, slots=True)
class FeatureSet:
    """Features over bars of one length; a model runs on the set of its own id and on no other."""

    name: str
    features: tuple[Feature, ...]
    bars: BarSpec
    id: str = field(init=False)
    """A hash of names, order, parameters, kernel version and bars."""

    def __post_init__(self) -> None:
        told = [KERNEL_VERSION, self.bars.interval_ns, [each.identity for each in self.features]]
        digest = sha256(json.dumps(told, separators=(",", ":")).encode()).hexdigest()
        object.__setattr__(self, "id", digest[:ID_LENGTH])

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its features, in the order of a vector's values."""
        return tuple(each.name for each in self.features)

    @property
    def warm_up(self) -> int:
        """How many bars in a row there must be before there are values."""
        return max(each.warm_up for each in self.features)
