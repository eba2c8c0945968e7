"""How far from the market orders are placed, and how large they are: drawn once, picked from often."""

from __future__ import annotations

from math import exp
from random import Random

from engine.adapters.simulated.universe import Listing
from engine.model.instrument import AssetClass

TABLE = 512
"""How many draws a table holds."""
_NEAR = 0.72
"""How many limit orders want to be near the touch; the others wait far away."""
_WIDTHS = (1.0, 1.5, 2.5, 4.0, 6.0)
"""Steps in which a market gets wider than usual."""


class Taste:
    """Tables of distances and sizes of one instrument, in units; wider while the market is thin."""

    __slots__ = (
        "_by_width",
        "_draws",
        "_spread",
        "_width",
        "cushion",
        "distances",
        "reach",
        "resting_orders",
        "sizes",
        "sweep",
        "tick",
    )

    def __init__(self, listing: Listing, random: Random) -> None:
        instrument = listing.instrument
        self.tick = instrument.tick_units
        self.resting_orders = listing.resting_orders
        self._spread = listing.spread_ticks
        self.sizes = _sizes(listing, random)
        """What orders are for."""
        self._draws = [_distance(random) for _ in range(TABLE)]
        self._by_width: dict[float, list[int]] = {}
        self.reach = self.tick * (0.5 + self._spread)
        """How far value may be from the market before everyone acts on it."""
        self.sweep = self.tick * int(2 + 3 * self._spread)
        """How far a market order walks."""
        self._width = 0.0
        self.widen(1.0)

    @property
    def wide(self) -> bool:
        """Whether the market is much wider than usual now."""
        return self._width > 2.0

    def widen(self, width: float) -> None:
        """Quote about this many times as wide as usual."""
        step = min(_WIDTHS, key=lambda known: abs(known - width))
        if step == self._width:
            return
        self._width = step
        self.distances = self._by_width.get(step) or self._measure(step)
        """How far from the opposite best price limit orders are placed."""
        self.cushion = self.tick * self._spread * (0.5 * step - 0.35)
        """How far from the value makers stay."""

    def _measure(self, width: float) -> list[int]:
        scale, tick = self._spread * width, self.tick
        self._by_width[width] = distances = [tick * (1 + int(draw * scale)) for draw in self._draws]
        return distances


def _distance(random: Random) -> float:
    return random.expovariate(1.0) * (0.9 if random.random() < _NEAR else 14.0)


def _sizes(listing: Listing, random: Random) -> list[int]:
    """Draw log-normal sizes; shares mostly come in hundreds, or in tens where they are dear."""
    round_lot = 1
    if listing.instrument.asset_class is AssetClass.EQUITY:
        round_lot = 100 if listing.order_lots >= 60 else 10
    elif listing.instrument.asset_class is AssetClass.FX:
        round_lot = 100
    lot = listing.instrument.lot_units
    sizes = []
    for _ in range(TABLE):
        lots = listing.order_lots * exp(random.gauss(-0.4, 0.9))
        odd = random.random() < 0.25
        sizes.append(lot * max(1, round(lots) if odd else round_lot * max(1, round(lots / round_lot))))
    return sizes
