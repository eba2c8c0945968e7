"""What a broker takes of orders, and the sentence for each thing that it does not take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from engine.model.instrument import AssetClass
from engine.model.order_request import ExitPlan, OrderRequest, OrderType, TimeInForce

Times = frozenset[TimeInForce]

A_TYPE: Final = MappingProxyType(
    {
        OrderType.MARKET: "a market order",
        OrderType.LIMIT: "a limit order",
        OrderType.STOP: "a stop order",
        OrderType.STOP_LIMIT: "a stop-limit order",
        OrderType.TRAILING: "a trailing stop",
    }
)
"""Each type in a sentence."""
_TYPES: Final = {
    OrderType.MARKET: "market orders",
    OrderType.LIMIT: "limit orders",
    OrderType.STOP: "stop orders",
    OrderType.STOP_LIMIT: "stop-limit orders",
    OrderType.TRAILING: "trailing stops",
}
_AT_ONCE: Final = frozenset({TimeInForce.IOC, TimeInForce.FOK})


class Abilities(Struct, frozen=True, kw_only=True):
    """What one broker takes for one kind of instrument."""

    broker: str = ""
    """What it is called in a sentence; nothing for one that takes all there is."""
    things: str = ""
    """What kind of instrument it is about, where the broker takes something else for another."""
    types: Mapping[OrderType, Times]
    """The times in force that each type may have; a market order that is DAY says no more than that it is one."""
    instead: Mapping[OrderType, str] = {}
    """What to do instead of a type that is not taken."""
    post_only: bool = True
    new_price: bool = True
    """Whether a working order may get other prices."""
    larger: bool = True
    """Whether a working order may be made larger."""
    parts: bool = True
    """Whether sizes may be parts of one; how fine, the instrument's lot says."""
    short: bool = True
    """Whether more may be sold than is held."""
    brackets: bool = False
    """Whether it keeps a stop and a target itself, one instead of the other; else the desk does."""

    def usual_time(self, order_type: OrderType) -> TimeInForce:
        """Return the time in force of an order that says none."""
        times = self.types.get(order_type, frozenset())
        return next((time for time in TimeInForce if time in times), TimeInForce.DAY)

    def objection(self, request: OrderRequest) -> str:
        """Say what of an order is not taken; empty for one that can be sent."""
        return next(filter(None, self._objections(request)), "")

    def _objections(self, request: OrderRequest) -> Iterator[str]:
        yield self.type_objection(request.type)
        yield self.time_objection(request.type, request.tif)
        yield self.post_only_objection(request)

    def type_objection(self, order_type: OrderType) -> str:
        """Say that a type is not taken, and what to do instead; empty for one that is."""
        if order_type in self.types:
            return ""
        instead = self.instead.get(order_type, "")
        return f"{self.broker} has no {_TYPES[order_type]}{self._of}{f': {instead}' if instead else ''}"

    def plan_objection(self, plan: ExitPlan | None) -> str:
        """Say that the stop of a plan could not be sent; empty where there is none, or it could."""
        if plan is None:
            return ""
        needed = (plan.stop, OrderType.STOP), (plan.trail, OrderType.TRAILING)
        refused = (self.type_objection(kind) for price, kind in needed if price is not None)
        reason = next(filter(None, refused), "")
        return f"its stop could not be sent: {reason}" if reason else ""

    def time_objection(self, order_type: OrderType, tif: TimeInForce) -> str:
        """Say that a type can't have a time in force, and which it can; empty for one that is taken."""
        times = self.types.get(order_type)
        if times is None or tif in times:
            return ""
        *others, last = (time.upper() for time in TimeInForce if time in times)
        known = f"{', '.join(others)} or {last}" if others else last
        at = f" at {self.broker}" if self.broker else ""
        return f"{A_TYPE[order_type]} can't be {tif.upper()}{at}: use {known}"

    def post_only_objection(self, request: OrderRequest) -> str:
        """Say that an order can't be post-only; empty where it is not, or can be."""
        if not request.post_only:
            return ""
        if not self.post_only:
            return f"{self.broker} has no post-only orders{self._of}"
        may_rest = request.type is OrderType.LIMIT and request.tif not in _AT_ONCE
        return "" if may_rest else "only a limit order that may rest can be post-only"

    def amend_objection(self, *, prices_change: bool, grows: bool) -> str:
        """Say what of new terms a working order can't get; empty for what it can."""
        if prices_change and not self.new_price:
            return f"{self.broker} can't change the price of a working order: cancel it and send another"
        if grows and not self.larger:
            return f"{self.broker} can only make a working order smaller: cancel it and send another"
        return ""

    @property
    def _of(self) -> str:
        return f" of {self.things}" if self.things else ""


class BrokerAbilities(Struct, frozen=True, kw_only=True):
    """What one broker takes, for each kind of instrument."""

    usual: Abilities
    special: Mapping[AssetClass, Abilities] = {}
    """What is taken for those kinds of which it is something else."""

    def of(self, asset_class: AssetClass) -> Abilities:
        """Return what is taken for a kind of instrument."""
        return self.special.get(asset_class, self.usual)
