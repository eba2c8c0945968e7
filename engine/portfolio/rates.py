"""Currency rates from the market itself."""

from __future__ import annotations

from collections.abc import Iterable

from engine.model.account import CurrencyRates
from engine.model.market_state import MarketState


def rates_from_quotes(rates: CurrencyRates, states: Iterable[MarketState]) -> None:
    """Set the worth of every currency that a quoted pair leads to, at the pair's mark.

    Two rounds: first pairs with the base currency on one side (EURUSD, USDJPY for USD), then pairs with a
    currency known from the first (EURJPY). A pair whose price is not believed is passed over, and a
    currency that no pair leads to keeps the rate it had.
    """
    pairs = [state for state in states if _is_pair(state)]
    known = {rates.base_currency}
    for _round in range(2):
        found: dict[str, int] = {}
        for state in pairs:
            _learn(rates, state, known, found)
        for currency, rate in found.items():
            rates.set(currency, rate)
        known |= found.keys()


def _is_pair(state: MarketState) -> bool:
    return bool(state.instrument.base and state.mark > 0 and not (state.distrust_reason or state.doubt))


def _learn(rates: CurrencyRates, state: MarketState, known: set[str], found: dict[str, int]) -> None:
    base, quote, mark = state.instrument.base, state.instrument.currency, state.mark
    scale = state.instrument.price_scale
    if quote in known and base not in known:
        found.setdefault(base, mark * (rates.get(quote) or 0) // scale)
    elif base in known and quote not in known:
        found.setdefault(quote, (rates.get(base) or 0) * scale // mark)
