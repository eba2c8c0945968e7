"""FIFO lots: which purchase a sale closes, the oldest first."""

from __future__ import annotations

from collections import deque
from typing import Final

from engine.model.position import COST_SCALE
from engine.portfolio.lot import Lot, LotMatch

MATCHES_MAX: Final = 1_000
"""Closed pairs kept per symbol; older ones are in the journal."""


class Lots:
    """The open lots of one symbol, oldest first, all long or all short."""

    __slots__ = ("matches", "open", "realised")

    def __init__(self) -> None:
        self.open: deque[Lot] = deque()
        self.matches: deque[LotMatch] = deque(maxlen=MATCHES_MAX)
        self.realised = 0
        """Profit of what was closed, first in first out, fees apart, in scaled units."""

    @property
    def quantity(self) -> int:
        """The signed sum of what is open, in size units."""
        return sum(lot.quantity for lot in self.open)

    @property
    def cost(self) -> int:
        """The signed cost of what is open, in scaled units."""
        return sum(lot.cost for lot in self.open)

    def add(self, fill_id: str, signed: int, price: int, event_ns: int) -> None:
        """Close the oldest lots on the other side with a fill, then open what remains of it."""
        open_lots = self.open
        if open_lots and (open_lots[0].quantity > 0) != (signed > 0):
            signed = self._close(fill_id, signed, price, event_ns)
        if signed:
            open_lots.append(Lot(signed, signed * price * COST_SCALE, fill_id, event_ns))

    def unrealised(self, mark: int) -> int:
        """Return the open profit at a mark in price units, in scaled units."""
        return self.quantity * mark * COST_SCALE - self.cost

    def _close(self, fill_id: str, signed: int, price: int, event_ns: int) -> int:
        """Match against the oldest lots; return what the fill has left."""
        open_lots = self.open
        while signed and open_lots:
            lot = open_lots[0]
            closed = lot.quantity
            if abs(closed) > abs(signed):
                closed = -signed
                released = lot.cost * closed // lot.quantity
                lot.quantity -= closed
                lot.cost -= released
            else:
                released = lot.cost
                open_lots.popleft()
            signed += closed
            profit = closed * price * COST_SCALE - released
            self.realised += profit
            self.matches.append(LotMatch(lot.fill_id, fill_id, closed, profit, lot.opened_ns, event_ns))
        return signed
