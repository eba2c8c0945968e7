"""What the control socket needs of an engine, and nothing more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from engine.control.status import DeskStatus
from engine.errors import EngineError
from engine.messages.commands import Command, SetTradingState
from engine.model.instrument import Symbol

Told = Callable[[DeskStatus | EngineError], None]


class Controls(Protocol):
    """The ways into a running engine; every method may be called from any thread, and none waits."""

    def set_state(self, command: SetTradingState) -> None:
        """Let a stricter trading state hold from this moment, whatever the engine's loop is doing.

        The loop then journals it in its turn; a looser state waits for that. What was asked for before and is
        carried out in between does not loosen it.
        """

    def submit(self, command: Command) -> None:
        """Carry out a command soon, in the order in which commands are submitted."""

    def status(self, told: Told, *, hashed: bool = False) -> None:
        """Have `told` called on the engine's thread with how it is after everything submitted before.

        It is told an error where the engine can't say, and never called where its loop does not run.
        With `hashed` the hash of the account's state is taken too, which takes the longer the more orders there were.
        """

    def lists(self, symbol: Symbol) -> bool:
        """Tell whether there is such an instrument, or something was said about its trading."""
