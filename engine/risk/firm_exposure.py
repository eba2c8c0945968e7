"""What the other desks of the firm hold, as each said last: written once a second, read on the order's way."""

from __future__ import annotations

from engine.model.instrument import Symbol

Extremes = tuple[int, int]
"""What is held when every buy fills, and when every sell does; signed, millionths of the base currency."""
_NOTHING: Extremes = (0, 0)


class FirmExposure:
    """Sums over the others, in millionths of this desk's base currency."""

    __slots__ = ("denies", "gross", "high", "low", "symbols", "trouble")

    def __init__(self) -> None:
        self.gross = 0
        self.high = 0
        self.low = 0
        self.symbols: dict[Symbol, Extremes] = {}
        self.trouble = ""
        """Why the sums may not be all; empty while they are."""
        self.denies = False
        """Whether nothing may open while they may not be all; elsewhere they are taken as they were last said."""

    def set(self, gross: int, high: int, low: int, symbols: dict[Symbol, Extremes], trouble: str) -> None:
        """Take new sums."""
        self.gross, self.high, self.low, self.symbols, self.trouble = gross, high, low, symbols, trouble

    def towards(self, *, buying: bool) -> int:
        """Return what the others could come to hold, net, on a side."""
        return self.high if buying else -self.low

    def of_symbol(self, symbol: Symbol, *, buying: bool) -> int:
        """Return what they could come to hold of a symbol on a side."""
        high, low = self.symbols.get(symbol, _NOTHING)
        return high if buying else -low
