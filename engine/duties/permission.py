"""Holds every command against the role of who signed in, before anything is done."""

from __future__ import annotations

import re
from typing import Final

from engine.errors import EngineError
from engine.messages.commands import (
    SHELL,
    CancelAll,
    CancelOrder,
    Command,
    DisarmSignals,
    DisarmTrading,
    Flatten,
    LockDesk,
    SetTradingState,
    UnlockDesk,
    origin_of,
)
from engine.risk.halt import is_stricter
from engine.rooms import Rooms
from engine.security.audit.entry import Act
from engine.security.operators.roles import may_as

_WHILE_LOCKED: Final = (LockDesk, UnlockDesk)
_WAY_OUT: Final = (CancelAll, CancelOrder, DisarmSignals, DisarmTrading, Flatten, SetTradingState)


class NotAllowed(EngineError):
    """The role of who signed in does not go so far."""


class Permission:
    """Knows who signed in; where nobody has to, everything may be said. Who is not at the desk comes with the command."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def check(self, command: Command) -> None:
        """Let a command pass, or not. The way out is open to whoever has a shell of the desk's user, whoever signed in.

        Raises:
            NotAllowed: it is not for that role.
        """
        operator, lock, sender = self._rooms.operator, self._rooms.lock, self._rooms.sender
        loosens = isinstance(command, SetTradingState) and self._loosens(command)
        if sender is not None:
            self._check(sender.name, sender.role, command, sender.origin, loosens=loosens)
            return
        if operator is None:
            return
        gets_out = isinstance(command, _WAY_OUT) and not loosens
        if lock is not None and lock.locked:
            if gets_out or isinstance(command, _WHILE_LOCKED):
                return
            raise NotAllowed("the desk is locked")
        if not (gets_out and origin_of(command) == SHELL):
            self._check(operator.name, operator.role.value, command, origin_of(command), loosens=loosens)

    def _check(self, who: str, role: str, command: Command, origin: str, *, loosens: bool) -> None:
        if may_as(role, command, loosens=loosens):
            return
        what = re.sub(r"(?<!^)(?=[A-Z])", " ", type(command).__name__).lower()
        if loosens:
            what = "let trading go on"
        if self._rooms.audit is not None:
            self._rooms.audit.note(Act(who=who, what="denied", origin=origin, after=what))
        raise NotAllowed(f"{who} signed in as {role}, and may not {what}")

    def _loosens(self, command: SetTradingState) -> bool:
        if command.tightens:
            return False
        said = self._rooms.halts.said_of(command.symbol, command.strategy, firm=command.firm)
        return is_stricter(said.state, command.state)
