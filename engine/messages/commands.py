"""What the engine can be asked to do: imperative, one handler each, may be refused."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Final

from msgspec import Struct

from engine.messages.remedies import Remedy
from engine.model.instrument import Symbol
from engine.model.order import OrderRequest

SHELL: Final = "shell"
"""The origin of what another shell asks for."""


class TradingState(StrEnum):
    """What orders may do; cancels always may."""

    ACTIVE = "active"
    REDUCING = "reducing"
    """Only orders that make a position smaller."""
    HALTED = "halted"
    """No new order and no amendment."""


class SubmitOrder(Struct, frozen=True, gc=False):
    """Send an order, if the risk gate lets it pass."""

    request: OrderRequest


class CancelOrder(Struct, frozen=True, gc=False):
    """Take an order back."""

    client_id: str
    origin: str = "desk"
    correlation: str = ""
    """What the command was found by that asked for it; in the journal's record alone."""


class AmendOrder(Struct, frozen=True, gc=False):
    """Change a working order; None leaves a value as it is. Units of the instrument."""

    client_id: str
    quantity: int | None = None
    """The new total quantity, fills included."""
    limit: int | None = None
    stop: int | None = None
    origin: str = "desk"
    correlation: str = ""
    """As a cancel's."""


class CancelAll(Struct, frozen=True, gc=False):
    """Take back every open order, or every open order of one symbol, or of one strategy."""

    symbol: Symbol | None = None
    origin: str = "desk"
    strategy: str = ""


class Flatten(Struct, frozen=True, gc=False):
    """Cancel, then close by reduce-only market orders: one symbol, or everything."""

    symbol: Symbol | None = None
    origin: str = "desk"


class SetTradingState(Struct, frozen=True, gc=False):
    """Halt, reduce or resume: one symbol, one strategy, everything, or every desk."""

    state: TradingState
    reason: str
    symbol: Symbol | None = None
    strategy: str = ""
    origin: str = "desk"
    firm: bool = False
    """Everything at every desk that shares the Redis, this one included."""
    tightens: bool = False
    """Whether it only ever makes stricter: where what was said is stricter already, that stays."""


class ArmTrading(Struct, frozen=True, gc=False):
    """Let orders leave that open; a live account is armed by its name alone, as a person typed it."""

    account_name: str
    origin: str = "desk"


class DisarmTrading(Struct, frozen=True, gc=False):
    """Let only orders leave that reduce; cancels and exits always do."""

    reason: str
    origin: str = "desk"


class ArmSignals(Struct, frozen=True, gc=False):
    """Let a model's champion send orders, by the model's name as a person typed it."""

    model: str
    name: str
    origin: str = "desk"


class DisarmSignals(Struct, frozen=True, gc=False):
    """Let a model send no more orders; what it holds stays."""

    model: str
    reason: str
    origin: str = "desk"


class LockDesk(Struct, frozen=True, gc=False):
    """Let nobody act at the desk until who signed in proves to be there."""

    origin: str = "desk"


class UnlockDesk(Struct, frozen=True, gc=False):
    """Open a locked desk for who signed in; no printing of it tells the password."""

    password: str
    code: str = ""

    def __repr__(self) -> str:
        return "UnlockDesk(hidden)"


class Prove(Struct, frozen=True, gc=False):
    """Carry out what takes a proof of who signed in, once the password is right; no printing of it tells that."""

    password: str
    code: str
    command: Command
    what: str = ""
    """What it does, as the person was told; nothing else is carried out. Empty where nothing was told."""
    name: str = ""
    """Whose proof it is, where nobody signed in."""

    def __repr__(self) -> str:
        return f"Prove(hidden, {self.command!r})"


class BookSplit(Struct, frozen=True, gc=False):
    """Book that each `denominator` units held of a symbol became `numerator` new ones."""

    symbol: Symbol
    numerator: int
    denominator: int
    cash_price: int | None = None
    """What a new unit was paid out at that does not make a whole lot, in price units; None for its cost."""
    origin: str = "desk"


