"""Screens that lie on the desk and are left once, however often somebody says so."""

from __future__ import annotations

from typing import ClassVar

from textual.await_complete import AwaitComplete
from textual.screen import Screen, ScreenResultType


class LeftOnce(Screen[ScreenResultType]):
    """Takes itself away and never what is beneath: Textual takes away whatever is on top."""

    asks: ClassVar[bool] = False
    """Whether it waits for an answer: nothing else is begun over it."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Leave, unless it is left already or another screen lies on this one."""
        if self.app.screen is not self:
            return AwaitComplete()
        return super().dismiss(result)
