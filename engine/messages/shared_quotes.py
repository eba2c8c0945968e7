"""What one desk tells the others of its market. Read from outside it is data: typed, bounded, and cleaned."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from engine.model.instrument import AssetClass
from engine.model.market_status import Session
from engine.model.trade import Side

ROWS_MAX: Final = 128
"""Symbols that one desk shares."""
PRINTS_MAX: Final = 32
"""Prints of one symbol in one entry; of more the newest are told, and how many there were."""
EVERY_S: Final = 0.05
"""How often what changed is told; of what changed more often the newest counts."""
WHOLE_S: Final = 1.0
"""How often everything is told, changed or not: who comes late or missed something is whole again by then."""

Name = Annotated[str, Meta(max_length=64)]
Sentence = Annotated[str, Meta(max_length=200)]
Units = Annotated[int, Meta(ge=0, le=10**18)]
Size = Annotated[int, Meta(ge=-1, le=10**18)]
Count = Annotated[int, Meta(ge=0, le=2**62)]
Moment = Annotated[int, Meta(ge=0, le=2**62)]
Offset = Annotated[int, Meta(ge=-(2**62), le=2**62)]


class SharedTerms(Struct, array_like=True, frozen=True, gc=False):
    """What an instrument is, and in which units it is told of."""

    symbol: Name
    venue: Name
    asset_class: AssetClass
    currency: Name
    base: Name
    description: Name
    price_unit: Decimal
    tick: Decimal
    size_unit: Decimal
    lot: Decimal
    size_min: Decimal
    notional_min: Decimal
    multiplier: Decimal
    calendar: Name
    tradable: bool


class SharedPrint(Struct, array_like=True, frozen=True, gc=False):
    """One print, as the sharing desk let it in."""

    price: Units
    size: Units
    aggressor: Side | None
    event_ns: Moment
    receive_ns: Moment
    """When the sharing desk read it."""
    trade_id: Count
    conditions: Name
    sets_last: bool


class SharedRow(Struct, array_like=True, frozen=True, gc=False):
    """The newest of one symbol, in the units of its terms."""

    symbol: Name
    source: Name
    """Whose quote it is at the sharing desk."""
    bid: Units
    ask: Units
    bid_size: Size
    ask_size: Size
    event_ns: Moment
    """When the venue says it happened."""
    receive_ns: Moment
    """When the sharing desk read it: its age counts from there."""
    trouble: Sentence
    """Why the sharing desk does not believe it; empty while it does."""
    session: Session
    session_reason: Sentence
    printed: Count
    """How many prints were told of in this run, those below included."""
    prints: Annotated[tuple[SharedPrint, ...], Meta(max_length=PRINTS_MAX)] = ()
    """The last of them, oldest first."""


def merged(older: SharedRow, newer: SharedRow) -> SharedRow:
    """Return the newer row of a symbol with the prints of both, of which the last are kept."""
    fresh = newer.printed - older.printed
    if not 0 <= fresh <= len(newer.prints):  # some between are missing already
        return newer
    prints = (*older.prints, *newer.prints[len(newer.prints) - fresh :])
    return replace(newer, prints=prints[-PRINTS_MAX:])


class SharedEntry(Struct, frozen=True, kw_only=True):
    """What changed since the entry before, or everything."""

    run: Name
    """The id of the sharing desk's run; its numbers begin at 1."""
    number: Count
    sent_ns: Moment
    """By the sharing desk's clock."""
    ahead_ns: Offset
    """How far the clock of Redis is ahead of the sharing desk's."""
    whole: bool
    """Whether this is everything; else the terms are those of new symbols alone."""
    has_ended: bool = False
    """Whether the desk was left in order, and shares no more."""
    terms: Annotated[tuple[SharedTerms, ...], Meta(max_length=ROWS_MAX)] = ()
    rows: Annotated[tuple[SharedRow, ...], Meta(max_length=ROWS_MAX)] = ()
    layout: Literal[1] = 1
    """What these fields mean; another one can't be read here."""
