"""What is looked at of the log: the newest lines, which of them are wanted, and where the eye is. Pure; it imports no widget."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from engine.messages.log_line import Level, LogLine
from engine.messages.log_table import Component

KEPT_MAX: Final = 2_000
"""Lines that are held; older ones are in the files."""
_LEVELS: Final = tuple(Level)
_COMPONENTS: Final = ("", *(each.value for each in Component))


class Shown(NamedTuple):
    """A line and everything that it says as one text, which is what is searched."""

    line: LogLine
    text: str


class LogView:
    """Holds lines and chooses among them; at the end it goes on with what comes, elsewhere it stays where it is."""

    def __init__(self) -> None:
        self.level = Level.INFO
        """This loud at least."""
        self.component = ""
        """Whose; empty for everybody's."""
        self.is_held = False
        """Whether what comes waits."""
        self.rows: Sequence[Shown] = ()
        """The lines that are wanted, the oldest first."""
        self.cursor = 0
        self._all: deque[Shown] = deque(maxlen=KEPT_MAX)
        self._waiting: deque[Shown] = deque(maxlen=KEPT_MAX)
        self._text = ""

    @property
    def waiting(self) -> int:
        """How many lines came while it was held."""
        return len(self._waiting)

    @property
    def chosen(self) -> LogLine | None:
        """The line under the cursor."""
        return self.rows[self.cursor].line if self.rows else None

    def begin(self, lines: Iterable[LogLine]) -> None:
        """Hold other lines."""
        self._waiting.clear()
        self._all.clear()
        self._all.extend(map(_shown, lines))
        self.rows = ()
        self._choose()

    def add(self, lines: Iterable[LogLine]) -> None:
        """Take what came."""
        if self.is_held:
            self._waiting.extend(map(_shown, lines))
        else:
            self._all.extend(map(_shown, lines))
            self._choose()

    def hold(self) -> None:
        """Let what comes wait, or let it in."""
        self.is_held = not self.is_held
        if not self.is_held:
            self._all.extend(self._waiting)
            self._waiting.clear()
            self._choose()

    def louder(self) -> None:
        """Want only louder lines, or all again."""
        self.level = _LEVELS[(self.level + 1) % len(_LEVELS)]
        self._choose()

    def next_component(self, steps: int) -> None:
        """Want the lines of the next component, or everybody's."""
        self.component = _COMPONENTS[(_COMPONENTS.index(self.component) + steps) % len(_COMPONENTS)]
        self._choose()

    def search(self, text: str) -> None:
        """Want the lines that have a text; empty for all."""
        self._text = text.strip().lower()
        self._choose()

    def move(self, rows: int) -> None:
        """Move the cursor."""
        self.cursor = max(0, min(self.cursor + rows, len(self.rows) - 1))

    def _choose(self) -> None:
        """Choose anew, and stay on the same line, or at the end if that is where the eye was."""
        at_end = self.cursor >= len(self.rows) - 1
        before = self.rows[self.cursor] if self.rows else None
        self.rows = [each for each in self._all if self._wants(each)]
        last = max(0, len(self.rows) - 1)
        if at_end or before is None:
            self.cursor = last
        else:
            same = (n for n, each in enumerate(self.rows) if each is before)
            self.cursor = next(same, min(self.cursor, last))

    def _wants(self, shown: Shown) -> bool:
        line = shown.line
        return (
            line.level >= self.level
            and self.component in {"", line.component}
            and (not self._text or self._text in shown.text)
        )


def _shown(line: LogLine) -> Shown:
    ids = (line.correlation, line.cause, line.client_id)
    return Shown(line, " ".join((line.component, line.event, *ids, line.told)).lower())
