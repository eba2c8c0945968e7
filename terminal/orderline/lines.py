"""What a line can say, before anything is known of the desk. Numbers are as typed, never floats."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from engine.messages.commands import TradingState
from engine.model.order import TimeInForce
from engine.model.trade import Side


class Intent(StrEnum):
    """The side word, which may also say what it must do to the position."""

    BUY = "b"
    SELL = "s"
    SHORT = "ss"
    """A sale that must not close anything."""
    COVER = "bc"
    """A purchase that must only close a short."""

    @property
    def side(self) -> Side:
        """Which way it trades."""
        return Side.BUY if self in {Intent.BUY, Intent.COVER} else Side.SELL


class Units(Struct, frozen=True):
    """So many shares, coins or contracts."""

    amount: Decimal


class Money(Struct, frozen=True):
    """As many as this much money buys."""

    amount: Decimal


class PowerShare(Struct, frozen=True):
    """As many as this percentage of the buying power buys."""

    percent: Decimal


class PositionShare(Struct, frozen=True):
    """The position, or one part in `divisor` of it."""

    divisor: Decimal = Decimal(1)


class Risk(Struct, frozen=True):
    """As many as lose this much money from the entry to the stop."""

    amount: Decimal


Quantity = Units | Money | PowerShare | PositionShare | Risk


class PriceBase(StrEnum):
    """A price that moves with the market."""

    BID = "bid"
    ASK = "ask"
    MID = "mid"
    LAST = "last"


class OffsetUnit(StrEnum):
    """What an offset counts."""

    PRICE = ""
    TICKS = "t"
    BPS = "bp"
    PERCENT = "%"


class Offset(Struct, frozen=True):
    """A signed step from a price."""

    amount: Decimal
    unit: OffsetUnit


class AtMarket(Struct, frozen=True):
    """Whatever the market gives."""


class Absolute(Struct, frozen=True):
    """A typed price."""

    price: Decimal


class Relative(Struct, frozen=True):
    """A price of the market's, with or without an offset."""

    base: PriceBase
    offset: Offset | None = None


Limit = Absolute | Relative
Price = AtMarket | Limit


class TrailUnit(StrEnum):
    """What a trailing distance counts."""

    PRICE = ""
    TICKS = "t"
    PERCENT = "%"


class Trail(Struct, frozen=True):
    """How far a trailing stop keeps from the best price since."""

    amount: Decimal
    unit: TrailUnit


class Multiple(Struct, frozen=True):
    """A gain of so many times the distance of the stop."""

    amount: Decimal


Protection = Limit | Offset | Trail
"""Where the stop of an entry stands: a price, a step from the entry, or behind the market."""
Goal = Limit | Offset | Multiple
"""Where an entry is left with a gain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """An order; None is what was left out."""

    intent: Intent
    quantity: Quantity | None = None
    symbol: str | None = None
    price: Price | None = None
    stop: Limit | None = None
    trail: Trail | None = None
    protection: Protection | None = None
    goal: Goal | None = None
    tif: TimeInForce | None = None
    either_or: bool = False
    """Whether price and stop are two orders, of which one cancels the other."""
    reduce_only: bool = False
    post_only: bool = False
    strategy: str | None = None


class CancelOrderLine(Struct, frozen=True):
    """Take back the order of this number."""

    number: int


class CancelSymbolLine(Struct, frozen=True):
    """Take back every order of a symbol."""

    symbol: str


class CancelStrategyLine(Struct, frozen=True):
    """Take back every order of a strategy."""

    strategy: str


class CancelAllLine(Struct, frozen=True):
    """Take back every order."""


class Change(Struct, frozen=True):
    """A new value, or a step from the one the order has."""

    value: Limit | None = None
    step: Offset | None = None


class QuantityChange(Struct, frozen=True):
    """A new quantity, or a signed step from the one the order has."""

    amount: Decimal
    relative: bool


class AmendLine(Struct, frozen=True):
    """Change a working order; None leaves a value as it is."""

    number: int
    quantity: QuantityChange | None = None
    limit: Change | None = None
    stop: Change | None = None


class FlatLine(Struct, frozen=True):
    """Close a symbol's position, or everything; without a symbol, the focused one."""

    symbol: str | None = None
    everything: bool = False


class ReverseLine(Struct, frozen=True):
    """Turn a position into its opposite; without a symbol, the focused one."""

    symbol: str | None = None


class StateLine(Struct, frozen=True):
    """Halt, reduce or resume: one symbol, one strategy, everything, or every desk."""

    state: TradingState
    symbol: str | None = None
    strategy: str | None = None
    firm: bool = False


class SplitLine(Struct, frozen=True):
    """Book a split of what is held: `new` units for each `old` ones."""

    new: int
    old: int
    symbol: str | None = None
    cash: Decimal | None = None
    """What a new unit was paid out at that does not make a whole lot."""


class DividendLine(Struct, frozen=True):
    """Book a dividend on what is held, per unit; below zero it takes one back."""

    per_unit: Decimal
    symbol: str | None = None


class WatchLine(Struct, frozen=True):
    """Follow one more symbol of the venue."""

    symbol: str


class UnwatchLine(Struct, frozen=True):
    """Follow a symbol no more; without one, the focused one."""

    symbol: str | None = None


class FocusLine(Struct, frozen=True):
    """Look at a symbol, in a pane of its own or where the eyes are."""

    symbol: str
    pane: str = ""


class PaneLine(Struct, frozen=True):
    """Go to a pane."""

    pane: str


class ThemeLine(Struct, frozen=True):
    """Change the colours; without a name, to the next theme."""

    name: str | None = None


class PlainLine(Struct, frozen=True):
    """A command of one word: pause, play, step, limits, desks, alerts, log, quit."""

    word: str


class SpeedLine(Struct, frozen=True):
    """Run faster or slower; 0 is as fast as it can."""

    speed: Decimal


class JumpLine(Struct, frozen=True):
    """Move a replay to a time of day, in seconds since midnight."""

    second: int


class HelpLine(Struct, frozen=True):
    """Explain the keys and the grammar, or what one word is about."""

    topic: str | None = None


Line = (
    OrderLine
    | CancelOrderLine
    | CancelSymbolLine
    | CancelStrategyLine
    | CancelAllLine
    | AmendLine
    | FlatLine
    | ReverseLine
    | StateLine
    | SplitLine
    | DividendLine
    | WatchLine
    | UnwatchLine
    | FocusLine
    | PaneLine
    | ThemeLine
    | PlainLine
    | SpeedLine
    | JumpLine
    | HelpLine
)
