"""What the screen and other shells are told of the ways out that are underway."""

from __future__ import annotations

from msgspec import Struct

from engine.model.instrument import Symbol


class FlattenView(Struct, frozen=True, gc=False):
    """A symbol that is being flattened."""

    symbol: Symbol
    since_ns: int
    """When it was asked for."""
    waits: tuple[str, ...]
    """The orders that have to end before it is done, as "#12 AAPL": its own closing order at last."""


class GivenUpView(Struct, frozen=True, gc=False):
    """A symbol whose latest flatten was given up."""

    symbol: Symbol
    reason: str
    event_ns: int


class ExitsView(Struct, frozen=True, gc=False):
    """Every flatten that is not over, and those that were given up and not asked for again."""

    flattening: tuple[FlattenView, ...] = ()
    given_up: tuple[GivenUpView, ...] = ()
