"""What may still be bought: equity times leverage, less what is taken up already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from engine.model.account import CurrencyRates
from engine.model.instrument import Instrument, Symbol
from engine.model.market_state import MarketState
from engine.model.order import Order
from engine.model.position import COST_SCALE, Position
from engine.model.trade import Side
from engine.model.working_orders import WorkingOrders
from engine.portfolio.worth import in_base


class BuyingPower:
    """Counts positions at their marks, and for open orders the worst they can lead to.

    Either all of a symbol's buys fill and no sell does, or the other way round: an order that only
    reduces reserves nothing.
    """

    __slots__ = ("_leverage", "_orders", "_positions", "_rates", "_states")

    def __init__(
        self,
        positions: Mapping[Symbol, Position],
        orders: WorkingOrders,
        states: Mapping[Symbol, MarketState],
        rates: CurrencyRates,
        leverage: Fraction,
    ) -> None:
        self._positions = positions
        self._orders = orders
        self._states = states
        self._rates = rates
        self._leverage = leverage

    def left_micros(self, equity_micros: int) -> int:
        """Return what is left, in millionths of base, rounded down; negative when overdrawn."""
        return equity_micros * self._leverage.numerator // self._leverage.denominator - self.used_micros()

    def used_micros(self) -> int:
        """Return what positions and open orders take up, in millionths of base."""
        symbols = dict.fromkeys([*self._positions, *self._orders.symbols()])
        return sum(self._used(symbol) for symbol in symbols)

    def _used(self, symbol: Symbol) -> int:
        position, state = self._positions.get(symbol), self._states.get(symbol)
        known = position or state
        if known is None:
            return 0
        quantity = position.quantity if position is not None else 0
        mark = state.mark if state is not None else 0
        if position is not None and quantity and not mark:
            mark = position.cost // (quantity * COST_SCALE)
        worst = worst_notional_micros(known.instrument, quantity, mark, self._orders.of(symbol))
        return in_base(worst, known.instrument.currency, self._rates)


def worst_notional_micros(instrument: Instrument, quantity: int, mark: int, orders: Iterable[Order]) -> int:
    """Return the largest exposure that open orders can lead to, in millionths of the currency.

    An order counts at its limit, else its stop, else the mark; one that is being made larger counts as
    if it were already. Of a group only one fills: it counts with its largest order.
    """
    held = quantity * mark
    sums = {Side.BUY: 0, Side.SELL: 0}
    largest: dict[tuple[Side, str], int] = {}
    for order in orders:
        leaves = max(order.leaves, (order.amend_quantity or 0) - order.filled)
        at = leaves * (order.limit or order.stop or mark)
        if order.request.group:
            key = order.side, order.request.group
            largest[key] = max(at, largest.get(key, 0))
        else:
            sums[order.side] += at
    for (side, _), at in largest.items():
        sums[side] += at
    return instrument.notional_micros(max(abs(held), held + sums[Side.BUY], sums[Side.SELL] - held), 1)
