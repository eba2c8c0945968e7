"""By how much a size is made larger or smaller at a press."""

from __future__ import annotations

from engine.model.instrument import AssetClass, Instrument

_ROUND_LOT = 100
"""Shares."""


def step_of(instrument: Instrument, quantity: int) -> int:
    """Return the step of a size, in size units: a hundred shares; of anything else the power of ten of lots below it."""
    if instrument.asset_class is AssetClass.EQUITY:
        return max(instrument.lot_units, _ROUND_LOT * instrument.size_scale)
    step = instrument.lot_units
    while step * 10 < quantity:
        step *= 10
    return step
