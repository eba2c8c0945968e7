"""What the engine needs of a place that knows the past of a market."""

from __future__ import annotations

from typing import Protocol

from engine.model.bar import Bar
from engine.model.instrument import Symbol


class BarHistory(Protocol):
    """Fetches finished bars; may wait for the network."""

    async def bars(self, symbol: Symbol, interval_ns: int, start_ns: int, end_ns: int) -> tuple[Bar, ...]:
        """Return the bars that opened in [start, end), oldest first, each once; the forming one is left out.

        Raises:
            AdapterError: they can't be had now, or never.
        """
