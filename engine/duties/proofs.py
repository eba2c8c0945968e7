"""Asks who signed in to prove it again, before more may happen at the account than before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from msgspec.structs import replace

from engine.clock import NS_PER_S
from engine.errors import EngineError
from engine.messages.commands import SHELL, Command, Prove, origin_of
from engine.rooms import Rooms
from engine.security.audit.entry import Act

FRESH_NS: Final = 120 * NS_PER_S
"""How old a proof may be that still counts, at the desk that it was given at."""


class ProofWanted(EngineError):
    """Who signed in has not proven lately to be there."""


class Proofs:
    """Knows when a proof was given, and for what; where there are no operators, nothing asks for one."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._given: Prove | None = None
        """What is carried out now because of a proof."""

    def demand(self, command: Command, what: str) -> None:
        """Let a command go on that a proof covers, or have the desk ask for one; `what` is what it does, in words.

        Another shell's command is covered by a proof of its own alone: nobody sees from there who sits at the desk. So is
        that of an operator who is not at the desk, whose password was judged where it came in.

        Raises:
            ProofWanted: it is asked for.
        """
        operator, lock, sender = self._rooms.operator, self._rooms.lock, self._rooms.sender
        if sender is not None:
            if not sender.proven:
                raise ProofWanted(f"to {what} takes the password of {sender.name}")
            self._note(sender.name, sender.origin, what)
            return
        if operator is None:
            if lock is not None:
                raise ProofWanted(f"to {what} takes the password of an operator")
            return
        is_desk = origin_of(command) != SHELL
        given = self._given
        if given is not None and given.command == command:
            if given.what in {what, ""}:
                self._note(operator.name, origin_of(command), what)
                return
        elif is_desk and self._is_fresh():
            return
        if is_desk and lock is not None:
            self._rooms.lock = replace(
                lock, asked=lock.asked + 1, what=what, command=command, refusal="", retry_after_s=0
            )
        raise ProofWanted(f"to {what} takes the password of {operator.name}")

    @contextmanager
    def given(self, proven: Prove) -> Iterator[None]:
        """Let what a proof was given for be carried out, and nothing else that may come of it."""
        self._given = proven
        try:
            yield
        finally:
            self._given = None

    def _note(self, who: str, origin: str, what: str) -> None:
        audit, account = self._rooms.audit, self._rooms.account.name
        if audit is not None:
            audit.note(Act(who=who, what="proof", origin=origin, subject=account, after=what))

    def _is_fresh(self) -> bool:
        proven_ns = self._rooms.proven_ns
        return proven_ns is not None and self._rooms.clock.monotonic_ns() - proven_ns < FRESH_NS
