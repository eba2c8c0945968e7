"""Paints rows that are bytes already, at once and by themselves.

Textual collects what is to be painted from message to message, until its timer composes it all together, with
everything that lies under it. Under load that is the work of many panes, which a key would wait for. A pane that
nothing covers needs none of that: its changed rows are written where they are. This relies on what the screen
keeps privately, so Textual is pinned and a test checks the reliance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from textual._compositor import CompositorUpdate
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget


class RowsUpdate(CompositorUpdate):
    """Rows, each written at its place."""

    def __init__(self, rows: Sequence[tuple[int, int, Strip]]) -> None:
        """Take each row's column and line on the screen, and its cells."""
        self.rows = rows

    def render_segments(self, console: Console) -> str:
        """Return what the terminal gets."""
        return "".join(f"\x1b[{y + 1};{x + 1}H{strip.render(console)}" for x, y, strip in self.rows)


class AtOnce:
    """Paints rows of one widget past the composing of the whole screen."""

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._seen: dict[Widget, tuple[Region, Region]] | None = None
        """What lay where when its place was looked up; the screen makes another for every layout."""
        self._place: Region | None = None

    def paint(self, rows: Sequence[tuple[int, Strip]]) -> bool:
        """Paint these rows, counted from the widget's top; tell whether that could be done.

        It can't while the layout is to change, or while something lies on the widget: that takes its usual course.
        """
        widget = self._widget
        screen: Screen[object] = widget.screen
        if screen is not screen.app.screen or _is_unsettled(screen):
            return False
        seen = screen._compositor.visible_widgets  # noqa: SLF001  # from the front to the back
        if seen is not self._seen:
            self._seen, self._place = seen, _bare(seen, widget)
        place = self._place
        if place is None or place.size != widget.size:
            return False
        update = RowsUpdate([(place.x, place.y + y, strip) for y, strip in rows])
        screen.app._display(screen, update)  # type: ignore[arg-type]  # noqa: SLF001  # it takes any update
        return True


def _bare(seen: Mapping[Widget, tuple[Region, Region]], widget: Widget) -> Region | None:
    """Return where a widget lies whole, with nothing before it; None where it does not."""
    region, clip = seen.get(widget, (None, None))
    if region is None or clip is None or not clip.contains_region(region):
        return None
    for other, (covered, _) in seen.items():
        if other is widget:
            break
        if covered.overlaps(region):
            return None
    return region


def _is_unsettled(screen: Screen[object]) -> bool:
    return bool(
        screen._layout_required  # noqa: SLF001
        or screen._scroll_required  # noqa: SLF001
        or screen._repaint_required  # noqa: SLF001
        or screen.app._batch_count  # noqa: SLF001
    )
