"""Which models predict beside the market, and on what."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

DemoteOn = Literal["data", "performance"]


class ModelsSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What is so for all models."""

    key_file: str = ""
    """A file that keeps the keys that sign models, not encrypted; empty: the vault."""
    demote_on: tuple[DemoteOn, ...] = ("data", "performance")
    """What puts a champion into shadow: rows that must not be predicted from, errors that rose; none for neither."""


class SignalLimits(Struct, frozen=True, forbid_unknown_fields=True):
    """What a model's orders may do at most, beside what the account's limits say."""

    quantity: str = "0"
    """The size of one order, as a decimal of shares, coins or contracts; 0 for no orders."""
    orders_a_day: int = 20
    position: str = "0"
    """The largest position it may build in one symbol, likewise; 0 for one order's size."""
    loss_a_day: str = "0"
    """What it may lose in a day, in the account's currency; 0: the first loss halts it."""
    cooldown_s: float = 60.0
    """How long it waits after an order in a symbol before the next one there."""
    edge_bps_min: float = 0.0
    """What an edge after cost must exceed before an order is sent."""


class SignalSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """One `[[signals]]` table: a model of the registry, and where it predicts."""

    model: str
    set: str = "bars-12"
    """The feature set's name; its id is to be the one that the model was trained on."""
    interval_s: int = 60
    """The length of its bars; one that the market makes."""
    symbols: tuple[str, ...] = ()
    """Those of the market that it predicts; none for all."""
    threshold: float = 0.5
    """How likely a direction must be before something is said; 0.5 for always."""
    stale_after_bars: float = 1.0
    """How many bars old a feature row may be before nothing is said."""
    age_days_max: float = 0.0
    """How many days ago its training data may end before nothing is said; 0 for any."""
    limits: SignalLimits = SignalLimits()
