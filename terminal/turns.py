"""Redraws in turn: a part of one pane at a time, so that a key that comes meanwhile waits for one part, not for all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from terminal.widgets.pane import LivePane


class Turns:
    """Draws panes one by one on the running loop, each at most once however often it is asked for.

    Between two parts of a pane the loop gets to everything else, and while a key is on its way, which takes several
    rounds of the loop, nothing is drawn. What a pane raises goes to `on_error`; `on_drawn` is called
    once nothing is left to draw.
    """

    def __init__(
        self, on_error: Callable[[Exception], None], on_drawn: Callable[[], None] = lambda: None
    ) -> None:
        self._due: dict[LivePane, None] = {}
        self._on_error = on_error
        self._on_drawn = on_drawn
        self._key_waits: Callable[[], bool] = lambda: False
        self._parts: Iterator[None] = iter(())
        """What is left of the pane that is being drawn."""
        self._running = False

    def give_way_to(self, key_waits: Callable[[], bool]) -> None:
        """Draw nothing while this says that a key is on its way."""
        self._key_waits = key_waits

    def add(self, pane: LivePane) -> None:
        """Draw a pane when its turn comes."""
        self._due[pane] = None
        if not self._running:
            self._running = True
            asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        if not self._key_waits():
            self._running = self._draw_part()
        if self._running:
            asyncio.get_running_loop().call_soon(self._next)

    def _draw_part(self) -> bool:
        """Draw the next part there is; tell whether more may be left."""
        try:
            while next(self._parts, self) is self:
                if not self._due:
                    self._on_drawn()
                    return False
                pane = next(iter(self._due))
                del self._due[pane]
                self._parts = pane.redraw_in_parts()
        except Exception as error:  # noqa: BLE001  # the screen decides what a fault in a pane means
            self._on_error(error)
        return True
