"""One holding at the market's mark, in the base currency."""

from __future__ import annotations

from typing import NamedTuple

from engine.model.account import RATE_SCALE, CurrencyRates
from engine.model.instrument import AssetClass
from engine.model.market_state import MarketState
from engine.model.position import COST_SCALE, round_half_even
from engine.portfolio.holding import Holding


class Worth(NamedTuple):
    """What a holding is and was worth, in millionths of base; all 0 when its currency has no rate."""

    mark: int
    """In price units; 0 when there is no price, and then it is worth its cost."""
    rate_known: bool
    value: int = 0
    paid: int = 0
    """The part of the value that cash was paid for: all of it, or a future's open profit."""
    unrealised: int = 0
    realised: int = 0
    fees: int = 0
    dividends: int = 0
    fx: int = 0

    @property
    def profit(self) -> int:
        """Everything it has earned, after fees; what rates did since is apart."""
        return self.realised + self.unrealised + self.dividends - self.fees


def worth_of(holding: Holding, state: MarketState | None, rates: CurrencyRates) -> Worth:
    """Value a holding at its symbol's mark and its currency's rate."""
    position = holding.position
    mark = state.mark if state is not None else 0
    if rates.get(holding.currency) is None:
        return Worth(mark, rate_known=False)
    value = position.quantity * mark * COST_SCALE if mark else position.cost
    unrealised = in_base(position.micros(value - position.cost), holding.currency, rates)
    value_in_base = in_base(position.micros(value), holding.currency, rates)
    is_future = position.instrument.asset_class is AssetClass.FUTURE
    return Worth(
        mark=mark,
        rate_known=True,
        value=value_in_base,
        paid=unrealised if is_future else value_in_base,
        unrealised=unrealised,
        realised=holding.realised_micros,
        fees=holding.fees_micros,
        dividends=holding.dividends_micros,
        fx=holding.fx_micros,
    )


def in_base(micros: int, currency: str, rates: CurrencyRates) -> int:
    """Return an amount in the base currency, rounded to even; 0 when there is no rate."""
    if currency == rates.base_currency:
        return micros
    return round_half_even(micros * (rates.get(currency) or 0), RATE_SCALE)
