"""What a feature set says of one closed bar: its values, or why there are none."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from engine.model.instrument import Symbol


class Flag(StrEnum):
    """What is to be known of the bars that values were worked out from."""

    GAP = "gap"
    """Between two of them there is a long time without bars."""
    SPLIT_LIKE = "split-like"
    """One closes at such a ratio to the one before as a split would bring about."""
    NO_VOLUME = "no-volume"
    """In one of them nothing was traded."""


class FeatureVector(Struct, frozen=True):
    """The values of a feature set at the end of one bar."""

    set_id: str
    symbol: Symbol
    event_ns: int
    """The end of the bar."""
    available_ns: int
    """When it could be known here; never before the bar's end."""
    warm_up: int
    """How many bars in a row they rest on."""
    values: tuple[float, ...]
    """In the order of the set's features, all finite."""
    flags: tuple[Flag, ...] = ()


class Missing(Struct, frozen=True):
    """No values at the end of one bar, and why; never a zero in their place."""

    set_id: str
    symbol: Symbol
    event_ns: int
    available_ns: int
    warm_up: int
    """How many bars in a row there are so far."""
    reasons: tuple[str, ...]
    absent: tuple[str, ...] = ()
    """The features that have no value though there are bars enough; empty where none was worked out."""


Features = FeatureVector | Missing
