"""What the whole account could come to hold: positions, and every working order as if it filled.

Worst cases are kept per symbol and summed, so that an order is judged against the sums without a walk over
the account. A symbol is valued again when it is told of (`note_changed`), and everything when its prices
have aged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from engine.model.account import RATE_SCALE, CurrencyRates
from engine.model.instrument import Instrument, Symbol
from engine.model.market_state import MarketState
from engine.model.order import Order
from engine.model.position import Position
from engine.model.trade import Side
from engine.model.working_orders import WorkingOrders

FRESH_NS: Final = 1_000_000_000
"""How old the valuation may become before a check renews it; a timer that renews it earlier keeps that off
the order's way."""

_BUY: Final = Side.BUY


def open_quantity(order: Order) -> int:
    """Return what an order may still trade, a change under way counted where it is larger."""
    amended = order.amend_quantity
    return order.leaves if amended is None else max(order.leaves, amended - order.filled)


def beyond_group(order: Order, size: int, counted: dict[str, int]) -> int:
    """Return by how much an order of a group outgrows those counted before it: of a group only one fills.

    `counted` has what is counted of each group, and of each side of one.
    """
    key = f"{order.side}{order.request.group}"
    before = counted.get(key, 0)
    more = size - before if size > before else 0
    counted[key] = before + more
    return more


def extremes(held: int, orders: Iterable[Order]) -> tuple[int, int]:
    """Return the position when every buy fills and nothing else does, and when every sell does; signed units."""
    high, low = held, held
    counted: dict[str, int] = {}
    for order in orders:
        size = open_quantity(order)
        if order.request.group:
            size = beyond_group(order, size, counted)
        if order.side is _BUY:
            high += size
        else:
            low -= size
    return high, low


def worth(state: MarketState, price: int, rates: CurrencyRates) -> tuple[int, int] | None:
    """Return what one size unit costs in millionths of the base, as a fraction; None without price or rate."""
    if price <= 0:
        return None
    factor = base_factor(state.instrument, rates)
    return None if factor is None else (price * factor[0], factor[1])


def base_factor(instrument: Instrument, rates: CurrencyRates) -> tuple[int, int] | None:
    """Return the worth of one price unit x size unit in millionths of the base; None without a rate."""
    if instrument.currency == rates.base_currency:
        return instrument.micros_numerator, instrument.micros_denominator
    rate = rates.get(instrument.currency)
    if not rate or rate < 0:
        return None
    return instrument.micros_numerator * rate, instrument.micros_denominator * RATE_SCALE


class SymbolExposure:
    """One symbol's worst cases in millionths of the base currency."""

    __slots__ = ("gross", "high", "low", "priced", "size")

    def __init__(self) -> None:
        self.gross = 0
        """The larger of what could be held long and what could be held short."""
        self.high = 0
        """The position when every buy fills, signed."""
        self.low = 0
        """The position when every sell fills, signed."""
        self.size = 0
        """The worst case in size units."""
        self.priced = True
        """False when it holds or works something that has no price or no rate."""


class ExposureBook:
    """The account's worst cases, as sums that are kept rather than made."""

    __slots__ = ("_changed", "_positions", "_rates", "_states", "_valued_ns", "_working", "gross", "high",
                 "low", "note_changed", "symbols", "unpriced")  # fmt: skip

    def __init__(
        self,
        states: Mapping[Symbol, MarketState],
        positions: Mapping[Symbol, Position],
        working: WorkingOrders,
        rates: CurrencyRates,
    ) -> None:
        self._states = states
        self._positions = positions
        self._working = working
        self._rates = rates
        self._changed: set[Symbol] = set()
        self.note_changed = self._changed.add
        """Value a symbol again before the next check: an order or a position changed."""
        self._valued_ns: int | None = None
        self.symbols: dict[Symbol, SymbolExposure] = {}
        self.gross = 0
        self.high = 0
        self.low = 0
        self.unpriced: set[Symbol] = set()
        """Symbols that are held or worked and can't be valued."""

    def bring_up_to_date(self, now_ns: int) -> None:
        """Make the sums fit to judge by: a moment's work unless prices have aged or something changed."""
        valued_ns = self._valued_ns
        if valued_ns is None or not 0 <= now_ns - valued_ns <= FRESH_NS:
            self.revalue(now_ns)
        elif self._changed:
            for symbol in self._changed:
                self._value(symbol)
            self._changed.clear()

    def revalue(self, now_ns: int) -> None:
        """Value everything at the prices of now."""
        self._valued_ns = now_ns
        self._changed.clear()
        for symbol in {*self.symbols, *self._held(), *self._working.symbols()}:
            self._value(symbol)

    def _held(self) -> Iterable[Symbol]:
        return [symbol for symbol, position in self._positions.items() if position.quantity]

    def _value(self, symbol: Symbol) -> None:
        exposure = self.symbols.get(symbol)
        if exposure is None:
            exposure = self.symbols[symbol] = SymbolExposure()
        gross, high, low = exposure.gross, exposure.high, exposure.low
        self._measure(symbol, exposure)
        self.gross += exposure.gross - gross
        self.high += exposure.high - high
        self.low += exposure.low - low
        if not exposure.priced:
            self.unpriced.add(symbol)
        elif self.unpriced:
            self.unpriced.discard(symbol)

    def _measure(self, symbol: Symbol, exposure: SymbolExposure) -> None:
        position = self._positions.get(symbol)
        held = position.quantity if position is not None else 0
        high, low = extremes(held, self._working.of(symbol))
        state = self._states.get(symbol)
        unit = worth(state, state.mark, self._rates) if state is not None else None
        exposure.priced = unit is not None or high == low == 0
        numerator, denominator = unit or (0, 1)
        exposure.high = value = high * numerator // denominator
        exposure.low = value if low == high else low * numerator // denominator
        exposure.size = size = max(high, -low)
        exposure.gross = value if size == high else size * numerator // denominator
