"""What is the same for every order in one symbol, found once."""

from __future__ import annotations

from engine.model.market_state import MarketState
from engine.risk.bounds import Bounds


class Listing:
    """A symbol's market, instrument and limits."""

    __slots__ = ("bounds", "factor", "instrument", "state")

    def __init__(self, state: MarketState, bounds: Bounds, base_currency: str) -> None:
        self.state = state
        self.instrument = instrument = state.instrument
        self.bounds = bounds
        same = instrument.currency == base_currency
        self.factor = (instrument.micros_numerator, instrument.micros_denominator) if same else None
        """Worth of one price unit x size unit in millionths of the base; None where it takes a rate."""
