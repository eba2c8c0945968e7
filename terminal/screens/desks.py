"""The desks that share the Redis: who is there, how it trades, and what it holds."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from engine.messages.desk_views import Standing
from engine.model.text import clean
from terminal.desk import Desk
from terminal.desk_table import HEADING, table
from terminal.screens.once import LeftOnce

LOOK_S = 0.5
_ALONE = "This desk shares nothing: no Redis is named in the settings."
_COLOURS = {Standing.HERE: "$desk-text", Standing.SILENT: "$desk-warn", Standing.LEFT: "$desk-muted"}


class DesksScreen(LeftOnce[None], ModalScreen[None]):
    """Shows the desks as they are now."""

    DEFAULT_CSS: ClassVar[str] = """
    DesksScreen { align: center middle; background: transparent; }
    DesksScreen > VerticalScroll {
        width: 94%; max-width: 100; height: auto; max-height: 90%;
        border: round $desk-accent; border-title-color: $desk-accent; border-title-style: bold;
        border-subtitle-color: $desk-faint; background: $desk-panel; padding: 0 1;
        scrollbar-gutter: stable; scrollbar-size-vertical: 1; scrollbar-color: $desk-faint; scrollbar-background: $desk-panel;
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "Close", show=False),
        Binding("j,down", "scroll(1)", "Down", show=False),
        Binding("k,up", "scroll(-1)", "Up", show=False),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._shown: Content | None = None

    def compose(self) -> ComposeResult:
        """One scrolling page."""
        with VerticalScroll() as page:
            page.border_title = "Desks that share the Redis"
            page.border_subtitle = "halt firm stops all · esc closes"
            yield Static(id="desks-text")

    def on_mount(self) -> None:
        """Follow what is told."""
        self._look()
        self.set_interval(LOOK_S, self._look)

    def action_scroll(self, rows: int) -> None:
        """Scroll by rows."""
        self.query_one(VerticalScroll).scroll_relative(y=rows, animate=False)

    def _look(self) -> None:
        content = self._content()
        if content != self._shown:
            self._shown = content
            self.query_one("#desks-text", Static).update(content)

    def _content(self) -> Content:
        view = self._desk.desks
        if view is None:
            return Content(_ALONE)
        parts: list[tuple[str, str] | str] = []
        if view.trouble:
            parts.append((f"{clean(view.trouble, 200)}\n\n", "$desk-warn"))
        parts.append((f"{HEADING}\n", "$desk-muted"))
        parts += [(f"{clean(line, 400)}\n", _COLOURS[row.standing]) for line, row in table(view.rows)]
        return Content.assemble(*parts)
