"""A live pane with a cursor: rows of things, one of them chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from textual.events import Click, MouseScrollDown, MouseScrollUp

from terminal.desk import Desk
from terminal.folding import folded
from terminal.strips import Ink, Run
from terminal.widgets.pane import LivePane

Key = TypeVar("Key")
WHEEL_ROWS = 3


class ListPane(LivePane, Generic[Key]):
    """Draws a head, rows and a foot; keeps the cursor on the same thing while rows come and go.

    A subclass says what there is (`keys`), what a row looks like (`row`), and may add a head and a foot.
    """

    headed: ClassVar[bool] = True
    """Whether a heading stands above the rows."""

    def __init__(self, desk: Desk, ink: Ink, *, id: str) -> None:  # noqa: A002  # Textual's own name
        super().__init__(desk, ink, id=id)
        self.cursor: Key | None = None
        self._keys: Sequence[Key] = ()
        self._top = 0

    def keys(self) -> Sequence[Key]:
        """Return what is listed, in order."""
        raise NotImplementedError

    def row(self, key: Key, *, selected: bool) -> Sequence[Run]:
        """Return one thing's runs."""
        raise NotImplementedError

    def measure(self, keys: Sequence[Key]) -> None:
        """Make room for the rows in sight, before any of them is written."""

    def head(self) -> Sequence[Run]:
        """Return the heading's runs, of a list that has one."""
        raise NotImplementedError

    @property
    def foot_rows(self) -> int:
        """How many rows stand below those of things at most."""
        return 0

    def foot(self) -> Sequence[Sequence[Run]]:
        """Return the runs of the rows below, of a list that has any."""
        return ()

    def empty(self) -> str:
        """Return the sentence that stands where there is nothing, naming the key that fills it."""
        raise NotImplementedError

    def open_row(self) -> None:
        """Open what is under the cursor (Enter, double click)."""

    def tell_picked(self) -> None:
        """Tell that the cursor moved to something else."""

    @property
    def page(self) -> int:
        """How many rows of things fit."""
        return max(1, self.size.height - self.headed - self.foot_rows)

    def draw(self) -> None:
        """Put head, visible rows and foot."""
        self._keys = self.keys()
        y = int(self.headed)
        if not self._keys:
            self.measure(())
            self._put_head()
            for line in folded(self.empty(), self.size.width - 3):
                self.put(y, (f"  {line}", "faint"))
                y += 1
            self.clear_from(y)
            return
        if self.cursor not in self._keys:
            self.cursor = self._keys[0]
        self._top = max(0, min(self._top, len(self._keys) - self.page))
        visible = self._keys[self._top : self._top + self.page]
        self.measure(visible)
        self._put_head()
        for key in visible:
            selected = key == self.cursor and self.has_focus
            self.put(y, *self.row(key, selected=selected), paper="selected" if selected else "panel")
            y += 1
        for runs in self.foot()[: self.foot_rows]:
            self.put(y, *runs)
            y += 1
        self.clear_from(y)

    def _put_head(self) -> None:
        if self.headed:
            self.put(0, *self.head())

    def select(self, key: Key) -> None:
        """Put the cursor on a thing and tell nobody."""
        self.cursor = key
        self._reveal()
        self.redraw()

    def _reveal(self) -> None:
        """Scroll as little as shows the cursor."""
        if self.cursor in self._keys:
            index = self._keys.index(self.cursor)
            self._top = max(min(self._top, index), index - self.page + 1)

    # keys and mouse

    def action_move(self, rows: int) -> None:
        """Move the cursor by rows."""
        self._go_to(self._index() + rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by pages."""
        self._go_to(self._index() + pages * max(1, self.page - 1))

    def action_first(self) -> None:
        """Move the cursor to the first row."""
        self._go_to(0)

    def action_last(self) -> None:
        """Move the cursor to the last row."""
        self._go_to(len(self._keys) - 1)

    def action_open(self) -> None:
        """Open what is under the cursor."""
        if self.cursor is not None:
            self.open_row()

    def on_click(self, event: Click) -> None:
        """Pick the row under the pointer; open it on the second click."""
        row = event.y - self.headed
        if 0 <= row < self.page and self._top + row < len(self._keys):
            self._go_to(self._top + row)
            if event.chain == 2:
                self.action_open()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Scroll without moving the cursor."""
        event.stop()
        self._scroll(WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Scroll without moving the cursor."""
        event.stop()
        self._scroll(-WHEEL_ROWS)

    def watch_has_focus(self, has_focus: bool) -> None:
        """Show or hide the cursor; when the event comes the focus is not here yet."""
        super().watch_has_focus(has_focus)
        self.redraw()

    def _scroll(self, rows: int) -> None:
        self._top = max(0, min(self._top + rows, len(self._keys) - self.page))
        self.redraw()

    def _index(self) -> int:
        return self._keys.index(self.cursor) if self.cursor in self._keys else 0

    def _go_to(self, index: int) -> None:
        if not self._keys:
            return
        key = self._keys[max(0, min(index, len(self._keys) - 1))]
        moved = key != self.cursor
        self.select(key)
        if moved:
            self.tell_picked()
