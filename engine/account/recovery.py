"""Brings an account back from its journal, before anything else may happen."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct
from msgspec.structs import replace

from engine.errors import DataError, FileDataError, JournalError
from engine.messages.commands import TradingState
from engine.messages.events import FlattenEnded, SessionBegan
from engine.messages.state import SnapshotHead
from engine.model.order import OrderStatus
from engine.replica import Replica
from engine.risk.halt import TradingHalts
from engine.rooms import Recovered, Rooms
from engine.store.backup.marker import restored_at
from engine.store.disk import Disk
from engine.store.journal import SegmentJournal
from engine.store.reading import JournalReader
from engine.store.snapshots import Snapshots
from engine.version import program_version

_UNDERWAY = frozenset({OrderStatus.PENDING_NEW, OrderStatus.PENDING_CANCEL, OrderStatus.PENDING_REPLACE})
CUT_SHORT = "the engine stopped before it was answered"
_NOT_OVER = "the engine stopped before it was over"


def read_back(replica: Replica, disk: Disk, followed: Replica | None = None) -> int:
    """Bring a replica to the end of the journal; return how many records had to be read.

    One that followed the journal so far stands in for the newest snapshot.

    Raises:
        FileDataError: the journal is damaged; the message says what to do.
        JournalError: what its records say can't be.
    """
    try:
        found = _state_of(followed, disk) or Snapshots(disk).newest()
        with _collector_resting():
            if found is not None:
                replica.restore(*found)
            begun = replica.sequence
            for entry in JournalReader(disk, after=begun):
                replica.apply(entry.record, entry.sequence, entry.time_ns)
    except FileDataError:
        raise
    except DataError as error:
        raise JournalError(f"{disk.where}: {error}") from error
    return replica.sequence - begun


def _state_of(followed: Replica | None, disk: Disk) -> tuple[SnapshotHead, Iterator[Struct]] | None:
    """Return the state of a replica, if the last record that it followed is the one that the journal has there."""
    if followed is None or not followed.sequence:
        return None
    try:
        entry = next(iter(JournalReader(disk, after=followed.sequence - 1)), None)
    except FileDataError:  # it is another one, or damaged, which is told when it is read whole
        return None
    if entry is None or (entry.sequence, entry.time_ns) != (followed.sequence, followed.time_ns):
        return None
    records = followed.capture()
    head = next(records)
    assert isinstance(head, SnapshotHead)
    return head, records


@contextmanager
def _collector_resting() -> Iterator[None]:
    """Keep the collector from walking what a start makes, again and again: nothing of it is garbage."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def found_in(replica: Replica, read: int, torn_bytes: int) -> Recovered:
    """Sum up what a replica was brought back to."""
    orders = replica.history.blotter.orders.values()
    return Recovered(
        records=replica.sequence,
        read=read,
        last_ns=replica.time_ns,
        working=sum(order.is_open for order in orders),
        unanswered=sum(order.status in _UNDERWAY for order in orders),
        cut_short=replica.session is not None and replica.ended is None,
        torn_bytes=torn_bytes,
        flattens=tuple(replica.history.flattens),
    )


def last_written_ns(journal: SegmentJournal) -> int:
    """Return when the last record of a journal was written; 0 for a new one.

    Raises:
        FileDataError: it is damaged.
    """
    return max(
        (entry.time_ns for entry in JournalReader(journal.disk, after=journal.sequence - 1)), default=0
    )


def recover(rooms: Rooms, followed: Replica | None = None) -> None:
    """Bring the account back to where its journal ends, and begin a session.

    What was underway has an unknown fate until the broker is asked; a flatten is named and not gone on with.

    Raises:
        FileDataError: the journal is damaged; the message says what to do.
        JournalError: what its records say can't be.
    """
    replica, journal = rooms.replica, rooms.journal
    read = read_back(replica, journal.disk, followed)
    rooms.recovered = replace(
        found_in(replica, read, journal.torn_bytes), restored=restored_at(journal.disk, replica.sequence)
    )
    orders = list(replica.history.blotter.orders.values())
    number = _highest_number(replica)
    rooms.ids.go_on_from(number)
    for order in orders:
        if order.status in _UNDERWAY:
            rooms.orders.give_up_waiting(order, CUT_SHORT)
    for symbol in rooms.recovered.flattens:
        ended = FlattenEnded(symbol, _NOT_OVER, rooms.clock.now_ns())
        rooms.orders.scribe.note(ended)
        replica.history.flatten_ended(ended)
    _take_up_latch(rooms)
    if replica.marked is not None:
        rooms.valuation.resume(replica.marked)
    rooms.ledger.note_rate = rooms.orders.scribe.rate
    began = SessionBegan(rooms.ids.run, program_version(), rooms.account_clock.now_ns(), number)
    rooms.orders.scribe.note(began)
    replica.began(began)


def _take_up_latch(rooms: Rooms) -> None:
    """Let what the halts' own file forbids hold too, and note what is in force from the start."""
    if rooms.latch is not None:
        for event in rooms.latch.stricter(rooms.clock.now_ns()):
            rooms.orders.scribe.note(event)
            rooms.halts.apply(event)
        rooms.latch.follow()
    rooms.firm.begin()
    rooms.recovered = replace(rooms.recovered, halts=tuple(_in_force(rooms.halts)))


def _in_force(halts: TradingHalts) -> Iterator[str]:
    """Yield what a person put out of trading, in sentences."""
    scopes = [
        ("everything", halts.said),
        ("every desk", halts.firm),
        *halts.said_symbols.items(),
        *halts.strategies.items(),
    ]
    for name, halt in scopes:
        if halt.state is not TradingState.ACTIVE:
            yield f"{name} is {halt.state.value}: {halt.reason}"


def _highest_number(replica: Replica) -> int:
    """Return the highest short number that an order ever had."""
    before = replica.session.order_number if replica.session is not None else 0
    orders = replica.history.blotter.orders.values()
    return max(before, max((order.request.number for order in orders), default=0))
