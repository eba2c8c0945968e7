"""The border around a pane: its key number and name at the top, its caption at the bottom right."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip

from terminal.widgets.pane import LivePane
from terminal.widgets.still import Still

_CAPTION_END = 2
"""Cells of the border to the right of the caption."""


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
        self.caption = ""
        self._hidden: str | None = None
        self.hide("")

    def hide(self, other: str) -> None:
        """Name, beside the pane itself, one that it hides: its number and its title; empty for none.

        Costs nothing further when that is as it was: a title that is set has the whole border painted.
        """
        if other == self._hidden:
            return
        self._hidden = other
        title = Content.assemble((str(self.number), "bold"), f" {self.title}")
        hidden = Content.assemble((f" · {other}", "$desk-faint not bold")) if other else Content("")
        self.border_title = title + hidden

    def compose(self) -> ComposeResult:
        """Hold the pane."""
        yield self.pane

    def on_live_pane_captioned(self, message: LivePane.Captioned) -> None:
        """Show the pane's caption."""
        message.stop()
        self.caption = message.text
        inside = self.content_offset  # regions to refresh are counted from the content
        self.refresh_kept(Region(-inside.x, self.outer_size.height - 1 - inside.y, self.outer_size.width, 1))

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the border as kept, with the caption laid over its lower edge.

        As Textual's own subtitle it would have the whole border made anew whenever it changes.
        """
        strips = super().render_lines(crop)
        if not self.caption or crop.bottom != self.outer_size.height or not strips:
            return strips
        return [*strips[:-1], self._lower_edge(strips[-1])]

    def _lower_edge(self, edge: Strip) -> Strip:
        width = edge.cell_length
        text = f" {self.caption} "
        end = width - _CAPTION_END
        start = max(2, end - cell_len(text))
        style = Style(
            color=self.styles.border_subtitle_color.rich_color,
            bgcolor=self.styles.border_subtitle_background.rich_color,
        )
        caption = Strip([Segment(set_cell_size(text, end - start), style)])
        for line_filter in self.get_line_filters():  # a terminal without colour gets none here either
            caption = caption.apply_filter(line_filter, self.styles.background)
        return Strip.join([edge.crop(0, start), caption, edge.crop(end, width)])
