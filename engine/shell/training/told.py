"""What the process that trains says to the one that watches it: one JSON object a line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import Struct

from engine.signals.registry.card import Metric


class Progress(Struct, frozen=True, tag="progress"):
    """How far it is."""

    doing: str
    share: float


class Refused(Struct, frozen=True, tag="refused"):
    """It can't be done, and why."""

    why: str


class Part(Struct, frozen=True):
    """The figures of one symbol, or of one fold."""

    symbol: str
    """Empty where it is a fold's."""
    fold: int
    """From 1; 0 where it is a symbol's."""
    begin_ns: int
    """When its first row was known."""
    rows: int
    metrics: Mapping[str, Metric]


class Outcome(Struct, frozen=True, tag="outcome"):
    """What came of it."""

    symbols: int
    bars: int
    rows: int
    """Bars with features and a label."""
    tested: int
    """Rows that the figures are of, none of which was trained on."""
    left_out: Mapping[str, int]
    """How many bars are no rows, by reason."""
    metrics: Mapping[str, Metric]
    ic_t: float | None
    """The t value of IC, of as many outcomes as do not overlap."""
    independent: int
    """How many those are."""
    folds: tuple[float, ...]
    """The AUC of each fold by itself."""
    moved: tuple[float, ...]
    """The AUC where labels were moved in time: by chance 0.5."""
    parts: tuple[Part, ...]
    """What the figures are made of, by symbol where there are several, and by fold."""
    alarms: tuple[str, ...]
    """What looks like the future."""
    learned: bool
    """Whether higher scores were followed by more ups out of sample; else there is no model."""


Line = Progress | Refused | Outcome
encode: Final = msgspec.json.Encoder().encode
decode: Final = msgspec.json.Decoder(Line).decode
