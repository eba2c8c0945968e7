"""The control socket's ways into an engine that runs in this process."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from engine.control.controls import Told
from engine.control.snapshot import desk_status
from engine.control.status import DeskStatus
from engine.errors import EngineError
from engine.latches import Latches
from engine.messages.commands import Command, SetTradingState
from engine.model.instrument import Symbol
from engine.rooms import Rooms


class EngineControls:
    """Latches a halt where it is read, and hands everything else to the engine's loop, in order."""

    def __init__(
        self,
        rooms: Rooms,
        latches: Latches,
        *,
        submit: Callable[[Command], None],
        call: Callable[..., None],
    ) -> None:
        """Take what the engine carries commands out with, and what puts a call on its loop."""
        self._rooms = rooms
        self._latches = latches
        self._submit = submit
        self._call = call
        self._started_ns = rooms.clock.monotonic_ns()

    def set_state(self, command: SetTradingState) -> None:
        """Let a stricter trading state hold from this moment, and have it journalled in its turn."""
        if not self._latches.latch_firm(command, self._rooms.ids.command()):
            self._latches.latch(command, partial(self._submit, command))

    def submit(self, command: Command) -> None:
        """Carry out a command soon, in the order in which commands are submitted."""
        self._submit(command)

    def status(self, told: Told, *, hashed: bool = False) -> None:
        """Have `told` called on the engine's thread with how it is after everything submitted before."""
        self._call(self._tell, told, hashed)

    def lists(self, symbol: Symbol) -> bool:
        """Tell whether there is such an instrument, or something was said about its trading."""
        return symbol in self._rooms.market.states or symbol in self._rooms.halts.symbols

    def _tell(self, told: Told, hashed: bool) -> None:
        try:
            status: DeskStatus | EngineError = desk_status(
                self._rooms, started_ns=self._started_ns, hashed=hashed
            )
        except Exception as error:  # noqa: BLE001  # who asked is told; the engine's loop goes on
            status = EngineError(f"{type(error).__name__}: {error}")
        told(status)
