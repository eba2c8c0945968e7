"""Leaving on purpose: working orders are kept, cancelled or flattened, and what is left is written down."""

from __future__ import annotations

import os

import msgspec
from msgspec import Struct

from engine.messages.commands import Leave, LeaveChoice, TradingState
from engine.messages.events import SessionEnded, Severity
from engine.model.account import AccountMode
from engine.rooms import Rooms

RESUME_FILE = "resume.json"
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


class Leaving:
    """Brings the account to the state in which a person wants to leave it; no new order is taken meanwhile."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._choice: LeaveChoice | None = None

    def begin(self, command: Leave) -> None:
        """Stop taking orders, and ask for what was chosen; its proof is in the orders and positions."""
        rooms = self._rooms
        self._choice = command.choice
        reason = f"the desk is closing: {command.choice.value}"
        rooms.halts.lock(TradingState.HALTED, reason, now_ns=rooms.clock.now_ns(), owner=_OWNER)
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

    def finish(self) -> None:
        """Write down that the session ended on purpose, and how."""
        rooms = self._rooms
        rooms.mark()
        kept = tuple(order.client_id for order in rooms.working)
        choice = self._choice.value if self._choice is not None else ("none" if not kept else "keep")
        ended = SessionEnded(kept, choice, rooms.clock.now_ns())
        rooms.orders.scribe.note(ended)
        rooms.replica.ended_by(ended)
        if rooms.account.mode is AccountMode.REPLAY:
            return  # nothing of it is gone on with
        self._write_resume(ended)

    def _write_resume(self, ended: SessionEnded) -> None:
        path = self._rooms.folders.data / RESUME_FILE
        half = path.with_suffix(".half")
        try:
            half.unlink(missing_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            with os.fdopen(os.open(half, flags, 0o600), "wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(self._resume(ended))))
            half.replace(path)
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
        )

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
