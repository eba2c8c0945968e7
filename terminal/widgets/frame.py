"""The border around a pane: its key number and name at the top, its caption at the bottom right."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content

from terminal.widgets.pane import LivePane
from terminal.widgets.still import Still


class PaneFrame(Still, Container):
    """Frames one pane; lights up while the pane has the focus.

    The number is the key that focuses the pane, shown in front of its title.
    """

    DEFAULT_CSS: ClassVar[str] = """
    PaneFrame {
        border: round $desk-line;
        border-title-color: $desk-muted;
        border-title-background: $desk-panel;
        border-subtitle-color: $desk-faint;
        border-subtitle-background: $desk-panel;
        border-subtitle-align: right;
        background: $desk-panel;
    }
    PaneFrame > LivePane { width: 1fr; height: 1fr; }
    PaneFrame:focus-within {
        border: round $desk-accent;
        border-title-color: $desk-accent;
        border-title-style: bold;
        border-subtitle-color: $desk-muted;
    }
    """

    def __init__(self, pane: LivePane, number: int, title: str) -> None:
        super().__init__(id=f"frame-{pane.id}")
        self.pane = pane
        self.number = number
        self.title = title
        self.border_title = Content.assemble((str(number), "bold"), f" {title}")

    def compose(self) -> ComposeResult:
        """Hold the pane."""
        yield self.pane

    def on_live_pane_captioned(self, message: LivePane.Captioned) -> None:
        """Show the pane's caption."""
        message.stop()
        self.border_subtitle = Content(message.text)
