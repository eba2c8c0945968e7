"""What lies behind live panes: drawn once, and kept until something about it changes.

The compositor asks every widget under a changed row for all its rows. A border or a background is the same
every time, and building it anew through Textual's style cache would cost more than the panes themselves.
"""

from __future__ import annotations

from typing import Self

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class Still(Widget):
    """Mix in before a container or a screen: its rows are kept until it is refreshed or restyled."""

    _kept: tuple[Region, list[Strip]] | None = None

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the rows as last made."""
        kept = self._kept
        if kept is None or kept[0] != crop:
            self._kept = kept = (crop, super().render_lines(crop))
        return kept[1]

    def refresh_kept(self, region: Region) -> None:
        """Paint a part again from the rows that are kept."""
        super().refresh(region)

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Make the rows anew at the next paint."""
        self._kept = None
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def notify_style_update(self) -> None:
        """Make the rows anew: a colour or a border changed."""
        self._kept = None
        super().notify_style_update()
