"""What programs are told of instruments. Steps and sizes are decimals in texts."""

from __future__ import annotations

from msgspec import Struct

from engine.model.instrument import AssetClass, Instrument, Symbol


class Listed(Struct, frozen=True, gc=False):
    """One instrument and its rules."""

    symbol: Symbol
    venue: str
    asset_class: AssetClass
    currency: str
    base: str
    description: str
    tick: str
    """The smallest step of an order's price."""
    lot: str
    """The smallest step of its size."""
    size_min: str
    notional_min: str
    multiplier: str
    """Money per price point and unit of size."""
    calendar: str
    tradable: bool


def listed_of(instrument: Instrument) -> Listed:
    """Tell an instrument."""
    return Listed(
        symbol=instrument.symbol,
        venue=instrument.venue,
        asset_class=instrument.asset_class,
        currency=instrument.currency,
        base=instrument.base,
        description=instrument.description,
        tick=f"{instrument.tick:f}",
        lot=f"{instrument.lot:f}",
        size_min=f"{instrument.size_min:f}",
        notional_min=f"{instrument.notional_min:f}",
        multiplier=f"{instrument.multiplier:f}",
        calendar=instrument.calendar,
        tradable=instrument.tradable,
    )
