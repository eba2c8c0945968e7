"""Screens that lie on the desk and are left once, however often somebody says so."""

from __future__ import annotations

from typing import ClassVar, Self

from textual._context import visible_screen_stack
from textual.await_complete import AwaitComplete
from textual.geometry import Region
from textual.screen import Screen, ScreenResultType
from textual.strip import Strip


class LeftOnce(Screen[ScreenResultType]):
    """Takes itself away and never what is beneath: Textual takes away whatever is on top."""

    asks: ClassVar[bool] = False
    """Whether it waits for an answer: nothing else is begun over it."""

    _beneath: list[Strip] | None = None

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Leave, unless it is left already or another screen lies on this one."""
        if self.app.screen is not self:
            return AwaitComplete()
        return super().dismiss(result)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the rows of what is beneath, where nothing tints them; kept until something of it changes.

        Textual would take each row apart and put it together again: half of what a page costs.
        """
        rows = self._beneath
        if rows is None or len(rows) < crop.bottom:
            beneath = visible_screen_stack.get([])
            if not beneath or self.styles.background.a:
                return super().render_lines(crop)
            rows = beneath.pop()._compositor.render_strips()  # noqa: SLF001  # the only place that has every row
            self._beneath = rows
        rows = rows[crop.y : crop.bottom]
        if not crop.x and crop.right >= self.size.width:
            return rows
        return [row.crop(crop.x, crop.right) for row in rows]

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Look at what is beneath again at the next paint."""
        self._beneath = None
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
