"""Reads the limits again: what is stricter holds at once, what is looser takes a proof where somebody signed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.errors import ConfigError
from engine.messages.commands import Command, ReloadLimits
from engine.messages.events import AlertRaised, Severity
from engine.model.text import ALERT_LENGTH_MAX, clean
from engine.risk.looser import in_words, loosened
from engine.rooms import Rooms

_ASKS: Final = "POST /v1/limits wants the password of an operator"


class LimitsReload:
    """Puts in force what the file says, or says why not. A file that is held back is held back as a whole."""

    def __init__(self, rooms: Rooms, demand: Callable[[Command, str], None]) -> None:
        """Take what lets a command go on that a proof covers, and raises where none does."""
        self._rooms = rooms
        self._demand = demand
        self._fault = ""

    def reload(self, command: ReloadLimits) -> None:
        """Put in force what the file says now, because a person said so.

        Raises:
            ProofWanted: it is looser than what is in force.
            ConfigError: it is wrong, and who said so is not at the desk.
        """
        looser = self._look()
        if looser is None and self._rooms.sender is not None:
            raise ConfigError(self._fault)
        if looser:
            self._demand(command, f"loosen {in_words(looser)}")
        self._take(looser)

    def notice(self) -> None:
        """Put in force what the file says now, because it changed; hold it back where somebody has to say so."""
        looser, operator = self._look(), self._rooms.operator
        if looser and self._rooms.lock is not None:
            takes = (
                f"typing limits asks for the password of {operator.name}" if operator is not None else _ASKS
            )
            what = f"the limits file loosens {in_words(looser)}, and is held back"
            self._say(Severity.WARNING, f"{what}: {takes} and takes it")
            return
        self._take(looser)

    def _look(self) -> tuple[str, ...] | None:
        """Read the file; return what it loosens, or None where it is wrong, which is said."""
        limits, states = self._rooms.limits, self._rooms.market.states
        try:
            found = limits.look()
        except ConfigError as error:
            self._fault = f"limits unchanged: {error}"
            self._say(Severity.WARNING, self._fault)
            return None
        classes = {str(symbol): state.instrument.asset_class for symbol, state in states.items()}
        limits.held = loosened(limits.limits, found, classes)
        return limits.held

    def _take(self, looser: tuple[str, ...] | None) -> None:
        if looser is not None:
            self._say(Severity.INFO, self._rooms.limits.take())

    def _say(self, severity: Severity, text: str) -> None:
        self._rooms.bus.publish(
            AlertRaised(severity, "risk", clean(text, ALERT_LENGTH_MAX), self._rooms.account_clock.now_ns())
        )
