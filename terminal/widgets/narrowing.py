"""A few letters that narrow a list, typed in place."""

from __future__ import annotations

from textual.events import Key

from engine.model.text import clean

LENGTH_MAX = 12


class Narrowing:
    """What is typed after `f`: letters narrow, Backspace widens, Enter keeps, Escape drops."""

    __slots__ = ("text", "typing")

    def __init__(self) -> None:
        self.text = ""
        """What a row must contain, in capitals."""
        self.typing = False
        """Whether keys go here."""

    def begin(self) -> None:
        """Take the keys."""
        self.typing = True

    def take(self, event: Key) -> bool:
        """Obey a key if the keys go here; tell whether it was taken."""
        if not self.typing:
            return False
        if event.key in {"enter", "escape", "tab"}:
            self.typing = False
            self.text = self.text if event.key == "enter" else ""
        elif event.key == "backspace":
            self.text = self.text[:-1]
        elif event.character is not None and event.is_printable:
            self.text = clean(self.text + event.character.upper(), LENGTH_MAX)
        else:
            return False
        return True
