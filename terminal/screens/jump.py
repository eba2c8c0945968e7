"""Two keys to any pane: a letter is shown on each, the next key goes there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.events import Key
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.widgets import Static

from terminal.screens.once import LeftOnce

LETTERS = "asdfghjkle"


class JumpScreen(LeftOnce[str | None], ModalScreen[str | None]):
    """Lies over the desk until a key is pressed; answers with the pane, or with None."""

    DEFAULT_CSS: ClassVar[str] = """
    JumpScreen { background: transparent; }
    JumpScreen Static {
        position: absolute; width: 5; height: 1; text-align: center;
        background: $desk-own; color: $desk-on-badge; text-style: bold;
    }
    """

    def __init__(self, panes: Mapping[str, Region]) -> None:
        super().__init__()
        self._panes = dict(zip(LETTERS, panes.items(), strict=False))

    def compose(self) -> ComposeResult:
        """One letter in the middle of each pane's upper edge."""
        for letter, (_, region) in self._panes.items():
            label = Static(letter, markup=False)
            label.styles.offset = (region.x + region.width // 2 - 2, region.y + 1)
            yield label

    def on_key(self, event: Key) -> None:
        """Take any key as the answer."""
        event.stop()
        chosen = self._panes.get(event.character or "")
        self.dismiss(chosen[0] if chosen else None)
