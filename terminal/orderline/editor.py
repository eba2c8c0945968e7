"""A line being typed: text, cursor, history. Pure; the widget draws it and feeds it keys."""

from __future__ import annotations

import unicodedata
from collections import deque
from collections.abc import Callable, Mapping
from types import MappingProxyType

from engine.model.text import clean
from terminal.orderline.tokens import LINE_MAX

HISTORY_MAX = 200


class LineEditor:
    """Edits one line; the cursor never stands inside a combined character."""

    def __init__(self) -> None:
        self.text = ""
        self.cursor = 0
        self._history: deque[str] = deque(maxlen=HISTORY_MAX)
        self._browsing = 0
        """How many lines back in the history; 0 is the line being typed."""
        self._typed = ""

    @property
    def last(self) -> str:
        """The last line that was remembered, empty when none was."""
        return self._history[-1] if self._history else ""

    def set(self, text: str) -> None:
        """Replace the line; the cursor goes to its end."""
        self.text = clean(" ".join(text.split("\n")), LINE_MAX)
        self.cursor = len(self.text)

    def clear(self) -> None:
        """Empty the line and leave the history."""
        self.text = ""
        self.cursor = 0
        self._browsing = 0

    def insert(self, text: str) -> bool:
        """Put text at the cursor, on one line and without control characters; tell whether it fitted."""
        kept = clean(" ".join(text.splitlines()), len(text) + 1)
        if len(self.text) + len(kept) > LINE_MAX:
            return False
        self.text = self.text[: self.cursor] + kept + self.text[self.cursor :]
        self.cursor += len(kept)
        return True

    def backspace(self) -> None:
        """Delete the character before the cursor."""
        self._cut(self._left(self.cursor), self.cursor)

    def delete(self) -> None:
        """Delete the character under the cursor."""
        self._cut(self.cursor, self._right(self.cursor))

    def delete_word(self) -> None:
        """Delete back to the start of the word."""
        self._cut(self._word_left(), self.cursor)

    def delete_before(self) -> None:
        """Delete everything before the cursor."""
        self._cut(0, self.cursor)

    def left(self) -> None:
        """Move a character back."""
        self.cursor = self._left(self.cursor)

    def right(self) -> None:
        """Move a character on."""
        self.cursor = self._right(self.cursor)

    def word_left(self) -> None:
        """Move to the start of the word."""
        self.cursor = self._word_left()

    def word_right(self) -> None:
        """Move to the end of the word."""
        rest = self.text[self.cursor :]
        blanks = len(rest) - len(rest.lstrip())
        word = rest.lstrip().split(maxsplit=1)
        self.cursor += blanks + (len(word[0]) if word else 0)

    def home(self) -> None:
        """Move to the start."""
        self.cursor = 0

    def end(self) -> None:
        """Move to the end."""
        self.cursor = len(self.text)

    def remember(self, line: str) -> None:
        """Keep a line in the history, once."""
        if line and line != self.last:
            self._history.append(line)

    def older(self) -> None:
        """Show the line before this one in the history."""
        if self._browsing < len(self._history):
            if not self._browsing:
                self._typed = self.text
            self._browsing += 1
            self.set(self._history[-self._browsing])

    def newer(self) -> None:
        """Show the line after this one, at last the one being typed."""
        if self._browsing:
            self._browsing -= 1
            self.set(self._history[-self._browsing] if self._browsing else self._typed)

    def _cut(self, start: int, end: int) -> None:
        self.text = self.text[:start] + self.text[end:]
        self.cursor = start

    def _left(self, position: int) -> int:
        position = max(0, position - 1)
        while position and unicodedata.combining(self.text[position]):
            position -= 1
        return position

    def _right(self, position: int) -> int:
        position = min(len(self.text), position + 1)
        while position < len(self.text) and unicodedata.combining(self.text[position]):
            position += 1
        return position

    def _word_left(self) -> int:
        before = self.text[: self.cursor].rstrip()
        return len(before) - len(before.rsplit(maxsplit=1)[-1]) if before else 0


EDITS: Mapping[str, Callable[[LineEditor], None]] = MappingProxyType(
    {
        "backspace": LineEditor.backspace,
        "ctrl+h": LineEditor.backspace,
        "delete": LineEditor.delete,
        "ctrl+w": LineEditor.delete_word,
        "ctrl+u": LineEditor.clear,
        "left": LineEditor.left,
        "right": LineEditor.right,
    }
)
"""What a key does to a line, wherever one is typed on that nothing completes."""
