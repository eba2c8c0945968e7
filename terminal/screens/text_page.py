"""A page that is one text: it covers the desk but its status and hints, and takes its keys itself."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.events import Resize
from textual.screen import ModalScreen, ScreenResultType
from textual.widgets import Static

from terminal.screens.once import LeftOnce

_AROUND = 3
"""Rows of the desk that stay visible: the status above, the line and the hints below."""


class TextPage(LeftOnce[ScreenResultType], ModalScreen[ScreenResultType]):
    """Draws its text again where it changed; a subclass says what it is.

    Keys are taken here and not by a field, which would have the focus a moment too late for what is typed quickly.
    """

    DEFAULT_CSS: ClassVar[str] = """
    TextPage { background: transparent; }
    TextPage Static {
        margin: 1 0 2 0; height: 1fr; background: $desk-background; color: $desk-text; text-wrap: nowrap;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._shown = Content()

    def compose(self) -> ComposeResult:
        """One text, made again with every key and as what it tells of changes."""
        yield Static(id="text")

    def content(self) -> Content:
        """Make the text as it is now."""
        raise NotImplementedError

    @property
    def columns(self) -> int:
        """How wide it is, in cells; before it is laid out, as wide as the terminal."""
        return self.size.width or self.app.size.width

    def rows_beside(self, taken: int) -> int:
        """Return how many rows are left beside those that are taken; at least one."""
        return max(1, (self.size.height or self.app.size.height) - _AROUND - taken)

    def draw(self) -> None:
        """Show the text, where it is another than the one that is shown."""
        content = self.content()
        if content != self._shown:
            self._shown = content
            self.query_one(Static).update(content, layout=False)

    @on(Resize)
    def _fold_again(self) -> None:
        self.draw()
