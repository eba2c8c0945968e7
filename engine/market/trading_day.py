"""What a symbol's trading day was so far."""

from __future__ import annotations

from engine.model.market_state import MarketState
from engine.model.quote import NO_PRICE


def begin_day(state: MarketState) -> None:
    """Keep the price the day ended at, and forget the day."""
    state.prior_close = state.last or state.mark
    state.day_open = state.day_high = state.day_low = NO_PRICE
    state.day_volume = state.day_turnover = 0


def widen_day(state: MarketState, price: int) -> None:
    """Take a price into the day's open, high and low."""
    if not state.day_open:
        state.day_open = state.day_high = state.day_low = price
    elif price > state.day_high:
        state.day_high = price
    elif price < state.day_low:
        state.day_low = price
