"""The lock: nothing of the desk is seen until who signed in says the password; the keys that get out still do."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from engine.clock import NS_PER_S, Clock
from engine.messages.commands import Command, UnlockDesk
from terminal.desk import Desk
from terminal.screens.once import LeftOnce

LOOK_S = 0.1
PASSWORD_MAX = 1024
_CODE_MAX = 8


class LockScreen(LeftOnce[None]):
    """Covers the whole desk, which runs on behind it, until the engine says that it is open."""

    AUTO_FOCUS: ClassVar[str | None] = "#lock-password"
    DEFAULT_CSS: ClassVar[str] = """
    LockScreen { align: center middle; background: $desk-background; }
    LockScreen > Vertical {
        width: 90%; max-width: 64; height: auto;
        border: heavy $desk-accent; border-title-color: $desk-accent; border-title-style: bold;
        border-subtitle-color: $desk-muted; background: $desk-panel; padding: 1 2;
    }
    LockScreen Static { color: $desk-text; }
    LockScreen Input, LockScreen Input:focus {
        border: none; height: 1; margin: 1 0 0 0; padding: 0 1; background: $desk-selected; color: $desk-text;
    }
    LockScreen #lock-answer { color: $desk-warn; margin: 1 0 0 0; }
    """

    def __init__(self, desk: Desk, clock: Clock, send: Callable[[Command], None]) -> None:
        super().__init__(classes="-lock")
        self._desk = desk
        self._clock = clock
        self._send = send
        lock = desk.lock
        self._tries = lock.tries if lock is not None else 0
        self._wants_code = lock is not None and lock.wants_code
        self._until_ns = 0
        """Until when another try is of no use, by steady time."""

    def compose(self) -> ComposeResult:
        """Whose desk it is, the password, a code where one is wanted, and what came of it."""
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
            yield Input(password=True, max_length=PASSWORD_MAX, placeholder="password", id="lock-password")
            if self._wants_code:
                yield Input(max_length=_CODE_MAX, placeholder="code", id="lock-code")
            yield Static(id="lock-answer")

    def on_mount(self) -> None:
        """Follow what the engine says."""
        self.set_interval(LOOK_S, self._look)

    @on(Input.Submitted)
    def _open(self, message: Input.Submitted) -> None:
        message.stop()
        if self._wants_code and message.input.id == "lock-password":
            self.query_one("#lock-code", Input).focus()
            return
        if self._clock.monotonic_ns() < self._until_ns:
            return
        password = self.query_one("#lock-password", Input)
        code = self.query_one("#lock-code", Input).value if self._wants_code else ""
        self._answer("Looking at it.")
        self._send(UnlockDesk(password.value, code))
        self._clear()

    def _clear(self) -> None:
        for each in self.query(Input):
            each.value = ""
        self.query_one("#lock-password", Input).focus()

    def _look(self) -> None:
        lock = self._desk.lock
        if lock is None:
            return
        if not lock.locked:
            self.dismiss()
        elif lock.tries != self._tries:
            self._tries = lock.tries
            self._until_ns = self._clock.monotonic_ns() + lock.retry_after_s * NS_PER_S
            self._answer(f"Still locked: {lock.refusal}.")
        if self._until_ns:
            self._count_down()

    def _count_down(self) -> None:
        left_s = -(-(self._until_ns - self._clock.monotonic_ns()) // NS_PER_S)
        if left_s > 0:
            self._answer(f"Too many tries failed. The next one is in {left_s // 60}:{left_s % 60:02}.")
        elif self._desk.lock is not None and self._desk.lock.retry_after_s:
            self._until_ns = 0
            self._answer("Try again.")

    def _answer(self, text: str) -> None:
        self.query_one("#lock-answer", Static).update(Content(text))
