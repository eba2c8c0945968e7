"""What is held, from fills only: average cost and FIFO side by side, in whole numbers."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from engine.errors import DataError
from engine.model.account import CurrencyRates
from engine.model.fill import Fill
from engine.model.instrument import Instrument, Symbol
from engine.model.position import COST_SCALE, Position
from engine.model.trade import Side
from engine.portfolio.corporate_actions import dividend_micros, split
from engine.portfolio.holding import Holding

_BUY = Side.BUY


class Ledger:
    """Keeps every position; `on_fill` is on the order path and does no more than it must.

    Realised less cost equals the money that changed hands exactly, at average cost and FIFO alike:
    a partial close rounds its share of the cost down to a billionth of a unit, and what it rounds off
    stays in the cost of what is left.
    """

    def __init__(self, instruments: Mapping[Symbol, Instrument], rates: CurrencyRates) -> None:
        self._instruments = instruments
        self._rates = rates
        self._holdings: dict[Symbol, Holding] = {}
        self.positions: dict[Symbol, Position] = {}
        """Every symbol ever held, flat ones too; others read it in place."""
        self.duplicates = 0
        """Fills that came again and were ignored."""
        self.version = 0
        """Counts every change, so that a reader can tell whether it has seen this one."""

    def on_fill(self, fill: Fill) -> Position:
        """Book a fill and return its position; the same fill id of a symbol counts once.

        Raises:
            DataError: the fill is for a symbol that is not listed.
        """
        holding = self._holdings.get(fill.symbol) or self._hold(fill.symbol)
        position = holding.position
        if fill.fill_id in holding.seen:
            self.duplicates += 1
            return position
        holding.seen.add(fill.fill_id)
        signed = fill.quantity if fill.side is _BUY else -fill.quantity
        held, price = position.quantity, fill.price
        holding.lots.add(fill.fill_id, signed, price, fill.event_ns)
        if held and (held > 0) != (signed > 0):
            _reduce(holding, signed, price)
        else:
            position.quantity = held + signed
            position.cost += signed * price * COST_SCALE
        if fill.fee_micros:
            holding.charge(fill.fee_micros, fill.fee_currency or holding.currency)
        position.updated_ns = fill.event_ns
        position.version += 1
        self.version += 1
        return position

    def holdings(self) -> tuple[Holding, ...]:
        """Return everything ever held, first held first."""
        return tuple(self._holdings.values())

    def settle(self) -> None:
        """Convert what waited for a rate, at the rates of now."""
        for holding in self._holdings.values():
            holding.settle()

    def apply_split(self, symbol: Symbol, ratio: Fraction, cash_price: int | None = None) -> None:
        """Turn each old share into `ratio` new ones, at the same cost.

        What does not make a whole lot is paid out at `cash_price` (new price units), or at its cost where
        none is given.

        Raises:
            DataError: the ratio is not above zero.
        """
        if ratio <= 0:
            raise DataError(f"{symbol} split: expected a ratio above 0, found {ratio}")
        holding = self._holdings.get(symbol)
        if holding is not None and holding.position.quantity:
            split(holding, ratio, cash_price)
            self._changed(holding)

    def apply_dividend(self, symbol: Symbol, per_unit: Decimal) -> None:
        """Pay a dividend per share on what is held now: a long receives it, a short owes it."""
        holding = self._holdings.get(symbol)
        if holding is not None and holding.position.quantity:
            holding.pay(dividend_micros(holding.position, per_unit))
            self._changed(holding)

    def _hold(self, symbol: Symbol) -> Holding:
        instrument = self._instruments.get(symbol)
        if instrument is None:
            raise DataError(f"a fill is for {symbol}, which is not listed")
        holding = Holding(instrument, self._rates)
        self._holdings[symbol] = holding
        self.positions[symbol] = holding.position
        return holding

    def _changed(self, holding: Holding) -> None:
        holding.position.version += 1
        self.version += 1


def _reduce(holding: Holding, signed: int, price: int) -> None:
    """Close some or all at average cost; what goes through zero opens at the fill's own price."""
    position = holding.position
    held = position.quantity
    if abs(signed) < abs(held):
        closed = -signed
        released = position.cost * closed // held
        position.cost -= released
    else:
        closed = held
        released = position.cost
        position.cost = (held + signed) * price * COST_SCALE
    position.quantity = held + signed
    holding.realise(closed * price * COST_SCALE - released)
