"""The help: every key and the grammar of the order line, made from the tables that run them; searchable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from terminal.actions.action import Action
from terminal.actions.table import ACTIONS, TITLES
from terminal.folding import hung
from terminal.key_names import shown
from terminal.orderline.manual import MANUAL
from terminal.screens.once import LeftOnce

_LEFT_MAX = 30
"""Cells for the key or the line at most; the sentence follows, all in one column."""

Entry = tuple[str, str, str]
"""A key or a line, what it does, and other words it is found by."""


class HelpScreen(LeftOnce[None], ModalScreen[None]):
    """Covers the desk but its status, order line and hints until Escape; what is typed narrows it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", show=False),
        Binding("down", "scroll(1)", "Down", show=False, priority=True),
        Binding("up", "scroll(-1)", "Up", show=False, priority=True),
        Binding("pagedown", "page(1)", "Page down", show=False, priority=True),
        Binding("pageup", "page(-1)", "Page up", show=False, priority=True),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    HelpScreen { background: transparent; }
    HelpScreen Input { border: none; height: 1; background: $panel; padding: 0 1; }
    HelpScreen Input:focus { border: none; }
    HelpScreen #help-title { height: 1; margin-top: 1; background: $background; color: $accent; text-style: bold; }
    HelpScreen #help-text { padding: 1 1; background: $background; color: $foreground; height: auto; }
    HelpScreen VerticalScroll {
        margin-bottom: 2; background: $background;
        scrollbar-size-vertical: 1; scrollbar-color: $desk-faint; scrollbar-background: $background;
    }
    """

    def __init__(self, keymap: Mapping[str, str] | None = None, topic: str | None = None) -> None:
        super().__init__()
        self._keys = dict(keymap or {})
        self._topic = topic or ""
        self._width = 0

    def compose(self) -> ComposeResult:
        """Title, search, text."""
        yield Static(" Keys and orders · type to search · ↑ ↓ scroll · esc closes", id="help-title")
        yield Input(self._topic, placeholder="search", id="help-search")
        with VerticalScroll(can_focus=False):
            yield Static(self._content(self._topic), id="help-text")

    def on_mount(self) -> None:
        """Be ready to be searched."""
        self.query_one(Input).focus()

    @on(Resize)
    def _fold_again(self) -> None:
        self.call_after_refresh(self._show)

    def _show(self) -> None:
        self._width = self.query_one("#help-text", Static).content_region.width
        self.query_one("#help-text", Static).update(self._content(self.query_one(Input).value))

    def on_input_changed(self) -> None:
        """Show what matches."""
        self._show()
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def action_close(self) -> None:
        """Empty the search, else go back to the desk."""
        search = self.query_one(Input)
        if search.value:
            search.value = ""
        else:
            self.dismiss()

    def action_scroll(self, rows: int) -> None:
        """Scroll by rows."""
        self.query_one(VerticalScroll).scroll_relative(y=rows, animate=False)

    def action_page(self, pages: int) -> None:
        """Scroll by pages."""
        scroll = self.query_one(VerticalScroll)
        scroll.scroll_relative(y=pages * max(1, scroll.size.height - 1), animate=False)

    def _content(self, query: str) -> Content:
        parts: list[tuple[str, str] | str] = []
        found = list(matching(chapters(self._keys), query))
        width = min(_LEFT_MAX, max((len(left) for _, entries in found for left, _, _ in entries), default=0))
        for heading, entries in found:
            parts.append((f"{heading}\n", "bold $accent"))
            for left, sentence, _ in entries:
                parts += [(f"  {left:<{width}}", "$warning"), f"  {self._beside(sentence, width + 4)}\n"]
            parts.append("\n")
        return Content.assemble(*parts) if parts else Content(f"Nothing here says {query!r}.")

    def _beside(self, sentence: str, indent: int) -> str:
        """Fold a sentence so that it stays beside what it is about."""
        room = self._width - indent
        pieces = hung(sentence, room, 0) if room > 0 else [sentence]
        return f"\n{' ' * indent}".join(pieces)


def chapters(keymap: Mapping[str, str]) -> Iterator[tuple[str, list[Entry]]]:
    """Return the grammar, then the keys by where they work."""
    for heading, lines in MANUAL:
        yield heading, [(line, sentence, "") for line, sentence in lines]
    contexts = dict.fromkeys(action.context for action in ACTIONS)
    for context in contexts:
        title = TITLES.get(context, context.title())
        entries = [_entry(action, keymap) for action in ACTIONS if action.context == context]
        yield f"Keys: {title.lower()}", entries


def matching(parts: Iterator[tuple[str, list[Entry]]], query: str) -> Iterator[tuple[str, list[Entry]]]:
    """Leave what contains all words of the query; a matching heading keeps all its entries."""
    words = query.lower().split()
    for heading, entries in parts:
        kept = [
            entry
            for entry in entries
            if all(word in f"{heading} {' '.join(entry)}".lower() for word in words)
        ]
        if kept:
            yield heading, kept


def _entry(action: Action, keymap: Mapping[str, str]) -> Entry:
    keys = keymap.get(action.id, action.keys).split(",")
    return " ".join(shown(key) for key in keys), action.help, f"{action.id} {action.label}"
