"""The card: what a model was trained on and how well it did where it was not trained, as its trainer says."""

from __future__ import annotations

from math import isfinite
from typing import Final

import msgspec
from msgspec import Struct

from engine.model.text import clean
from engine.model.undecodable import UNDECODABLE
from engine.signals.models.refusal import ModelRefused
from engine.signals.registry.names import check_version

SCHEMA: Final = 1
BYTES_MAX: Final = 64 << 10
_TEXT_MAX: Final = 400
_SHA256_DIGITS: Final = 64
_COUNT_MAX: Final = 64
_HORIZON_BARS_MAX: Final = 10_000
_BPS: Final = 10_000


class Metric(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A figure out of sample, and the interval it lies in."""

    value: float
    low: float
    high: float


class Card(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `card.json` holds."""

    schema: int
    about: str
    """In words: what it predicts, and where it must not be used."""
    feature_set: str
    label: str
    train_start_ns: int
    train_end_ns: int
    purge_bars: int
    embargo_bars: int
    data_sha256: str
    data_rows: int
    seed: int
    libraries: dict[str, str]
    """Versions by name."""
    metrics: dict[str, Metric]
    """Such as auc, ic, brier."""
    leakage_alarms: list[str]
    """What its trainer found that looks like the future; empty where nothing does."""
    parent: str = ""
    """The version it comes from."""
    horizon_bars: int = 1
    """After how many bars what it predicts is known."""
    cost_bps: float = 0.0
    """What going its way costs, there and back, as its trainer reckoned."""


_decode: Final = msgspec.json.Decoder(Card).decode


def read_card(content: bytes) -> Card:
    """Read a card.

    Raises:
        ModelRefused: says what was found and what was expected.
    """
    try:
        card = _decode(content)
    except UNDECODABLE as error:
        raise ModelRefused(f"card.json: {clean(str(error), 160)}") from None
    if wrong := _wrong(card):
        raise ModelRefused(f"card.json: {wrong}")
    if card.parent:
        check_version(card.parent)
    return card


def _wrong(card: Card) -> str:
    """Return what is wrong with a card, empty where nothing is."""
    return _wrong_form(card) or _wrong_training(card) or _wrong_metric(card)


def _wrong_form(card: Card) -> str:
    texts = (
        card.about,
        card.label,
        *card.libraries,
        *card.libraries.values(),
        *card.metrics,
        *card.leakage_alarms,
    )
    if card.schema != SCHEMA:
        return f"schema: expected {SCHEMA}, found {card.schema}"
    if any(clean(text, _TEXT_MAX) != text for text in texts):
        return (
            f"expected plain text of {_TEXT_MAX} characters at most, without control characters and secrets"
        )
    if max(len(card.libraries), len(card.metrics), len(card.leakage_alarms)) > _COUNT_MAX:
        return f"expected {_COUNT_MAX} libraries, metrics and alarms at most"
    return ""


def _wrong_training(card: Card) -> str:
    if not 0 <= card.train_start_ns < card.train_end_ns < 1 << 63:
        return "expected a training window that begins before it ends"
    if min(card.purge_bars, card.embargo_bars) < 0 or card.data_rows < 1:
        return "expected purge_bars and embargo_bars of 0 or more and data_rows above 0"
    if not 1 <= card.horizon_bars <= _HORIZON_BARS_MAX or not 0 <= card.cost_bps < _BPS:
        return f"expected a horizon of 1 to {_HORIZON_BARS_MAX:,} bars, and a cost of 0 or more below {_BPS:,} bps"
    if len(card.data_sha256) != _SHA256_DIGITS or set(card.data_sha256) - set("0123456789abcdef"):
        return f"data_sha256: expected {_SHA256_DIGITS} hexadecimal digits"
    return ""


def _wrong_metric(card: Card) -> str:
    for name, each in card.metrics.items():
        if (
            not all(map(isfinite, (each.value, each.low, each.high)))
            or not each.low <= each.value <= each.high
        ):
            return f"{name}: expected a finite value within its interval"
    return ""
