"""Ends the day of markets that never close: at midnight UTC."""

from __future__ import annotations

from collections.abc import Mapping

from engine.adapters.paper.pit import Pit
from engine.clock import Clock
from engine.model.instrument import Symbol
from engine.model.order import OrderRequest, TimeInForce
from engine.model.trading_day import ALWAYS_OPEN, day_end_ns


class DayRoll:
    """Expires the day orders of markets that never close, once a midnight, while there are any."""

    __slots__ = ("_clock", "_due_ns", "_pits")

    def __init__(self, clock: Clock, pits: Mapping[Symbol, Pit]) -> None:
        self._clock = clock
        self._pits = pits
        self._due_ns = 0

    def watch(self, pit: Pit) -> None:
        """See to it that a day order which was just accepted ends at the coming midnight."""
        if pit.state.instrument.calendar != ALWAYS_OPEN:
            return
        now_ns = self._clock.now_ns()
        if now_ns >= self._due_ns:
            self._due_ns = day_end_ns(ALWAYS_OPEN, now_ns)
            self._clock.call_at(self._due_ns, self._roll)

    def is_over(self, request: OrderRequest, calendar: str) -> bool:
        """Whether an order's trading day ended between two runs."""
        is_day = request.tif is TimeInForce.DAY
        return is_day and day_end_ns(calendar, request.created_ns) <= self._clock.now_ns()

    def forget(self) -> None:
        """Set a new timer for the next day order: the clock dropped the old one."""
        self._due_ns = 0

    def _roll(self) -> None:
        for pit in self._pits.values():
            if pit.state.instrument.calendar == ALWAYS_OPEN:
                pit.expire_day_orders("the day ended at midnight UTC")
