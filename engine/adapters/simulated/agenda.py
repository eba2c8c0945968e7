"""What happens next, in the order of market time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heappop, heappush, heapreplace
from random import Random

from engine.adapters.simulated.listed_market import NEVER_NS, ListedMarket
from engine.adapters.simulated.news import NewsWire
from engine.adapters.simulated.value import MarketFactor
from engine.clock import NS_PER_MS, NS_PER_S, SimulatedClock
from engine.model.instrument import AssetClass

TICK_NS = 200 * NS_PER_MS
"""How often values, hours and halts are looked after."""
_SURROUNDINGS = -1


class Agenda:
    """Runs the markets one event at a time; equal times in the order of listing."""

    def __init__(
        self,
        markets: Sequence[ListedMarket],
        factors: Mapping[AssetClass, MarketFactor],
        clock: SimulatedClock,
        random: Random,
    ) -> None:
        start_ns = clock.now_ns()
        self._clock = clock
        self._markets = markets
        self._factors = factors
        shares = [
            index
            for index, market in enumerate(markets)
            if market.listing.instrument.asset_class is AssetClass.EQUITY and market.listing.single_name
        ]
        self._news = NewsWire(shares, start_ns, random)
        self._heap: list[tuple[int, int]] = [(start_ns + TICK_NS, _SURROUNDINGS)]
        self.orders = 0
        """How many orders have come so far."""
        for index, market in enumerate(markets):
            self._enter(index, market.due_ns)

    def run(self, limit_ns: int, turns: int) -> bool:
        """Let up to so many events happen; return whether nothing more is due up to the limit."""
        heap, markets, advance_to = self._heap, self._markets, self._clock.advance_to
        for _ in range(turns):
            due_ns, index = heap[0]
            if due_ns > limit_ns:
                return True
            if index == _SURROUNDINGS:
                advance_to(due_ns)
                self._look_around(due_ns)
                continue
            market = markets[index]
            if market.due_ns != due_ns:  # it was halted or scheduled anew since
                heappop(heap)
                continue
            advance_to(due_ns)
            self.orders += 1
            market.due_ns = next_ns = market.flow.act(due_ns)
            heapreplace(heap, (next_ns, index))
        return False

    def _look_around(self, now_ns: int) -> None:
        seconds = TICK_NS / NS_PER_S
        heapreplace(self._heap, (now_ns + TICK_NS, _SURROUNDINGS))
        if now_ns >= self._news.due_ns:
            self._spread_news()
        shocks = {kind: factor.advance(seconds) for kind, factor in self._factors.items()}
        for index, market in enumerate(self._markets):
            if market.tick(now_ns, shocks[market.listing.instrument.asset_class], seconds):
                self._enter(index, market.due_ns)

    def _spread_news(self) -> None:
        piece = self._news.read()
        if piece is not None:
            index, jump = piece
            self._markets[index].hear(jump)

    def _enter(self, index: int, due_ns: int) -> None:
        if due_ns != NEVER_NS:
            heappush(self._heap, (due_ns, index))
