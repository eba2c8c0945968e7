"""What every live pane is: rows of runs, redrawn only where they changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from textual.events import Key, Resize
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from terminal.at_once import AtOnce
from terminal.strips import Ink, Run

if TYPE_CHECKING:
    from terminal.desk import Desk


class LivePane(Widget, can_focus=True):
    """Draws what the desk knows, row by row; its border belongs to the frame around it.

    A subclass names the parts of the desk it reads in `reads` and puts its rows in `draw`.
    """

    ALLOW_SELECT: ClassVar[bool] = False
    """Baked rows can't show a selection; the terminal's own (with Shift) still works."""

    reads: ClassVar[frozenset[str]] = frozenset()
    """Parts of the desk (as `Desk.merge` names them) whose change calls for a redraw."""

    every: ClassVar[int] = 1
    """It is redrawn every so many frames at most."""

    in_one_piece: ClassVar[bool] = False
    """Whether its rows are painted together, however it is drawn: rows of a picture from two moments don't fit."""

    class Captioned(Message):
        """The pane's caption changed; its frame shows it."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, desk: Desk, ink: Ink, *, id: str) -> None:  # noqa: A002  # Textual's own name
        super().__init__(id=id)
        self.desk = desk
        self._ink = ink
        self._rows: list[tuple[Run, ...]] = []
        self._papers: list[str] = []
        self._strips: list[Strip] = []
        self._drawn_size = self._known_size = Size(0, 0)
        self._dirty: set[int] = set()
        self._at_once = AtOnce(self)
        self._blank = True
        """Whether rows are empty only because they have not been drawn yet: those are not painted."""
        self._caption = ""
        self._drawings = 0
        """How often it was begun to be drawn."""

    def draw(self) -> None:
        """Put every visible row; the base class sends only those that changed."""
        raise NotImplementedError

    def draw_in_parts(self) -> Iterator[None]:
        """Draw as `draw` does, with a halt where a key may come between; a pane that takes long has several."""
        self.draw()
        yield

    def put(self, y: int, *runs: Run, paper: str = "panel") -> None:
        """Set a row; costs nothing further when it is as it was. `paper` lies under every run without one."""
        if y < len(self._rows) and (self._rows[y] != runs or self._papers[y] != paper):
            self._rows[y] = runs
            self._papers[y] = paper
            self._strips[y] = self._ink.bake(runs, self._drawn_size.width, paper)
            self._dirty.add(y)

    def caption(self, text: str) -> None:
        """Tell the frame what to show at its lower edge; costs nothing further when it is as it was."""
        if text != self._caption:
            self._caption = text
            self.post_message(self.Captioned(text))

    def clear_from(self, y: int) -> None:
        """Empty the rows from `y` to the bottom."""
        for row in range(y, len(self._rows)):
            self.put(row)

    @property
    def size(self) -> Size:
        """How many cells there are to draw on, as last told; looking it up costs more than a row."""
        return self._known_size

    def redraw(self) -> None:
        """Draw, and paint the rows that changed: at once, or with what else the screen has to paint."""
        if self._begin():
            self.draw()
            self._finish()

    def redraw_in_parts(self) -> Iterator[None]:
        """Redraw with a halt after each part; what is left is dropped when it is drawn otherwise meanwhile."""
        if not self._begin():
            return
        drawing = self._drawings
        for _ in self.draw_in_parts():
            if not (self._blank or self.in_one_piece):
                self._paint_dirty()
            yield
            if drawing != self._drawings:
                return
        self._finish()

    def _begin(self) -> bool:
        """Make room for the rows; tell whether there is any."""
        if not self._known_size.width or not self.is_attached:
            return False
        if self._drawn_size != self.size:
            self._reset(self.size)
        self._drawings += 1
        return True

    def _finish(self) -> None:
        self._blank = False
        self._paint_dirty()

    def _paint_dirty(self) -> None:
        if self._dirty:
            if not self._at_once.paint([(y, self._strips[y]) for y in sorted(self._dirty)]):
                self.refresh(*self._regions())
            self._dirty.clear()

    def take_ink(self, ink: Ink) -> None:
        """Change the theme: everything is drawn anew."""
        self._ink = ink
        self._reset(self.size)
        self.redraw()

    def take_key(self, event: Key) -> bool:  # noqa: ARG002  # for panes that are typed in
        """Obey a key that is text here and not a shortcut; tell whether it was one."""
        return False

    def on_key(self, event: Key) -> None:
        """Take what is typed here; everything else goes on to the bindings."""
        if self.take_key(event):
            event.stop()
            event.prevent_default()

    def on_resize(self, event: Resize) -> None:
        """Draw for the new size."""
        self._known_size = event.size
        self.redraw()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return baked rows, past Textual's own styling, which would bake them again."""
        if not (crop.x or crop.y) and crop.size != self._known_size:
            self._known_size = super().size
        if self._drawn_size != self.size:
            self._reset(self.size)
            self.draw()
            self._dirty.clear()
            self._blank = False
        strips = self._strips[crop.y : crop.bottom]
        if crop.x or crop.width != self.size.width:
            return [strip.crop(crop.x, crop.right) for strip in strips]
        return strips

    def _reset(self, size: Size) -> None:
        self._drawings += 1
        self._blank = True
        self._drawn_size = size
        empty = self._ink.bake((), size.width)
        self._rows = [() for _ in range(size.height)]
        self._papers = ["panel"] * size.height
        self._strips = [empty] * size.height
        self._dirty = set(range(size.height))

    def _regions(self) -> list[Region]:
        """Return one region for each run of neighbouring dirty rows."""
        spans: list[list[int]] = []
        for y in sorted(self._dirty):
            if spans and y == spans[-1][1]:
                spans[-1][1] = y + 1
            else:
                spans.append([y, y + 1])
        return [Region(0, start, self._drawn_size.width, end - start) for start, end in spans]
