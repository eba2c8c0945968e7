"""A proof: what lets more happen than before is carried out once who signed in says the password again."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from engine.clock import Clock
from engine.messages.commands import Command, Prove
from engine.messages.lock_views import LockView
from terminal.desk import Desk
from terminal.screens.password import PasswordScreen


class ProofScreen(PasswordScreen, ModalScreen[None]):
    """Says what it is for; leaving it leaves everything as it is."""

    DEFAULT_CSS: ClassVar[str] = "ProofScreen { background: transparent; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Leave", show=False)]
    refused: ClassVar[str] = "Nothing was done"

    def __init__(self, desk: Desk, clock: Clock, send: Callable[[Command], None]) -> None:
        super().__init__(desk, clock, send)
        assert desk.lock is not None
        assert desk.lock.command is not None
        self._command = desk.lock.command
        self._what = desk.lock.what

    def compose(self) -> ComposeResult:
        """What it is for, and whose password it takes."""
        lock = self._desk.lock
        assert lock is not None
        with Vertical() as panel:
            panel.border_title = "Is it you?"
            panel.border_subtitle = "⏎ does it · esc leaves"
            yield Static(Content(f"To {self._what}, type the password of {lock.operator}."))
            yield from self.fields()

    def wanted(self, password: str, code: str) -> Command:
        """Ask for what this was opened for, as it was told here."""
        return Prove(password, code, self._command, self._what)

    def is_over(self, lock: LockView, *, proven: bool) -> bool:
        """Leave once it is proven; a desk that is locked, or was since, asks for nothing else."""
        return proven or lock.locked or lock.command is None
