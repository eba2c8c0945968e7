"""Redraws in turn: one pane at a time, so that a key that comes meanwhile waits for one pane, not for all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from terminal.widgets.pane import LivePane


class Turns:
    """Draws panes one by one on the running loop, each at most once however often it is asked for.

    Between two panes the loop gets to everything else. What a pane raises goes to `on_error`.
    """

    def __init__(self, on_error: Callable[[Exception], None]) -> None:
        self._due: dict[LivePane, None] = {}
        self._on_error = on_error
        self._running = False

    def add(self, pane: LivePane) -> None:
        """Draw a pane when its turn comes."""
        self._due[pane] = None
        if not self._running:
            self._running = True
            asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        pane = next(iter(self._due))
        del self._due[pane]
        try:
            pane.redraw()
        except Exception as error:  # noqa: BLE001  # the screen decides what a fault in a pane means
            self._on_error(error)
        self._running = bool(self._due)
        if self._running:
            asyncio.get_running_loop().call_soon(self._next)
