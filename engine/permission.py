"""Holds every command against the role of who signed in, before anything is done."""

from __future__ import annotations

import re
from typing import Final

from engine.errors import EngineError
from engine.messages.commands import (
    CancelAll,
    CancelOrder,
    Command,
    DisarmTrading,
    Flatten,
    LockDesk,
    SetTradingState,
    TradingState,
    UnlockDesk,
)
from engine.risk.halt import is_stricter
from engine.rooms import Rooms
from engine.security.audit.entry import Act
from engine.security.operators.roles import may

SHELL: Final = "shell"
_WHILE_LOCKED: Final = (LockDesk, UnlockDesk)
_WAY_OUT: Final = (CancelAll, CancelOrder, DisarmTrading, Flatten, SetTradingState)


class NotAllowed(EngineError):
    """The role of who signed in does not go so far."""


class Permission:
    """Knows who signed in; where nobody has to, everything may be said."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def check(self, command: Command) -> None:
        """Let a command pass, or not. The way out is open to whoever has a shell of the desk's user, whoever signed in.

        Raises:
            NotAllowed: it is not for that role.
        """
        operator, lock = self._rooms.operator, self._rooms.lock
        if operator is None:
            return
        loosens = isinstance(command, SetTradingState) and self._loosens(command)
        gets_out = isinstance(command, _WAY_OUT) and not loosens
        if lock is not None and lock.locked:
            if gets_out or isinstance(command, _WHILE_LOCKED):
                return
            raise NotAllowed("the desk is locked")
        if (gets_out and _origin_of(command) == SHELL) or may(operator.role, command, loosens=loosens):
            return
        what = re.sub(r"(?<!^)(?=[A-Z])", " ", type(command).__name__).lower()
        if loosens:
            what = "let trading go on"
        if self._rooms.audit is not None:
            origin = _origin_of(command)
            self._rooms.audit.note(Act(who=operator.name, what="denied", origin=origin, after=what))
        raise NotAllowed(f"{operator.name} signed in as {operator.role.value}, and may not {what}")

    def _loosens(self, command: SetTradingState) -> bool:
        halts = self._rooms.halts
        if command.strategy:
            found = halts.strategies.get(command.strategy)
        else:
            found = halts.said if command.symbol is None else halts.said_symbols.get(command.symbol)
        return is_stricter(found.state if found is not None else TradingState.ACTIVE, command.state)


def _origin_of(command: Command) -> str:
    """Return where a command comes from; those that say nothing about it come from the desk."""
    return str(getattr(command, "origin", "desk"))
