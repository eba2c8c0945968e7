"""What tightens holds in the thread that says it, whatever the engine's loop is doing; its record waits for its turn there."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from engine.bus import Bus
from engine.clock import Clock
from engine.desk.firm_switch import FirmSwitch
from engine.messages.commands import SetTradingState, TradingState
from engine.messages.events import TradingStateChanged
from engine.risk.halt import TradingHalts, is_stricter


class Latches:
    """Puts stricter trading states in force at once; every method may be called from any thread, and none waits for the loop."""

    def __init__(
        self, halts: TradingHalts, firm: FirmSwitch, clock: Clock, bus: Bus, call: Callable[..., None]
    ) -> None:
        """Take what is halted, here and at every desk, the account's clock, and what puts a call on the engine's loop."""
        self._halts = halts
        self._firm = firm
        self._clock = clock
        self._call = call
        self._numbers = itertools.count()
        self._latched: dict[int, SetTradingState] = {}
        """What holds already and waits for its turn on the loop."""
        bus.subscribe(TradingStateChanged, self._hold)

    def latch(self, command: SetTradingState, hand_on: Callable[[], None]) -> bool:
        """Let a stricter state hold from this moment, and have the loop carry the command out; tell whether it holds.

        What was asked for before and is carried out in between does not loosen it.
        """
        number = next(self._numbers)
        self._latched[number] = command
        self._tighten(command)
        hand_on()
        self._call(self._latched.pop, number)
        return command.state is not TradingState.ACTIVE and self._said(command) is command.state

    def latch_firm(self, command: SetTradingState, correlation: str, who: str = "") -> bool:
        """Let a stricter state of every desk hold from this moment, and the others hear of it; tell whether it was stricter.

        The switch of every desk has it recorded itself: nothing of it is left to carry out.
        """
        if not (command.firm and is_stricter(command.state, self._halts.firm.state)):
            return False
        self._firm.say(command.state, command.reason, who, correlation)
        return True

    def _hold(self, _: TradingStateChanged) -> None:
        """Keep what was asked for earlier, and only now came to its turn, from loosening what holds already."""
        for command in tuple(self._latched.values()):
            self._tighten(command)

    def _tighten(self, command: SetTradingState) -> None:
        if not command.firm and is_stricter(command.state, self._said(command)):
            self._halts.set(
                command.state, command.reason, command.symbol, self._clock.now_ns(), command.strategy
            )

    def _said(self, command: SetTradingState) -> TradingState:
        """Return what a person has said about its scope so far."""
        return self._halts.said_of(command.symbol, command.strategy, firm=command.firm).state
