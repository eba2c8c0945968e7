"""The control socket's ways into an engine that runs in this process."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from engine.control.controls import Told
from engine.control.snapshot import desk_status
from engine.control.status import DeskStatus
from engine.errors import EngineError
from engine.messages.commands import Command, SetTradingState, TradingState
from engine.messages.events import TradingStateChanged
from engine.model.instrument import Symbol
from engine.risk.halt import Halt, TradingHalts, is_stricter
from engine.rooms import Rooms


class EngineControls:
    """Latches a halt where it is read, and hands everything else to the engine's loop, in order."""

    def __init__(self, rooms: Rooms, *, submit: Callable[[Command], None], call: Callable[..., None]) -> None:
        """Take what the engine carries commands out with, and what puts a call on its loop."""
        self._rooms = rooms
        self._submit = submit
        self._call = call
        self._started_ns = rooms.clock.monotonic_ns()
        self._numbers = itertools.count()
        self._latched: dict[int, SetTradingState] = {}
        """What holds already and waits for its turn on the loop."""
        rooms.bus.subscribe(TradingStateChanged, self._hold)

    def set_state(self, command: SetTradingState) -> None:
        """Let a stricter trading state hold from this moment, and have it journalled in its turn."""
        if command.firm and is_stricter(command.state, self._rooms.halts.firm.state):
            self._rooms.firm.say(command.state, command.reason, correlation=self._rooms.ids.command())
            return
        number = next(self._numbers)
        self._latched[number] = command
        self._tighten(command)
        self._submit(command)
        self._call(self._latched.pop, number)

    def submit(self, command: Command) -> None:
        """Carry out a command soon, in the order in which commands are submitted."""
        self._submit(command)

    def status(self, told: Told, *, hashed: bool = False) -> None:
        """Have `told` called on the engine's thread with how it is after everything submitted before."""
        self._call(self._tell, told, hashed)

    def lists(self, symbol: Symbol) -> bool:
        """Tell whether there is such an instrument, or something was said about its trading."""
        return symbol in self._rooms.market.states or symbol in self._rooms.halts.symbols

    def _hold(self, _: TradingStateChanged) -> None:
        """Keep what was asked for earlier, and only now came to its turn, from loosening what holds already."""
        for command in tuple(self._latched.values()):
            self._tighten(command)

    def _tighten(self, command: SetTradingState) -> None:
        if command.firm:
            return
        halts, symbol, strategy = self._rooms.halts, command.symbol, command.strategy
        found = _said(halts, symbol, strategy)
        if is_stricter(command.state, found.state if found is not None else TradingState.ACTIVE):
            now_ns = self._rooms.account_clock.now_ns()
            halts.set(command.state, command.reason, symbol=symbol, now_ns=now_ns, strategy=strategy)

    def _tell(self, told: Told, hashed: bool) -> None:
        try:
            status: DeskStatus | EngineError = desk_status(
                self._rooms, started_ns=self._started_ns, hashed=hashed
            )
        except Exception as error:  # noqa: BLE001  # who asked is told; the engine's loop goes on
            status = EngineError(f"{type(error).__name__}: {error}")
        told(status)


def _said(halts: TradingHalts, symbol: Symbol | None, strategy: str) -> Halt | None:
    """Return what a person has said about a scope so far."""
    if strategy:
        return halts.strategies.get(strategy)
    return halts.said if symbol is None else halts.said_symbols.get(symbol)
