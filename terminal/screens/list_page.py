"""A page over the whole desk whose keys walk the list on it."""

from __future__ import annotations

from typing import ClassVar, Protocol

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from terminal.screens.once import LeftOnce


class Walked(Protocol):
    """A list with a cursor."""

    def action_move(self, rows: int) -> None:
        """Go to another row."""

    def action_page(self, pages: int) -> None:
        """Go to another page."""

    def action_first(self) -> None:
        """Go to the first row."""

    def action_last(self) -> None:
        """Go to the last row."""

    def action_open(self) -> None:
        """Open the row under the cursor."""


class ListPage(LeftOnce[None], ModalScreen[None]):
    """Hands keys on to the list that is shown; a subclass says which one that is."""

    DEFAULT_CSS: ClassVar[str] = """
    ListPage { background: transparent; }
    ListPage > Vertical {
        width: 100%; height: 1fr; margin: 1 0 2 0;
        border: round $desk-accent; border-title-color: $desk-accent; border-title-style: bold;
        border-subtitle-color: $desk-faint; background: $desk-panel;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Close", show=False),
        Binding("j,down", "move(1)", "Next", show=False),
        Binding("k,up", "move(-1)", "Previous", show=False),
        Binding("pagedown,space", "page(1)", "Page down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("g,home", "first", "First", show=False),
        Binding("G,end", "last", "Last", show=False),
        Binding("enter", "open", "Open", show=False),
        Binding("w", "why", "Why", show=False),
    ]

    @property
    def shown(self) -> Walked:
        """The list that is shown."""
        raise NotImplementedError

    def moved(self) -> None:
        """Hear that the cursor was moved by a key."""

    def action_close(self) -> None:
        """Leave."""
        self.dismiss()

    def action_move(self, rows: int) -> None:
        """Go to another row."""
        self.shown.action_move(rows)
        self.moved()

    def action_page(self, pages: int) -> None:
        """Go to another page."""
        self.shown.action_page(pages)
        self.moved()

    def action_first(self) -> None:
        """Go to the first row."""
        self.shown.action_first()
        self.moved()

    def action_last(self) -> None:
        """Go to the last row."""
        self.shown.action_last()
        self.moved()

    def action_open(self) -> None:
        """Open the row under the cursor."""
        self.shown.action_open()
