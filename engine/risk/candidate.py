"""One order as the controls see it: whole numbers, worked out once before the first control asks."""

from __future__ import annotations

from typing import Final

from engine.model.market_state import Trust
from engine.model.order import Order, OrderRequest, OrderType
from engine.model.trade import Side
from engine.risk.bounds import PPM, UNLIMITED
from engine.risk.exposure import SymbolExposure, base_factor, beyond_group, open_quantity
from engine.risk.inputs import RiskInputs
from engine.risk.listing import Listing

_BUY: Final = Side.BUY
_TRAILING: Final = OrderType.TRAILING
_GOOD: Final = Trust.GOOD
_NO_EXPOSURE: Final = SymbolExposure()


class Candidate:
    """An order, or an order with its amended terms, and what would be if it were sent now."""

    __slots__ = (
        "abilities",
        "amends",
        "bounds",
        "buying",
        "caps",
        "exposure",
        "gross_after",
        "held",
        "inputs",
        "instrument",
        "mark",
        "notional",
        "now_ns",
        "opposite_working",
        "price",
        "quantity",
        "reduces",
        "reducing_room",
        "request",
        "side_before",
        "side_value",
        "side_worst",
        "spread_is_sane",
        "state",
        "symbol_orders",
        "trust",
        "twice_reference",
        "unit_denominator",
        "unit_numerator",
        "worst_after",
        "worst_before",
        "worst_value",
    )

    def __init__(
        self,
        inputs: RiskInputs,
        request: OrderRequest,
        listing: Listing,
        now_ns: int,
        amends: Order | None = None,
    ) -> None:
        self.inputs = inputs
        self.request = request
        self.state = listing.state
        self.instrument = listing.instrument
        self.bounds = listing.bounds
        self.abilities = listing.abilities
        self.caps = inputs.caps
        self.now_ns = now_ns
        self.amends = amends
        """The working order whose terms would change to these; None for a new order."""
        self.buying = request.side is _BUY
        self.quantity = request.quantity
        """What could trade of it; of an amendment, the larger of old and new."""
        self._find_prices()
        if amends is not None:
            self._take_larger(amends)
        self._count_working()
        self._value(listing)

    def _find_prices(self) -> None:
        state, request = self.state, self.request
        bid, ask = state.bid, state.ask
        both = bid + ask
        self.trust = trust = state.trust(self.now_ns)
        self.spread_is_sane = sane = (
            bid > 0 and ask > 0 and 2 * PPM * (ask - bid) <= self.bounds.spread_max_ppm * both
        )
        """Whether both sides have a price and lie near enough."""
        if bid and ask:
            self.mark = both // 2
            self.twice_reference = both if sane and trust is _GOOD else self._other_reference() or both
            """The price to judge by, times two so that a mid stays whole; 0 when there is none."""
        else:
            self.mark = state.last or state.prior_close
            self.twice_reference = 2 * self.mark
        self.price = request.limit if request.limit is not None else self._worst_price(request)
        """The worst price it may trade at."""

    def _other_reference(self) -> int:
        return 2 * (self.state.last or self.state.prior_close)

    def _worst_price(self, request: OrderRequest) -> int:
        if request.type is _TRAILING:
            return self.mark
        price = request.stop or (self.state.ask if self.buying else self.state.bid) or self.mark
        collar_ppm = self.bounds.collar_ppm
        if self.buying and collar_ppm < UNLIMITED:
            return price + price * collar_ppm // PPM
        return price

    def _take_larger(self, order: Order) -> None:
        self.quantity = max(self.quantity - order.filled, open_quantity(order))
        self.price = max(self.price, order.limit or order.stop or 0)

    def _count_working(self) -> None:
        inputs, amends, request = self.inputs, self.amends, self.request
        side, group = request.side, request.group
        same = opposite = closing = count = own = 0
        grouped: dict[str, int] = {}
        for order in inputs.working.of(request.symbol):
            count += 1
            if order is amends or (group and order.request.group == group):
                continue  # of a group only one fills
            size = open_quantity(order)
            if order.request.group:
                size = beyond_group(order, size, grouped)
            if order.side is not side:
                opposite += size
                continue
            same += size
            if order.request.reduce_only:
                closing += size
        self.symbol_orders = count
        self.opposite_working = opposite
        position = inputs.positions.get(request.symbol)
        self.held = held = position.quantity if position is not None else 0
        if amends is not None:
            own = open_quantity(amends)
        self._sum_up(held if self.buying else -held, same, own, closing)

    def _sum_up(self, held: int, same: int, own: int, closing: int) -> None:
        """Work out the worst cases, all signed towards the order's side; `own` is what an amended order had."""
        self.side_before = before = held + same + own
        self.side_worst = after = held + same + self.quantity
        """The position on the order's side when this and every working order of that side fill."""
        other = self.opposite_working - held
        self.worst_before = before if before > other else other  # noqa: FURB136 - max() takes three times as long
        self.worst_after = after if after > other else other  # noqa: FURB136 - likewise
        """The larger of what could be held long and what could be held short."""
        room = -held - closing
        self.reducing_room = room if room > 0 else 0  # noqa: FURB136 - likewise
        """How much a reduce-only order may still close."""
        self.reduces = after <= 0 or (self.request.reduce_only and self.quantity <= room)

    def _value(self, listing: Listing) -> None:
        exposures = self.inputs.exposure.symbols
        self.exposure = exposures.get(self.request.symbol, _NO_EXPOSURE)
        """The symbol's part of the account's sums, as they were last valued."""
        factor = listing.factor or base_factor(listing.instrument, self.inputs.rates)
        numerator, denominator = factor or (0, 1)
        self.notional = self.quantity * self.price * numerator // denominator
        """What the order is worth at its worst price, millionths of the base; 0 when not known."""
        self.unit_numerator = numerator = self.mark * numerator
        self.unit_denominator = denominator
        """The worth of one size unit at the mark in millionths of the base; 0 when not known."""
        self.side_value = value = self.side_worst * numerator // denominator
        worst = self.worst_after
        self.worst_value = value if worst == self.side_worst else worst * numerator // denominator
        self.gross_after = self.inputs.exposure.gross - self.exposure.gross + self.worst_value
        """The account's worst-case gross exposure with the order."""

    def value(self, units: int) -> int:
        """Return what a size is worth at the mark, millionths of the base currency; 0 when not known."""
        return units * self.unit_numerator // self.unit_denominator
