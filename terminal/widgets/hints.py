"""The last row: the keys of the focused pane, where one is, and the way out."""

from __future__ import annotations

from typing import ClassVar

from terminal.actions.action import Action
from terminal.actions.table import ACTIONS, BY_ID, TITLES, hints_of
from terminal.desk import Desk
from terminal.key_names import shown
from terminal.orderline.drawing import width_of
from terminal.strips import Ink, Run
from terminal.widgets.pane import LivePane

_ON_THE_LINE: tuple[tuple[str, str], ...] = (
    ("⏎", "review, then send"),
    ("Tab", "complete"),
    ("↑↓", "history"),
    ("esc", "drop"),
)
_OUT = tuple(action for action in ACTIONS if action.gets_out)
_KILL = BY_ID["trade.kill"]


class KeyHints(LivePane, can_focus=False):
    """Shows as many hints as fit, the most useful ones; they follow the user's own keys."""

    DEFAULT_CSS: ClassVar[str] = "KeyHints { height: 1; width: 1fr; }"

    def __init__(
        self,
        desk: Desk,
        ink: Ink,
        *,
        id: str,  # noqa: A002  # Textual's own name
        keymap: dict[str, str] | None = None,
    ) -> None:
        super().__init__(desk, ink, id=id)
        self._keymap = keymap or {}
        self._pane = ""
        self._is_typing = self._is_covered = False

    def show(self, context: str, *, typing: bool = False) -> None:
        """Show the hints of a pane, or those of typing on the order line."""
        self._pane, self._is_typing = context, typing
        self.redraw()

    def cover(self, *, covered: bool) -> None:
        """Show the keys that get out while another screen lies on the desk: of the desk's own only they work."""
        self._is_covered = covered
        self.redraw()

    def draw(self) -> None:
        """Put the row."""
        tail = self._tail()
        room = self.size.width - width_of(tail) - 1
        runs: list[Run] = []
        for key, label in self._hints():
            hint: list[Run] = [(f"  {key}" if runs else f" {key}", "accent+b"), (f" {label}", "muted")]
            if width_of(runs) + width_of(hint) <= room:
                runs += hint
        padding = max(0, self.size.width - width_of(runs) - width_of(tail))
        self.put(0, *runs, (" " * padding, "text"), *tail, paper="background")

    def _hints(self) -> list[tuple[str, str]]:
        out = [(self._key(action), action.label) for action in _OUT if action is not _KILL]
        if self._is_covered:
            return out
        if self._is_typing:
            return [*_ON_THE_LINE, *out]
        return [(self._key(action), action.label) for action in self._offered()]

    def _offered(self) -> list[Action]:
        playback = self.desk.playback
        return hints_of(self._pane, replaying=playback is not None and bool(playback.first_ns))

    def _tail(self) -> list[Run]:
        kill: list[Run] = [(f"  {self._key(_KILL)}", "breach+b"), (" KILL ", "muted")]
        if self._is_covered:
            return kill
        where = "Order line" if self._is_typing else TITLES.get(self._pane, self._pane.title())
        focus = (
            f" \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} {self.desk.focus}" if self.desk.focus else ""
        )
        return [(where, "accent+b"), (focus, "muted"), *kill]

    def _key(self, action: Action) -> str:
        return shown(self._keymap.get(action.id, action.keys).split(",")[0])
