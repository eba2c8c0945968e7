"""The keys that get out act on the thread that reads them: no paint, no queue and no frozen screen is before them.

Textual reads the terminal on a thread of its own and hands each key to its loop, where it waits for whatever is
being drawn. Cancelling everything and halting must not wait, so they go to the engine first and to the screen after.
"""

from __future__ import annotations

from collections.abc import Mapping

from textual.driver import Driver
from textual.events import Key
from textual.message import Message

from engine.clock import NS_PER_S
from engine.face import EngineFace
from engine.messages.commands import CancelAll, Command, SetTradingState, TradingState
from terminal.actions import BY_ID

URGENT: Mapping[str, Command] = {
    "trade.cancel_now": CancelAll(origin="key"),
    "trade.halt": SetTradingState(TradingState.HALTED, "halted by key on the desk"),
}
"""What each of these actions sends at once; both do no harm a second time."""


class WayOut:
    """Knows which keys get out, with the user's own keys, and sends what they mean."""

    def __init__(self, engine: EngineFace, keymap: Mapping[str, str]) -> None:
        self._engine = engine
        self._commands = {
            key: command
            for name, command in URGENT.items()
            for key in keymap.get(name, BY_ID[name].keys).split(",")
        }

    def press(self, key: Key) -> bool:
        """Send what a key means, if it gets out; may be called on any thread."""
        command = self._commands.get(key.key)
        if command is None:
            return False
        self._engine.submit(command, int(key.time * NS_PER_S))
        return True


def direct(driver: type[Driver], way_out: WayOut) -> type[Driver]:
    """Return a driver that lets the way out see every key as it is read."""

    class WayOutDriver(driver):  # type: ignore[misc, valid-type]
        """Reads the terminal as its base does."""

        def process_message(self, message: Message) -> None:
            """Let the way out act, then hand the key on so that the screen tells of it."""
            if isinstance(message, Key):
                way_out.press(message)
            super().process_message(message)

    return WayOutDriver
