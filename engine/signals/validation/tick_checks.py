"""Holds the quotes and trades of one symbol against the rules, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.model.quote import Quote
from engine.model.trade import Trade
from engine.signals.validation import rules
from engine.signals.validation.finding import Finding

JUMP: Final = 0.05
"""How far a price may be from both its neighbours."""
AGREE: Final = 0.01
"""How near those two are to each other."""


class TickChecks:
    """What is remembered of one kind of ticks of one symbol: the last times and prices."""

    __slots__ = ("_before", "_last", "_newest_ns", "_scale")

    def __init__(self, price_scale: int = 1) -> None:
        self._scale = price_scale
        self._newest_ns = 0
        self._before = 0.0
        self._last: tuple[int, int, float] = (0, 0, 0.0)
        """Row, time and price of the newest."""

    def check(self, row: int, tick: Quote | Trade) -> Iterator[Finding]:
        """Find what is wrong with a tick, and what it shows to be wrong with the one before."""
        at_ns = tick.receive_ns
        if at_ns < self._newest_ns:
            late_s = (self._newest_ns - at_ns) / 1e9
            yield Finding(rules.OUT_OF_ORDER, row, at_ns, f"{late_s:,.3f} s before the latest")
            return
        self._newest_ns = at_ns
        if tick.event_ns > at_ns:
            yield Finding(
                rules.EARLY, row, at_ns, f"{(tick.event_ns - at_ns) / 1e6:,.1f} ms before it happened"
            )
        if isinstance(tick, Quote):
            price, both = (tick.bid + tick.ask) / 2, tick.bid > 0 and tick.ask > 0
            if both and tick.bid > tick.ask:
                yield Finding(rules.CROSSED, row, at_ns, f"by {(tick.bid - tick.ask) / self._scale:.10g}")
            if not both:
                return
        else:
            price = float(tick.price)
            if not tick.size:
                yield Finding(rules.NO_SIZE, row, at_ns, "a size of 0")
            if not tick.sets_last:
                return
        yield from self._jump(row, at_ns, price)

    def _jump(self, row: int, at_ns: int, price: float) -> Iterator[Finding]:
        before, (last_row, last_ns, last) = self._before, self._last
        self._before, self._last = last, (row, at_ns, price)
        if (
            before
            and _apart(last, before) > JUMP
            and _apart(last, price) > JUMP
            and _apart(before, price) < AGREE
        ):
            found = f"{100 * (last / before - 1):+.1f}% for one tick"
            yield Finding(rules.JUMP, last_row, last_ns, found)


def _apart(one: float, other: float) -> float:
    return abs(one / other - 1)
