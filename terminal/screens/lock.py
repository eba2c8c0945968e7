"""The lock: nothing of the desk is seen until who signed in says the password; the keys that get out still do."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from engine.clock import Clock
from engine.messages.commands import Command, UnlockDesk
from engine.messages.lock_views import LockView
from terminal.desk import Desk
from terminal.screens.password import PasswordScreen


class LockScreen(PasswordScreen):
    """Covers the whole desk, which runs on behind it, until the engine says that it is open."""

    DEFAULT_CSS: ClassVar[str] = "LockScreen { background: $desk-background; }"
    refused: ClassVar[str] = "Still locked"

    def __init__(self, desk: Desk, clock: Clock, send: Callable[[Command], None]) -> None:
        super().__init__(desk, clock, send, classes="-lock")

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
                    "It runs on. Cancel all, flatten and halt still work."
                )
            )
            yield from self.fields()

    def wanted(self, password: str, code: str) -> Command:
        """Ask for the desk to be opened."""
        return UnlockDesk(password, code)

    def is_over(self, lock: LockView, *, proven: bool) -> bool:  # noqa: ARG002  # the engine says more
        """Leave once the desk is open."""
        return not lock.locked
