"""Screens that lie on the desk and are left once, however often somebody says so."""

from __future__ import annotations

from typing import ClassVar

from textual._context import visible_screen_stack
from textual.await_complete import AwaitComplete
from textual.geometry import Region
from textual.screen import Screen, ScreenResultType
from textual.strip import Strip


class LeftOnce(Screen[ScreenResultType]):
    """Takes itself away and never what is beneath: Textual takes away whatever is on top."""

    asks: ClassVar[bool] = False
    """Whether it waits for an answer: nothing else is begun over it."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Leave, unless it is left already or another screen lies on this one."""
        if self.app.screen is not self:
            return AwaitComplete()
        return super().dismiss(result)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the rows of what is beneath, where nothing tints them.

        Textual would take each row apart and put it together again, at every paint: half of what a page costs.
        It keeps the screens that are beneath privately, so Textual is pinned and a test checks the reliance.
        """
        beneath = visible_screen_stack.get([])
        if not beneath or self.styles.background.a:
            return super().render_lines(crop)
        rows = beneath.pop()._compositor.render_strips()  # noqa: SLF001  # the only place that has every row
        strips = rows[crop.y : crop.bottom]
        if not crop.x and crop.right >= self.size.width:
            return strips
        return [strip.crop(crop.x, crop.right) for strip in strips]
