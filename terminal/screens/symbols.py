"""The search of instruments: one line to type on, what it finds on this desk and at every venue, and how to get there."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.events import Key, Paste

from engine.clock import SystemClock
from engine.model.listing import Listing
from terminal.desk import Desk
from terminal.folding import hung
from terminal.orderline.editor import EDITS, LineEditor
from terminal.screens.text_page import TextPage
from terminal.search.index import Found
from terminal.search.rows import ListingRow, rows_of
from terminal.search.shelf import Shelf
from terminal.search.telling import HOW, how_to_open, reading

LOOK_S = 0.2
_KIN, _VENUE, _SYMBOL = 14, 10, 18
"""Cells of the columns; the name has the rest."""
_FRAME_ROWS = 5
"""What is neither a row that was found nor a venue's: title, line, heads, an empty row, what Enter does."""
Part = tuple[str, str]


class SymbolScreen(TextPage[Listing | None]):
    """Covers the desk but its status and hints; answers with a listing that this desk has or may have, or with None."""

    def __init__(self, desk: Desk, shelf: Shelf) -> None:
        super().__init__()
        self._desk = desk
        self._shelf = shelf
        self._line = LineEditor()
        self._found = Found()
        self._rows: list[ListingRow] = []
        self._cursor = self._top = 0
        self._is_making = False
        self._insists = False
        """Whether Enter was pressed on what this desk does not follow."""
        self._clock = SystemClock()

    def on_mount(self) -> None:
        """Follow what there is to find."""
        self._look()
        self.set_interval(LOOK_S, self._look)

    # keys

    def on_key(self, event: Key) -> None:
        """Edit the line, walk the rows, go there or leave."""
        moves = {"up": -1, "down": 1, "pageup": -self._room, "pagedown": self._room}
        moves |= {"home": -len(self._rows), "end": len(self._rows)}
        if event.key in moves:
            self._move(moves[event.key])
        elif event.key == "enter":
            self._go()
        elif event.key == "escape":
            self._leave()
        elif event.key in EDITS:
            self._edit(EDITS[event.key])
        elif event.is_printable and event.character is not None:
            typed = event.character
            self._edit(lambda line: line.insert(typed))
        else:
            return
        event.stop()
        event.prevent_default()

    def on_paste(self, event: Paste) -> None:
        """Take a paste as what was typed."""
        event.stop()
        self._edit(lambda line: line.insert(event.text))

    def _edit(self, change: Callable[[LineEditor], object]) -> None:
        before = self._line.text
        change(self._line)
        if self._line.text != before:
            self._search()
        self.draw()

    def _move(self, rows: int) -> None:
        self._cursor = max(0, min(self._cursor + rows, len(self._rows) - 1))
        self._insists = False
        self.draw()

    def _go(self) -> None:
        """Go to what this desk follows or may follow; of anything else say how it is opened."""
        if not self._rows:
            return
        listing = self._rows[self._cursor].listing
        if self._shelf.follows(listing) or self._shelf.may_follow(listing):
            self.dismiss(listing)
        else:
            self._insists = True
            self.draw()

    def _leave(self) -> None:
        """Empty the line, else go back to the desk."""
        if self._line.text:
            self._edit(LineEditor.clear)
        else:
            self.dismiss(None)

    # what is found

    def _look(self) -> None:
        """Have the index made anew where there is more to find."""
        if self._shelf.is_old and not self._is_making:
            self._is_making = True
            self.run_worker(self._make())
        self.draw()

    async def _make(self) -> None:
        try:
            await self._shelf.make()
        finally:
            self._is_making = False
        chosen = self._rows[self._cursor].listing if self._rows else None
        self._search()
        kept = [n for n, row in enumerate(self._rows) if row.listing == chosen]
        self._cursor = kept[0] if kept else 0
        self.draw()

    def _search(self) -> None:
        self._found = self._shelf.index.search(self._line.text)
        self._rows = list(rows_of(self._found))
        self._cursor = self._top = 0
        self._insists = False

    # drawing

    @property
    def _room(self) -> int:
        """How many rows can be seen at once."""
        return self.rows_beside(_FRAME_ROWS + len(self._places()))

    def content(self) -> Content:
        """Make the text as it is now."""
        room = self._room
        self._top = max(self._cursor - room + 1, min(self._top, self._cursor))
        seen = self._rows[self._top : self._top + room]
        lines = [self._title(), self._typed(), *(self._listed(seen) if seen else self._nothing())]
        lines += [[("", "")]] * (2 + room + 1 - len(lines))
        lines += [[("", "")], self._outcome(), *self._places()]
        return Content.assemble(*(part for line in lines for part in (*line, ("\n", ""))))

    def _title(self) -> list[Part]:
        keys = "↑ ↓ choose · ⏎ go there · esc closes"
        return [(" Instruments ", "bold $desk-accent"), (f"· {keys}", "$desk-muted")]

    def _typed(self) -> list[Part]:
        line = self._line
        before, after = line.text[: line.cursor], line.text[line.cursor :]
        at, rest = after[:1] or " ", after[1:]
        count = f"  {self._found.total:,} found" if line.text.strip() else ""
        return [
            (" / ", "bold $desk-accent"),
            (before, "bold $desk-text"),
            (at, "reverse $desk-text"),
            (rest, "bold $desk-text"),
            (count, "$desk-muted"),
        ]

    def _nothing(self) -> list[list[Part]]:
        """Return what to type, or that nothing has it."""
        text = self._line.text.strip()
        said = f"Nothing that is known here has {text!r}." if text else f"{HOW}: btc eur kraken."
        if text and self._is_making:
            said = "What venues list is still being sorted."
        return [[("", "")], *([(f" {line}", "$desk-muted")] for line in hung(said, self.columns - 2, 0))]

    def _listed(self, rows: Iterable[ListingRow]) -> list[list[Part]]:
        heads = f"   {'related':<{_KIN}}{'venue':<{_VENUE}}{'symbol':<{_SYMBOL}}name"
        cue = "● here  ≈ only related "
        gap = " " * max(2, self.columns - cell_len(heads) - cell_len(cue))
        top = [(heads, "$desk-muted"), (f"{gap}{cue}", "$desk-faint")]
        return [top, *(self._row(number, row) for number, row in enumerate(rows, self._top))]

    def _row(self, number: int, row: ListingRow) -> list[Part]:
        listing, chosen = row.listing, number == self._cursor
        is_own = self._shelf.follows(listing)
        kin = row.kin or (self._kin_of(number) if number == self._top else "")
        role = "$desk-own" if is_own else "$desk-text" if row.is_found else "$desk-muted"
        ground = " on $desk-selected" if chosen else ""
        room = self.columns - 3 - _KIN - _VENUE - _SYMBOL
        return [
            (
                f"{'▸' if chosen else ' '}{'●' if is_own else ' ' if row.is_found else '≈'} ",
                f"{role}{ground}",
            ),
            (_fitted(kin, _KIN), f"bold $desk-accent{ground}"),
            (_fitted(listing.venue, _VENUE), f"{role}{ground}"),
            (_fitted(listing.symbol, _SYMBOL), f"bold {role}{ground}"),
            (set_cell_size(listing.description, max(0, room)), f"$desk-muted{ground}"),
        ]

    def _kin_of(self, number: int) -> str:
        """Return what the kin of a row are called, whose first row may be out of sight."""
        return next((row.kin for row in reversed(self._rows[: number + 1]) if row.kin), "")

    def _outcome(self) -> list[Part]:
        """Say what Enter does with the row under the cursor."""
        if not self._rows:
            return [("", "")]
        listing = self._rows[self._cursor].listing
        if self._shelf.follows(listing):
            return [(f" ⏎ goes to {listing.symbol}", "$desk-own")]
        if self._shelf.may_follow(listing):
            return [(f" ⏎ follows {listing.symbol} from now on, and at the next start", "$desk-own")]
        said = f" {listing.symbol} at {listing.venue} is not on this desk: {how_to_open(listing)}"
        return [(set_cell_size(said, self.columns), "bold $desk-warn" if self._insists else "$desk-text")]

    def _places(self) -> list[list[Part]]:
        """Say of each venue when it was read, or why not."""
        catalogue = self._desk.catalogue
        if catalogue is None:
            said = f" {len(self._desk.instruments):,} on this desk; what venues list is read on live data"
            return [[(set_cell_size(said, self.columns), "$desk-faint")]]
        now_ns = self._clock.now_ns()
        return [
            [
                (f" {venue.venue:<{_VENUE}}", "$desk-muted"),
                (_cut(reading(venue, now_ns), self.columns - 1 - _VENUE), _role_of(venue.trouble)),
            ]
            for venue in catalogue.venues
        ]


def _role_of(trouble: str) -> str:
    return "$desk-warn" if trouble else "$desk-faint"


def _cut(text: str, width: int) -> str:
    return text if cell_len(text) <= width else f"{set_cell_size(text, max(0, width - 1))}…"


def _fitted(text: str, width: int) -> str:
    """Return a text in a column, with a blank behind it."""
    return f"{set_cell_size(_cut(text, width - 1), width - 1)} "
