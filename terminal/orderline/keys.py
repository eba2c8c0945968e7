"""The keys that edit the order line; no action that works while typing may take one of them."""

from __future__ import annotations

from collections.abc import Callable

from terminal.orderline.editor import LineEditor

EDITS: dict[str, Callable[[LineEditor], object]] = {
    "left": LineEditor.left,
    "right": LineEditor.right,
    "home": LineEditor.home,
    "end": LineEditor.end,
    "ctrl+a": LineEditor.home,
    "ctrl+e": LineEditor.end,
    "ctrl+u": LineEditor.delete_before,
    "ctrl+w": LineEditor.delete_word,
    "ctrl+left": LineEditor.word_left,
    "ctrl+right": LineEditor.word_right,
    "backspace": LineEditor.backspace,
    "delete": LineEditor.delete,
    "up": LineEditor.older,
    "down": LineEditor.newer,
}
"""What each does."""

TYPING = frozenset({*EDITS, "enter", "escape", "tab", "space"})
"""Every key the line needs, characters apart."""
