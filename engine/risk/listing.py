"""What is the same for every order in one symbol, found once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.messages.events import Denial
from engine.model.abilities import Abilities
from engine.model.instrument import Instrument
from engine.model.market_state import MarketState
from engine.model.order import OrderType
from engine.risk.bounds import Bounds

if TYPE_CHECKING:
    from engine.risk.candidate import Candidate

Control = Callable[["Candidate"], Denial | None]
Plan = dict[OrderType, tuple[Control, ...]]
"""The controls that can have something to say, by the type of order."""
PlanMaker = Callable[[Instrument, Bounds], Plan]


class Listing:
    """A symbol's market, instrument, limits, controls, and what the broker takes of orders in it."""

    __slots__ = ("abilities", "bounds", "controls", "factor", "instrument", "state")

    def __init__(
        self, state: MarketState, bounds: Bounds, abilities: Abilities, controls: Plan, base_currency: str
    ) -> None:
        self.state = state
        self.instrument = instrument = state.instrument
        self.bounds = bounds
        self.abilities = abilities
        self.controls = controls
        same = instrument.currency == base_currency
        self.factor = (instrument.micros_numerator, instrument.micros_denominator) if same else None
        """Worth of one price unit x size unit in millionths of the base; None where it takes a rate."""
