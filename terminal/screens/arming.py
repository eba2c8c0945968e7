"""Arming a live account: its name is typed here, and the engine says whether that was it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from engine.messages.commands import ArmTrading, Command
from engine.model.text import clean
from terminal.desk import Desk
from terminal.screens.once import LeftOnce

LOOK_S = 0.1
NAME_MAX = 64


class ArmingScreen(LeftOnce[None], ModalScreen[None]):
    """Stays until the account is armed or the person leaves; a wrong name is told and may be typed anew."""

    DEFAULT_CSS: ClassVar[str] = """
    ArmingScreen { align: center middle; background: transparent; }
    ArmingScreen > Vertical {
        width: 90%; max-width: 64; height: auto;
        border: heavy $desk-live; border-title-color: $desk-live; border-title-style: bold;
        border-subtitle-color: $desk-muted; background: $desk-panel; padding: 1 2;
    }
    ArmingScreen Static { color: $desk-text; }
    ArmingScreen Input, ArmingScreen Input:focus {
        border: none; height: 1; margin: 1 0; padding: 0 1; background: $desk-selected; color: $desk-text;
    }
    ArmingScreen #arming-answer { color: $desk-warn; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Leave", show=False)]

    def __init__(self, desk: Desk, account_name: str, send: Callable[[Command], None]) -> None:
        super().__init__()
        self._desk = desk
        self._account = clean(account_name, 32)
        self._send = send
        self._refused = desk.arming.refused if desk.arming is not None else 0
        """How often arming had been refused when it was looked at last."""

    def compose(self) -> ComposeResult:
        """What it means, the name, and what came of it."""
        with Vertical() as panel:
            panel.border_title = f"Arm {self._account}"
            panel.border_subtitle = "⏎ arms · esc leaves"
            yield Static(self._meaning())
            yield Input(max_length=NAME_MAX, placeholder="the account's name", id="arming-name")
            yield Static(id="arming-answer")

    def on_mount(self) -> None:
        """Be ready to be typed into, and follow what the engine says."""
        self.query_one(Input).focus()
        self.set_interval(LOOK_S, self._look)

    @on(Input.Submitted)
    def _arm(self, message: Input.Submitted) -> None:
        message.stop()
        self._send(ArmTrading(message.value))

    def _look(self) -> None:
        arming = self._desk.arming
        if arming is None:
            return
        if arming.armed:
            self.dismiss()
        elif arming.refused != self._refused:
            self._refused = arming.refused
            self.query_one(Input).value = ""
            self.query_one("#arming-answer", Static).update(Content(f"Still disarmed: {arming.refusal}."))

    def _meaning(self) -> Content:
        return Content.assemble(
            ("LIVE", "bold $desk-live"),
            f" account {self._account}: its orders cost real money.\n"
            "Type the account's name to let out orders that open.",
        )
