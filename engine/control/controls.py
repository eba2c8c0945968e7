"""What the control socket needs of an engine, and nothing more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from engine.control.status import DeskStatus
from engine.errors import EngineError
from engine.messages.commands import Command, TradingState
from engine.model.instrument import Symbol

Told = Callable[[DeskStatus | EngineError], None]


class Controls(Protocol):
    """The ways into a running engine; every method may be called from any thread, and none waits."""

    def halt_now(
        self, state: TradingState, reason: str, symbol: Symbol | None = None, strategy: str = ""
    ) -> None:
        """Let a stricter state hold from this moment, whatever the engine's loop is doing.

        It never loosens: the command that follows through `submit` journals the state, and says it.
        """

    def submit(self, command: Command) -> None:
        """Carry out a command soon, in the order in which commands are submitted."""

    def status(self, told: Told, *, hashed: bool = False) -> None:
        """Have `told` called on the engine's thread with how it is after everything submitted before.

        It is told an error where the engine can't say, and never called where its loop does not run.
        With `hashed` the hash of the account's state is taken too, which takes the longer the more orders there were.
        """

    def lists(self, symbol: Symbol) -> bool:
        """Tell whether there is such an instrument."""
