"""The others: who quote around a price that wanders, and who now and then take; by chance, from one seed."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from random import Random

from tests.venues.alpaca.assets import Asset
from tests.venues.alpaca.floor import Floor

LEVELS = 8


def step_of(asset: Asset, mid: Decimal) -> Decimal:
    """Return how far two levels are from each other: about a tenth of a thousandth, in whole steps."""
    step = Decimal(1).scaleb(-asset.price_decimals(mid))
    return max(step, (mid / 10_000).quantize(step))


class Crowd:
    """Moves one market at each step."""

    def __init__(self, floor: Floor, seed: int = 1, symbols: Iterable[str] | None = None) -> None:
        self._floor = floor
        self._random = Random(seed)
        tradable = [each for each in floor.listing.assets.values() if each.tradable]
        self._mids = {
            each.symbol: each.mid for each in tradable if symbols is None or each.symbol in set(symbols)
        }

    def open(self) -> None:
        """Quote in every market."""
        for symbol in self._mids:
            self._quote(symbol)

    def step(self) -> None:
        """Let one thing happen."""
        random, floor = self._random, self._floor
        symbol = random.choice(sorted(self._mids))
        asset = floor.listing.assets[symbol]
        if random.random() < 0.4:
            floor.others_take(symbol, random.choice(("buy", "sell")), self._size(asset))
            return
        mid = self._mids[symbol]
        self._mids[symbol] = max(mid / 2, mid + random.choice((-1, 0, 1)) * step_of(asset, mid))
        self._quote(symbol)

    def _quote(self, symbol: str) -> None:
        asset, mid = self._floor.listing.assets[symbol], self._mids[symbol]
        step = step_of(asset, mid)
        sizes = [(n, Decimal(self._size(asset)) * (n + 1)) for n in range(1, LEVELS + 1)]
        bids = [(mid - n * step, size) for n, size in sizes]
        asks = [(mid + n * step, size) for n, size in sizes]
        self._floor.ladder(symbol, bids, asks)

    def _size(self, asset: Asset) -> str:
        whole = self._random.randint(1, 40)
        return str(Decimal(whole) / 100) if asset.is_crypto else str(whole * 5)
