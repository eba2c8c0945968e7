"""The lock: nothing of the desk is seen until who signed in says the password; the keys that get out still do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from engine.clock import Clock
from engine.messages.commands import Command, UnlockDesk
from engine.messages.lock_views import LockView
from terminal.actions.table import key_of
from terminal.desk import Desk
from terminal.screens.password import PasswordScreen
from terminal.way_out import GotOut

_WAYS_OUT = {
    "trade.cancel_now": "cancel all",
    "trade.halt": "halt",
    "trade.flatten_all": "flatten all",
    "trade.kill": "halt and cancel",
}


class LockScreen(PasswordScreen):
    """Covers the whole desk, which runs on behind it, until the engine says that it is open."""

    DEFAULT_CSS: ClassVar[str] = "LockScreen { background: $desk-background; }"
    refused: ClassVar[str] = "Still locked"

    def __init__(
        self, desk: Desk, clock: Clock, send: Callable[[Command], None], keymap: Mapping[str, str]
    ) -> None:
        super().__init__(desk, clock, send, classes="-lock")
        self._keymap = keymap

    def compose(self) -> ComposeResult:
        """Whose desk it is, and what opens it."""
        lock = self._desk.lock
        assert lock is not None
        with Vertical() as panel:
            panel.border_title = "Locked"
            panel.border_subtitle = "⏎ opens"
            yield Static(
                Content(
                    f"The desk of {lock.operator} is locked ({lock.reason}).\n"
                    f"It runs on. These keys still work: {self._ways_out()}."
                )
            )
            yield from self.fields()

    def _ways_out(self) -> str:
        keys = ((key_of(name, self._keymap), what) for name, what in _WAYS_OUT.items())
        return ", ".join(f"{key} {what}" for key, what in keys)

    def tell(self, got_out: GotOut) -> None:
        """Say of a key that gets out whether it was heard; nothing of what it is about."""
        key = key_of(got_out.name, self._keymap)
        self._answer(f"{key}: the engine was told." if got_out.sent else f"{key}: once more, within 3 s.")

    def wanted(self, password: str, code: str) -> Command:
        """Ask for the desk to be opened."""
        return UnlockDesk(password, code)

    def is_over(self, lock: LockView, *, proven: bool) -> bool:  # noqa: ARG002  # the engine says more
        """Leave once the desk is open."""
        return not lock.locked
