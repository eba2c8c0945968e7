"""What the desks of one firm say to each other. Read from outside it is data: typed, bounded, and cleaned."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from engine.messages.commands import TradingState

ORIGIN: Final = "firm"
"""What the journal and the audit log have as the origin of a halt of every desk."""
VERSION_MAX: Final = 2**53 - 1
"""Scripts in Redis count in floating point, which is exact up to here."""

Name = Annotated[str, Meta(max_length=64)]
Reason = Annotated[str, Meta(max_length=400)]
Version = Annotated[int, Meta(ge=0, le=VERSION_MAX)]
Money = Annotated[int, Meta(ge=-(2**62), le=2**62)]
HELD_MAX: Final = 200
"""How many symbols a desk names; its sums are over all."""


class FirmState(Struct, frozen=True, gc=False):
    """The trading state that somebody put every desk in."""

    version: Version
    """Grows with each saying; of two the larger holds. 0: nobody has said anything yet."""
    state: TradingState
    reason: Reason
    """A whole sentence: who, at which desk, and why; empty while active."""
    who: Name = ""
    layout: Literal[1] = 1
    """What these fields mean; another one can't be read here."""
    correlation: Name = ""
    """The command that said it, at whichever desk."""
    traceparent: Name = ""
    """The span that said it, where that desk traces; W3C Trace Context."""


NOTHING_SAID: Final = FirmState(0, TradingState.ACTIVE, "")


class Held(Struct, frozen=True, gc=False):
    """What a desk holds of one symbol, and what it could come to hold by its working orders."""

    symbol: Name
    size: Name
    """Signed, in the instrument's own terms."""
    high: Money
    """Worth of the position when every buy fills, signed, millionths of the desk's base currency."""
    low: Money
    """Worth of the position when every sell fills."""


class DeskPresence(Struct, frozen=True, kw_only=True):
    """What a desk says of itself every second."""

    name: Name
    run: Name
    """The id of this run; its order ids begin with it."""
    host: Name
    account: Name
    mode: Name
    operator: Name
    state: TradingState
    version: Name
    currency: Name
    gross: Money
    """Sum of the sizes of all worst cases."""
    high: Money
    """Sum of all worst cases when every buy fills, signed."""
    low: Money
    """Sum of all worst cases when every sell fills, signed."""
    held: Annotated[tuple[Held, ...], Meta(max_length=HELD_MAX)] = ()
    """The largest first."""
    is_priced: bool = True
    """False where something has no price, so that the sums are not all."""
    has_ended: bool = False
    """Whether the desk was left in order: what it holds does not change until it is back."""
    layout: Literal[1] = 1

    @property
    def holds(self) -> bool:
        """Whether it holds anything, or works an order."""
        return bool(self.held) or not self.is_priced
