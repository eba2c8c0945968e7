"""A page to read over the desk: scrolled by keys, closed by any way out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.screen import ModalScreen
from textual.widgets import Static

from engine.model.text import clean
from terminal.folding import folded
from terminal.screens.once import LeftOnce

_LINE_MAX = 4_000
"""No text is so long that a person would miss what is cut off here."""


class ReadingScreen(LeftOnce[None], ModalScreen[None]):
    """Shows lines of text; they are text, never markup."""

    DEFAULT_CSS: ClassVar[str] = """
    ReadingScreen { align: center middle; background: transparent; }
    ReadingScreen > VerticalScroll {
        width: 90%; max-width: 100; height: auto; max-height: 90%;
        border: round $desk-accent; border-title-color: $desk-accent; border-title-style: bold;
        border-subtitle-color: $desk-faint; background: $desk-panel; padding: 0 1;
        scrollbar-gutter: stable; scrollbar-size-vertical: 1; scrollbar-color: $desk-faint; scrollbar-background: $desk-panel;
    }
    ReadingScreen Static { color: $desk-text; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,w,enter", "dismiss", "Close", show=False),
        Binding("j,down", "scroll(1)", "Down", show=False),
        Binding("k,up", "scroll(-1)", "Up", show=False),
        Binding("pagedown,space", "scroll(10)", "Page down", show=False),
        Binding("pageup", "scroll(-10)", "Page up", show=False),
    ]

    def __init__(self, title: str, lines: Sequence[str]) -> None:
        super().__init__()
        self._title = clean(title, 100)
        self._lines = [clean(line, _LINE_MAX) for line in lines]

    def compose(self) -> ComposeResult:
        """One scrolling page."""
        with VerticalScroll() as page:
            page.border_title = Content(self._title)
            page.border_subtitle = "esc closes · j k scroll"
            yield Static("\n".join(self._lines), markup=False)

    @on(Resize)
    def _fold_again(self) -> None:
        self.call_after_refresh(self._fold)

    def _fold(self) -> None:
        """Fold what is too long for the page, once it is known how wide it is."""
        width = self.query_one(VerticalScroll).scrollable_content_region.width
        text = "\n".join(piece for line in self._lines for piece in folded(line, width))
        self.query_one(Static).update(text)

    def action_scroll(self, rows: int) -> None:
        """Scroll by rows."""
        self.query_one(VerticalScroll).scroll_relative(y=rows, animate=False)
