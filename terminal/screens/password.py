"""Asking who signed in for the password, on the desk: typed unseen, and told what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from engine.clock import NS_PER_S, Clock
from engine.messages.commands import Command
from engine.messages.lock_views import LockView
from terminal.desk import Desk
from terminal.screens.once import LeftOnce

LOOK_S = 0.1
PASSWORD_MAX = 1024
_CODE_MAX = 8


class PasswordScreen(LeftOnce[None]):
    """Stays until the engine says that the password was right; counts down where no more may be tried."""

    AUTO_FOCUS: ClassVar[str | None] = "#password"
    asks: ClassVar[bool] = True

    DEFAULT_CSS: ClassVar[str] = """
    PasswordScreen { align: center middle; }
    PasswordScreen > Vertical {
        width: 90%; max-width: 64; height: auto;
        border: heavy $desk-accent; border-title-color: $desk-accent; border-title-style: bold;
        border-subtitle-color: $desk-muted; background: $desk-panel; padding: 1 2;
    }
    PasswordScreen Static { color: $desk-text; }
    PasswordScreen Input, PasswordScreen Input:focus {
        border: none; height: 1; margin: 1 0 0 0; padding: 0 1; background: $desk-selected; color: $desk-text;
    }
    PasswordScreen #answer { color: $desk-warn; margin: 1 0 0 0; }
    """
    refused: ClassVar[str]
    """What is said before why a password was not taken."""

    def __init__(
        self, desk: Desk, clock: Clock, send: Callable[[Command], None], classes: str | None = None
    ) -> None:
        super().__init__(classes=classes)
        self._desk = desk
        self._clock = clock
        self._send = send
        lock = desk.lock
        assert lock is not None
        self._tries = lock.tries
        self._wants_code = lock.wants_code
        self._is_done = self._has_said = False
        self._until_ns = 0
        """Until when another try is of no use, by steady time."""

    def wanted(self, password: str, code: str) -> Command:
        """Return what is sent once both were typed."""
        raise NotImplementedError

    def is_over(self, lock: LockView, *, proven: bool) -> bool:
        """Tell whether there is nothing more to ask; `proven` where a password was right just now."""
        raise NotImplementedError

    def fields(self) -> ComposeResult:
        """The password, a code where one is wanted, and what came of it."""
        yield Input(password=True, max_length=PASSWORD_MAX, placeholder="password", id="password")
        if self._wants_code:
            yield Input(max_length=_CODE_MAX, placeholder="code", id="code")
        yield Static(id="answer")

    def on_mount(self) -> None:
        """Follow what the engine says."""
        self.set_interval(LOOK_S, self._look)

    @on(Input.Submitted)
    def _say(self, message: Input.Submitted) -> None:
        message.stop()
        if self._wants_code and message.input.id == "password":
            self.query_one("#code", Input).focus()
            return
        if self._clock.monotonic_ns() < self._until_ns:
            return
        password = self.query_one("#password", Input)
        code = self.query_one("#code", Input).value if self._wants_code else ""
        self._has_said = True
        self._answer("Looking at it.")
        self._send(self.wanted(password.value, code))
        self._clear()

    def _clear(self) -> None:
        for each in self.query(Input):
            each.value = ""
        self.query_one("#password", Input).focus()

    def _look(self) -> None:
        lock = self._desk.lock
        if lock is None:
            return
        was_judged = self._has_said and lock.tries != self._tries
        self._tries, self._has_said = lock.tries, self._has_said and not was_judged
        self._is_done = self._is_done or self.is_over(lock, proven=was_judged and not lock.refusal)
        if self._is_done:
            self.dismiss()
            return
        if was_judged:
            self._until_ns = self._clock.monotonic_ns() + lock.retry_after_s * NS_PER_S
            self._answer(f"{self.refused}: {lock.refusal}.")
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
        self.query_one("#answer", Static).update(Content(text))