class BookDividend(Struct, frozen=True, gc=False):
    """Book a dividend on what is held of a symbol; below zero it takes one back."""

    symbol: Symbol
    per_unit: Decimal
    """In the instrument's currency."""
    origin: str = "desk"


class TakeStock(Struct, frozen=True, gc=False):
    """Compare everything with the broker now."""

    origin: str = "desk"


class BreakAction(StrEnum):
    """What a person decides about a difference between our book and the broker's."""

    ADOPT = "adopt"
    """Believe the broker."""
    IGNORE = "ignore"
    """Let it be until it changes; its symbol is unlocked."""
    FIX = "fix"
    """Make the broker agree with us."""


class ResolveBreak(Struct, frozen=True, gc=False):
    """Decide one row of the break board."""

    break_id: str
    action: BreakAction
    origin: str = "desk"


class LeaveChoice(StrEnum):
    """What becomes of working orders when the desk closes."""

    KEEP = "keep"
    CANCEL = "cancel"
    FLATTEN = "flatten"


class Leave(Struct, frozen=True, gc=False):
    """Bring the account to the state in which the person wants to leave it; no new order is taken."""

    choice: LeaveChoice
    origin: str = "desk"


class Stay(Struct, frozen=True, gc=False):
    """Think better of leaving: orders are taken again."""


class ApplyRemedy(Struct, frozen=True, gc=False):
    """Do something about a component that is not well."""

    component: str
    """The name of its row of the health board."""
    remedy: Remedy
    symbol: Symbol | None = None
    """Whose book; None for every one that is lost."""
    origin: str = "desk"


class ReloadLimits(Struct, frozen=True, gc=False):
    """Read the limits file again; a wrong file changes nothing."""


class ReadListings(Struct, frozen=True, gc=False):
    """Read what the venues list, where that is not known or too old."""


class WatchSymbol(Struct, frozen=True, gc=False):
    """Follow one more symbol of the venue whose market this is, as a person typed it."""

    symbol: str


class UnwatchSymbol(Struct, frozen=True, gc=False):
    """Follow a symbol no more."""

    symbol: Symbol


class Pause(Struct, frozen=True, gc=False):
    """Hold the simulation or the replay."""


class Resume(Struct, frozen=True, gc=False):
    """Let it go on."""


class Step(Struct, frozen=True, gc=False):
    """Hold, after one more event."""


class Jump(Struct, frozen=True, gc=False):
    """Move a replay to another time, ns UTC."""

    to_ns: int


class Skip(Struct, frozen=True, gc=False):
    """Move a replay on or back by so many ns of market time, from where it is or is on its way to."""

    by_ns: int


class SetSpeed(Struct, frozen=True, gc=False):
    """Run a simulation or a replay faster; 0 means as fast as it can."""

    speed: float


class AcknowledgeAlert(Struct, frozen=True, gc=False):
    """Have an alert: it is told no more until it gets worse."""

    number: int
    origin: str = "desk"


class SilenceAlert(Struct, frozen=True, gc=False):
    """Hear nothing of an alert's cause for so long."""

    number: int
    for_s: float
    origin: str = "desk"


class ReopenAlert(Struct, frozen=True, gc=False):
    """Take back that an alert was acknowledged or silenced."""

    number: int
    origin: str = "desk"


Command = (
    SubmitOrder
    | CancelOrder
    | AmendOrder
    | CancelAll
    | Flatten
    | SetTradingState
    | ArmTrading
    | DisarmTrading
    | ArmSignals
    | DisarmSignals
    | LockDesk
    | UnlockDesk
    | Prove
    | BookSplit
    | BookDividend
    | TakeStock
    | ResolveBreak
    | Leave
    | Stay
    | ApplyRemedy
    | ReloadLimits
    | ReadListings
    | WatchSymbol
    | UnwatchSymbol
    | Pause
    | Resume
    | Step
    | Jump
    | Skip
    | SetSpeed
    | AcknowledgeAlert
    | SilenceAlert
    | ReopenAlert
)


def origin_of(command: Command) -> str:
    """Return where a command comes from; those that say nothing about it come from the desk."""
    return str(getattr(command, "origin", "desk"))
