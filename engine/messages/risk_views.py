"""What the screen sees of the account's arming, of every desk, of the rules, and of whose risk it is and whether the numbers were right."""

from __future__ import annotations

from msgspec import Struct

from engine.messages.commands import TradingState
from engine.model.instrument import Symbol


class FirmStateView(Struct, frozen=True, gc=False):
    """What somebody put every desk in; the trading state here has it too."""

    state: TradingState = TradingState.ACTIVE
    reason: str = ""


NO_FIRM_STATE = FirmStateView()


class RuleView(Struct, frozen=True, gc=False):
    """One rule's verdict on a staged order, with its headroom."""

    rule: str
    label: str
    passed: bool
    before: float | None
    after: float | None
    limit: float | None
    unit: str
    text: str
    """Why not, in a sentence; empty when passed."""


class ArmingView(Struct, frozen=True, gc=False):
    """Whether orders that open may leave."""

    armed: bool = True
    needs_name: bool = False
    """Whether arming takes the account's name, typed: real money is at stake."""
    reason: str = ""
    """Why it is disarmed; empty while it is armed."""
    refused: int = 0
    """How often arming was refused since the start."""
    refusal: str = ""
    """Why, when that was last so."""


class RiskPartView(Struct, frozen=True, gc=False):
    """One position's part of the risk of all; money in base, a day's, a loss is positive."""

    symbol: Symbol
    exposure: float
    """Worth of the position, signed."""
    alone: float
    """Its VaR if nothing else were held."""
    component: float
    """Its part of the VaR of all; a hedge's is negative, and all parts add up."""
    share: float
    """That part, of the whole."""
    in_tail: float
    """Its part of the expected shortfall: what it lost on the worst occasions."""


class VarCheckView(Struct, frozen=True, gc=False):
    """How often the loss of a bar was beyond the VaR said before it."""

    bars: int
    beyond: int
    expected: float
    number_p: float
    """How likely so unlikely a number is by chance (Kupiec)."""
    alone_p: float
    """How likely it is by chance that they follow each other as they do (Christoffersen)."""


class RiskSplitView(Struct, frozen=True, gc=False):
    """The risk of everything held now, by position."""

    parts: tuple[RiskPartView, ...]
    """The largest part first."""
    together: float
    """The normal VaR of all."""
    shortfall: float
    """The expected shortfall of all."""
    bars: int
    """Over how many one-minute bars."""
    check: VarCheckView | None
    """None while there are too few bars to tell."""
