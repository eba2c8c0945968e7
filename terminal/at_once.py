"""Paints what a key changed before anything else: it does not wait for the panes that a frame has changed.

Textual collects what is to be painted from message to message, until its timer paints it all together. Under load
that is the work of many panes, which a key would wait for. This paints a few rows by themselves; it relies on
what the screen keeps privately, so Textual is pinned and a test checks the reliance.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual.screen import Screen
from textual.widget import Widget


def paint_at_once(screen: Screen[None], widgets: Iterable[Widget]) -> bool:
    """Paint the dirty rows of these widgets; tell whether there were any and they could be painted now.

    They can't while the layout is to change, or while another screen lies on top: that takes its usual course.
    """
    if screen is not screen.app.screen or _is_unsettled(screen):
        return False
    seen = screen._compositor.visible_widgets  # noqa: SLF001
    dirty = {widget for widget in widgets if widget._repaint_regions and widget in seen}  # noqa: SLF001
    if not dirty:
        return False
    waiting = screen._dirty_widgets - dirty  # noqa: SLF001
    screen._compositor.update_widgets(dirty)  # noqa: SLF001
    screen._compositor_refresh()  # noqa: SLF001  # takes the dirty widgets for painted
    screen._dirty_widgets.update(waiting)  # noqa: SLF001
    return True


def _is_unsettled(screen: Screen[None]) -> bool:
    return bool(
        screen._layout_required  # noqa: SLF001
        or screen._scroll_required  # noqa: SLF001
        or screen._repaint_required  # noqa: SLF001
        or screen.app._batch_count  # noqa: SLF001
    )
