"""Arming a live account: its name is typed here, and the engine says whether that was it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.content import Content

from engine.messages.commands import ArmTrading, Command
from engine.model.text import clean
from terminal.desk import Desk
from terminal.screens.name_asked import NameAsked


class ArmingScreen(NameAsked):
    """Asks for the account's name."""

    DEFAULT_CSS: ClassVar[str] = """
    ArmingScreen > Vertical { max-width: 64; border: heavy $desk-live; border-title-color: $desk-live; }
    """

    def __init__(self, desk: Desk, account_name: str, send: Callable[[Command], None]) -> None:
        account = clean(account_name, 32)
        super().__init__(f"Arm {account}", _meaning(account), "account")
        self._desk = desk
        self._send = send
        self._refused = desk.arming.refused if desk.arming is not None else 0
        """How often arming had been refused when it was looked at last."""

    def arm(self, name: str) -> None:
        """Ask the engine to arm the account."""
        self._send(ArmTrading(name))

    def look(self) -> None:
        """Leave once it is armed; tell of a name that was refused."""
        arming = self._desk.arming
        if arming is None:
            return
        if arming.armed:
            self.dismiss()
        elif arming.refused != self._refused:
            self._refused = arming.refused
            self.refuse(f"Still disarmed: {arming.refusal}.")


def _meaning(account: str) -> Content:
    return Content.assemble(
        ("LIVE", "bold $desk-live"),
        f" account {account}: its orders cost real money.\n"
        "Type the account's name to let out orders that open.",
    )
