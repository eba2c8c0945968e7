"""When each order and each symbol's position last moved, in the order of events rather than by any clock."""

from __future__ import annotations

from engine.model.instrument import Symbol


class Movement:
    """Counts moments; what happened between two of them is no matter of clocks that may disagree."""

    __slots__ = ("_last", "now")

    def __init__(self) -> None:
        self.now = 0
        """The moment of the last event."""
        self._last: dict[Symbol, int] = {}

    def next(self) -> int:
        """Return the moment of one more event."""
        self.now += 1
        return self.now

    def note(self, symbol: Symbol) -> None:
        """Note that a symbol's position moved."""
        self._last[symbol] = self.next()

    def since(self, symbol: Symbol, moment: int) -> bool:
        """Return whether a symbol's position moved after a moment."""
        return self._last.get(symbol, 0) > moment
