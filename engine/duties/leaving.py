"""Leaving on purpose: working orders are kept, cancelled or flattened, and what is left is written down."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
from msgspec import Struct

from engine.clock import NS_PER_S
from engine.files import whole_file
from engine.messages.commands import Leave, LeaveChoice, TradingState
from engine.messages.events import SessionEnded, Severity
from engine.model.account import AccountMode
from engine.rooms import Rooms

RESUME_SUFFIX = ".resume.json"
"""Ends the name of the file that says how an account's session ended; before it is the name of the journal."""
_LOOK_S = 0.05
_OWNER = "leaving"


class KeptOrder(Struct, frozen=True, gc=False):
    """An order that was left working; prices and sizes as a person reads them."""

    client_id: str
    number: int
    symbol: str
    side: str
    leaves: str
    limit: str | None
    stop: str | None
    status: str


class Resume(Struct, frozen=True, gc=False):
    """How a session ended: what the next one should find."""

    account: str
    run: str
    ended_ns: int
    choice: str
    orders: tuple[KeptOrder, ...]
    positions: dict[str, str]
    digest: str
    """The hash of the account's state."""
    reason: str = ""
    """Why it ended, where nobody at the desk asked for it."""


def resume_path(rooms: Rooms) -> Path:
    """Return where it is written how an account's session ended."""
    return rooms.folders.data / f"{Path(rooms.journal.disk.where).name}{RESUME_SUFFIX}"


class Leaving:
    """Brings the account to the state in which a person wants to leave it; no new order is taken meanwhile."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._choice: LeaveChoice | None = None
        self._reason = ""
        self._nobody = asyncio.Event()

    def begin(self, command: Leave) -> None:
        """Stop taking orders, and ask for what was chosen; its proof is in the orders and positions."""
        rooms = self._rooms
        self._choice = command.choice
        reason = f"the desk is closing: {command.choice.value}"
        self._lock(reason)
        if command.choice is LeaveChoice.FLATTEN:
            rooms.orders.flatten(origin=command.origin)
            return
        rooms.orders.exits.stop(None, reason)
        if command.choice is LeaveChoice.CANCEL:
            rooms.orders.cancel_all(origin=command.origin)

    def stay(self) -> None:
        """Take orders again; a flatten that was to end the session is not gone on with."""
        self._choice = None
        self._rooms.orders.exits.stop(None, "the desk stays")
        self._rooms.halts.lock(TradingState.ACTIVE, "", owner=_OWNER)

    def end(self, reason: str) -> None:
        """Stop taking orders because nobody is there any more; what was chosen before stays so."""
        self._reason = self._reason or reason
        if self._choice is None and self._rooms.settings.safety.dead_man_s:
            self._choice = LeaveChoice.CANCEL
        self._lock(reason)
        self._rooms.orders.alert(Severity.WARNING, f"the desk is closing: {reason}")
        self._nobody.set()

    async def until_over(self) -> None:
        """Wait until nobody is there; then for the proof of what is asked of the broker, as long as the settings say."""
        await self._nobody.wait()
        clock = self._rooms.account_clock
        until_ns = clock.monotonic_ns() + round(self._rooms.settings.safety.end_within_s * NS_PER_S)
        while self.unproven and clock.monotonic_ns() < until_ns:  # noqa: ASYNC110  # what is waited for has no event
            await asyncio.sleep(_LOOK_S)

    @property
    def unproven(self) -> int:
        """How many orders and positions are not as they were chosen to be."""
        working = self._rooms.working
        if self._choice is LeaveChoice.CANCEL:
            return sum(order.cancel_wanted for order in working)
        if self._choice is LeaveChoice.FLATTEN:
            held = sum(bool(position.quantity) for position in self._rooms.ledger.positions.values())
            return len(working) + held
        return 0

    def finish(self) -> None:
        """Write down that the session ended on purpose, and how."""
        rooms = self._rooms
        rooms.mark()
        kept = tuple(order.client_id for order in rooms.working)
        choice = self._choice.value if self._choice is not None else ("none" if not kept else "keep")
        ended = SessionEnded(kept, choice, rooms.account_clock.now_ns(), self._reason)
        rooms.orders.scribe.note(ended)
        rooms.replica.ended_by(ended)
        if rooms.account.mode is AccountMode.REPLAY:
            return  # nothing of it is gone on with
        self._write_resume(ended)

    def _write_resume(self, ended: SessionEnded) -> None:
        path = resume_path(self._rooms)
        try:
            if self._rooms.journal.disk.cipher is not None:
                path.unlink(missing_ok=True)  # what the journal seals lies nowhere open
                return
            with whole_file(path) as file:
                file.write(msgspec.json.format(msgspec.json.encode(self._resume(ended))))
        except OSError as error:
            self._rooms.orders.alert(Severity.WARNING, f"{path}: {error.strerror or error}")

    def _resume(self, ended: SessionEnded) -> Resume:
        rooms = self._rooms
        held = [position for position in rooms.ledger.positions.values() if position.quantity]
        return Resume(
            account=rooms.account.name,
            run=rooms.ids.run,
            ended_ns=ended.event_ns,
            choice=ended.choice,
            orders=tuple(self._kept()),
            positions={each.symbol: f"{each.instrument.size(each.quantity):f}" for each in held},
            digest=rooms.replica.digest(),
            reason=ended.reason,
        )

    def _lock(self, reason: str) -> None:
        rooms = self._rooms
        rooms.halts.lock(TradingState.HALTED, reason, now_ns=rooms.account_clock.now_ns(), owner=_OWNER)

    def _kept(self) -> list[KeptOrder]:
        return [
            KeptOrder(
                client_id=order.client_id,
                number=order.request.number,
                symbol=order.symbol,
                side=order.side.name.lower(),
                leaves=f"{order.instrument.size(order.leaves):f}",
                limit=None if order.limit is None else f"{order.instrument.price(order.limit):f}",
                stop=None if order.stop is None else f"{order.instrument.price(order.stop):f}",
                status=order.status.value,
            )
            for order in self._rooms.working
        ]
