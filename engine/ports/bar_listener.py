"""Who is told of closed bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from engine.model.bar import Bar
from engine.model.instrument import Symbol


class BarListener(Protocol):
    """Hears of the bars of one length, on the engine's thread; it must not raise."""

    def on_bar_closed(self, bar: Bar) -> None:
        """The next bar has closed."""

    def on_bars_rewritten(self, symbol: Symbol, bars: Sequence[Bar]) -> None:
        """Earlier bars came late, one was corrected, or all were forgotten: these stand now, oldest first."""
