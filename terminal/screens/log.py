"""The log: what happened, line by line, as it comes; of one order, one component, or everything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from textual.content import Content
from textual.events import Key, Paste

from engine.messages.log_line import LogLine
from terminal.desk import Desk
from terminal.folding import folded
from terminal.log.log_rows import WIDE, Part, heads, in_full, row
from terminal.log.log_tail import LogTail
from terminal.log.log_view import LogView
from terminal.orderline.editor import EDITS, LineEditor
from terminal.screens.reading import ReadingScreen
from terminal.screens.text_page import TextPage

_FRAME_ROWS: Final = 8
"""What is no line: title, filters, heads, an empty row, and the line under the cursor in full."""
_FULL_ROWS: Final = 4


class LogScreen(TextPage[None]):
    """Covers the desk but its status and hints, and follows the log until it is left."""

    def __init__(self, desk: Desk, folder: Path, name: str = "", title: str = "") -> None:
        """Show everything, or what belongs to the order or command of a name; `title` says in words which that is."""
        super().__init__()
        self._desk = desk
        self._folder = folder
        self._only = name
        self._about = title
        self._view = LogView()
        self._search = LineEditor()
        self._types = False
        """Whether keys are text for the search."""
        self._is_read = False
        self._top = 0

    def on_mount(self) -> None:
        """Begin to read."""
        self.draw()
        self._follow()

    def _follow(self) -> None:
        self._is_read = False
        tail = LogTail(self._folder, self._only)
        self.run_worker(tail.run(self._begin, self._add), exclusive=True)

    def _begin(self, lines: Sequence[LogLine]) -> None:
        self._is_read = True
        self._view.begin(lines)
        self.draw()

    def _add(self, lines: Sequence[LogLine]) -> None:
        self._view.add(lines)
        self.draw()

    # keys

    def on_key(self, event: Key) -> None:
        """Type into the search, or choose, walk and leave."""
        if self._types and self._typed(event):
            pass
        elif (does := self._keys.get(event.key)) is not None:
            does()
        else:
            return
        event.stop()
        event.prevent_default()
        self.draw()

    def on_paste(self, event: Paste) -> None:
        """Search for what is pasted."""
        event.stop()
        self._types = True
        self._edit(lambda line: line.insert(event.text))
        self.draw()

    @property
    def _keys(self) -> Mapping[str, Callable[[], object]]:
        view = self._view
        moves = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -self._room, "pagedown": self._room}
        moves |= {"home": -len(view.rows), "g": -len(view.rows), "end": len(view.rows), "G": len(view.rows)}
        walks = {key: (lambda rows=rows: view.move(rows)) for key, rows in moves.items()}
        return {
            **walks,
            "slash": self._begin_search,
            "l": view.louder,
            "c": lambda: view.next_component(1),
            "C": lambda: view.next_component(-1),
            "p": view.hold,
            "i": self._one_story,
            "enter": self._read_line,
            "escape": self._leave,
            "q": lambda: self.dismiss(None),
        }

    def _typed(self, event: Key) -> bool:
        """Edit the search; tell whether the key was for it."""
        if event.key in {"enter", "escape"}:
            self._types = False
            if event.key == "escape":
                self._edit(LineEditor.clear)
        elif event.key in EDITS:
            self._edit(EDITS[event.key])
        elif event.is_printable and event.character is not None:
            text = event.character
            self._edit(lambda line: line.insert(text))
        else:
            return False
        return True

    def _edit(self, change: Callable[[LineEditor], object]) -> None:
        change(self._search)
        self._view.search(self._search.text)

    def _begin_search(self) -> None:
        self._types = True

    def _one_story(self) -> None:
        """Show only what belongs to the line under the cursor, or everything again."""
        line = self._view.chosen
        name = "" if line is None else line.correlation or line.cause or line.client_id
        if self._only or name:
            self._only, self._about = ("", "") if self._only else (name, "")
            self._follow()

    def _read_line(self) -> None:
        if (line := self._view.chosen) is not None:
            self.app.push_screen(ReadingScreen("A line of the log", in_full(line)))

    def _leave(self) -> None:
        """Empty the search, then show everything, then go back to the desk."""
        if self._search.text:
            self._edit(LineEditor.clear)
        else:
            self.dismiss(None)

    # drawing

    @property
    def _room(self) -> int:
        """How many lines can be seen at once."""
        return self.rows_beside(_FRAME_ROWS)

    def content(self) -> Content:
        """Make the text as it is now."""
        room, view = self._room, self._view
        self._top = max(view.cursor - room + 1, min(self._top, view.cursor))
        seen = view.rows[self._top : self._top + room]
        lines = [self._title(), self._filters(), heads(self.columns)]
        lines += [
            row(each.line, self.columns, self._desk.zone, chosen=number == view.cursor)
            for number, each in enumerate(seen, self._top)
        ]
        if not seen:
            lines.append([(f" {self._nothing()}", "$desk-muted")])
        lines += [[("", "")]] * (3 + room - len(lines))
        lines += [[("", "")], *self._full()]
        return Content.assemble(*(part for line in lines for part in (*line, ("\n", ""))))

    def _title(self) -> list[Part]:
        if self._types:
            keys = "⏎ keeps the search · esc drops it"
        elif self.columns < WIDE:
            keys = "/ find · l level · c who · p hold · i story · esc"
        else:
            keys = "/ search · l level · c component · p hold · i one story · ⏎ in full · esc closes"
        about = f" · {self._about or self._only}" if self._only else ""
        return [(f" Log{about} ", "bold $desk-accent"), (f"· {keys}", "$desk-muted")]

    def _filters(self) -> list[Part]:
        view, line = self._view, self._search
        before, after = line.text[: line.cursor], line.text[line.cursor :]
        typed: list[Part] = [(" / ", "bold $desk-accent"), (before, "bold $desk-text")]
        if self._types:
            typed += [(after[:1] or " ", "reverse $desk-text"), (after[1:], "bold $desk-text")]
        else:
            typed.append((after, "bold $desk-text"))
        level = f"{view.level.name.lower()} and louder" if view.level else "every level"
        lines = "1 line" if len(view.rows) == 1 else f"{len(view.rows):,} lines"
        wanted = f"  {level} · {view.component or 'every component'} · {lines} · "
        return [*typed, (wanted, "$desk-muted"), self._state()]

    def _state(self) -> Part:
        view = self._view
        if view.is_held:
            return f"held, {view.waiting:,} wait", "$desk-warn"
        newer = len(view.rows) - 1 - view.cursor
        return (f"{newer:,} below", "$desk-muted") if newer > 0 else ("follows", "$desk-up")

    def _full(self) -> list[list[Part]]:
        """Return the line under the cursor, folded into the rows that there are."""
        line = self._view.chosen
        if line is None:
            return [[("", "")]] * _FULL_ROWS
        text = f"{line.ids} {line.told}".strip()
        pieces = folded(text, self.columns - 2)[:_FULL_ROWS]
        return [[(f" {piece}", "$desk-muted")] for piece in pieces] + [[("", "")]] * (
            _FULL_ROWS - len(pieces)
        )

    def _nothing(self) -> str:
        if not self._is_read:
            return "The log is being read."
        if self._search.text or self._view.component or self._view.level:
            return "No line is like that; esc drops the search, l and c choose others."
        return (
            "Nothing is written yet."
            if not self._only
            else "Nothing is written about it in the files that are kept."
        )
