"""One order as the controls see it: whole numbers, worked out once before the first control asks."""

from __future__ import annotations

from collections.abc import Iterable

from engine.model.market_state import MarketState, Trust
from engine.model.order import Order, OrderRequest, OrderStatus, OrderType
from engine.model.trade import Side
from engine.risk.bounds import PPM, UNLIMITED
from engine.risk.exposure import SymbolExposure, open_quantity, worth
from engine.risk.inputs import RiskInputs

_BUY = Side.BUY
_MARKET = OrderType.MARKET
_LIMIT = OrderType.LIMIT
_TRAILING = OrderType.TRAILING
_GOOD = Trust.GOOD
_NO_EXPOSURE = SymbolExposure()
_PENDING_CANCEL = OrderStatus.PENDING_CANCEL


class Candidate:
    """An order, or an order with its amended terms, and what would be if it were sent now."""

    __slots__ = (
        "account_bounds",
        "amends",
        "bounds",
        "buying",
        "exposure",
        "held",
        "inputs",
        "instrument",
        "now_ns",
        "opposite_working",
        "price",
        "quantity",
        "reduces",
        "reducing_room",
        "request",
        "side_before",
        "side_worst",
        "state",
        "trust",
        "twice_reference",
        "unit_denominator",
        "unit_numerator",
        "worst_after",
        "worst_before",
    )

    def __init__(
        self,
        inputs: RiskInputs,
        request: OrderRequest,
        state: MarketState,
        now_ns: int,
        amends: Order | None = None,
    ) -> None:
        self.inputs = inputs
        self.request = request
        self.state = state
        self.instrument = state.instrument
        self.amends = amends
        """The working order whose terms would change to these; None for a new order."""
        self.now_ns = now_ns
        self.bounds = inputs.bounds_of(state.instrument)
        self.account_bounds = inputs.account_bounds
        self.buying = request.side is _BUY
        self.quantity = request.quantity
        """What could trade of it; of an amendment, the larger of old and new."""
        self.trust = trust = state.trust(now_ns)
        self.twice_reference = (
            state.bid + state.ask if trust is _GOOD and self.spread_is_sane() else self._fallback()
        )
        """The price to judge by, times two so that a mid stays whole; 0 when there is none."""
        self.price = self._worst_price(request)
        """The worst price it may trade at, for its worth."""
        if amends is not None:
            self._take_larger(amends)
        self._count_working(inputs.working.of(request.symbol))
        self.exposure = inputs.exposure.symbols.get(request.symbol, _NO_EXPOSURE)
        """The symbol's part of the account's sums, as they were last valued."""
        unit = worth(state, state.mark, inputs.rates)
        self.unit_numerator, self.unit_denominator = unit or (0, 1)
        """The worth of one size unit at the mark in millionths of the base; 0 when not known."""

    def value(self, units: int) -> int:
        """Return what a size is worth at the mark, millionths of the base currency; 0 when not known."""
        return units * self.unit_numerator // self.unit_denominator

    @property
    def notional(self) -> int | None:
        """What the order is worth at its worst price, millionths of the base; None when not known."""
        unit = worth(self.state, self.price, self.inputs.rates)
        return None if unit is None else self.quantity * unit[0] // unit[1]

    def spread_is_sane(self) -> bool:
        """Return whether both sides have a price and lie near enough."""
        bid, ask = self.state.bid, self.state.ask
        return bid > 0 and ask > 0 and 2 * PPM * (ask - bid) <= self.bounds.spread_max_ppm * (bid + ask)

    def _fallback(self) -> int:
        state = self.state
        other = state.last or state.prior_close
        if other or not (state.bid and state.ask):
            return 2 * other
        return state.bid + state.ask

    def _worst_price(self, request: OrderRequest) -> int:
        if request.limit is not None:
            return request.limit
        state = self.state
        if request.type is _TRAILING:
            return state.mark
        price = request.stop or (state.ask if self.buying else state.bid) or state.mark
        collar_ppm = self.bounds.collar_ppm
        if self.buying and collar_ppm < UNLIMITED:
            return price + price * collar_ppm // PPM
        return price

    def _take_larger(self, order: Order) -> None:
        self.quantity = max(self.quantity - order.filled, open_quantity(order))
        self.price = max(self.price, order.limit or order.stop or 0)

    def _count_working(self, working: Iterable[Order]) -> None:
        position = self.inputs.positions.get(self.request.symbol)
        self.held = held = position.quantity if position is not None else 0
        buys = sells = closing = 0
        amends, side = self.amends, self.request.side
        for order in working:
            if order is amends:
                continue
            quantity = open_quantity(order)
            if order.side is _BUY:
                buys += quantity
            else:
                sells += quantity
            if order.side is side and order.request.reduce_only and order.status is not _PENDING_CANCEL:
                closing += quantity
        own = 0 if amends is None else open_quantity(amends)
        if self.buying:
            self._sum_up(held, buys, sells, own, closing)
        else:
            self._sum_up(-held, sells, buys, own, closing)

    def _sum_up(self, held: int, same: int, opposite: int, own: int, closing: int) -> None:
        """Work out the worst cases, all signed towards the order's side; `own` is what an amended order had."""
        self.opposite_working = opposite
        self.side_before = before = held + same + own
        self.side_worst = after = held + same + self.quantity
        """The position on the order's side when this and every working order of that side fill."""
        other = opposite - held
        self.worst_before = max(other, before)
        self.worst_after = max(other, after)
        """The larger of what could be held long and what could be held short."""
        self.reducing_room = room = max(0, -held - closing)
        """How much a reduce-only order may still close."""
        self.reduces = after <= 0 or (self.request.reduce_only and self.quantity <= room)
