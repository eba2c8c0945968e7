"""Ends the day of markets that never close: at midnight UTC."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.adapters.paper.pit import Pit
from engine.clock import NS_PER_S, Clock
from engine.model.instrument import Symbol
from engine.model.order import OrderRequest, TimeInForce

_NS_PER_DAY: Final = 86_400 * NS_PER_S
_NEVER_CLOSES: Final = "24/7"


class DayRoll:
    """Expires the day orders of markets that never close, once a midnight, while there are any."""

    __slots__ = ("_clock", "_due_ns", "_pits")

    def __init__(self, clock: Clock, pits: Mapping[Symbol, Pit]) -> None:
        self._clock = clock
        self._pits = pits
        self._due_ns = 0

    def watch(self, pit: Pit) -> None:
        """See to it that a day order which was just accepted ends at the coming midnight."""
        if pit.state.instrument.calendar != _NEVER_CLOSES:
            return
        now_ns = self._clock.now_ns()
        due_ns = (now_ns // _NS_PER_DAY + 1) * _NS_PER_DAY
        if self._due_ns != due_ns:
            self._due_ns = due_ns
            self._clock.call_at(due_ns, self._roll)

    def is_over(self, request: OrderRequest) -> bool:
        """Whether an order's day ended between two runs: it is a day order, of an earlier date in UTC."""
        return (
            request.tif is TimeInForce.DAY
            and request.created_ns // _NS_PER_DAY < self._clock.now_ns() // _NS_PER_DAY
        )

    def forget(self) -> None:
        """Set a new timer for the next day order: the clock dropped the old one."""
        self._due_ns = 0

    def _roll(self) -> None:
        for pit in self._pits.values():
            if pit.state.instrument.calendar == _NEVER_CLOSES:
                pit.expire_day_orders("the day ended at midnight UTC")
