"""Follows the journal in a thread of its own, and keeps what is derived from it: projection and snapshots.

It reads the files that the engine writes, through a replica of its own: the engine never waits for it, and what it
shows has passed through the disk.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from engine.errors import EngineError, FileDataError
from engine.messages.views import HealthState
from engine.model.account import AccountMode
from engine.observe.health import Reading
from engine.ports.tracing import OFF, Tracer
from engine.projector import Projector
from engine.replica import Replica, standalone
from engine.rooms import Rooms
from engine.store.disk import Disk
from engine.store.inspection import inspect
from engine.store.patience import Patience
from engine.store.projection import Projection, remove_database
from engine.store.reading import Entry, JournalFollower
from engine.store.rows import Row
from engine.store.snapshots import Snapshots

BATCH = 500
LOOK_EVERY_S = 0.25
BEHIND_MAX = 20_000
"""What it may lag behind and still be well."""
_REST_S = 0.002
"""Between two batches, so that catching up leaves the processor to the engine."""
_AGAIN = "it is tried again, and trading goes on"


class Keeper:
    """One thread, one replica, one database; starts where the newest snapshot and the database allow."""

    def __init__(
        self,
        disk: Disk,
        database: Path,
        base_currency: str,
        snapshot_every: int,
        synced: Callable[[], int],
        found: int,
        tracer: Tracer = OFF,
    ) -> None:
        """Follow the journal on `disk`; `synced` tells up to where a loss of power would leave it.

        `found` is the last record that it had when it was opened: a database that shows more is of another past.
        """
        self._disk = disk
        self._found = found
        self._synced = synced
        self._base_currency = base_currency
        self._snapshot_every = snapshot_every
        self._database = database
        self._projection = Projection(database, tracer) if disk.cipher is None else None
        """None beside a sealed journal, of which nothing is kept open."""
        self._snapshots = Snapshots(disk)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="touchline-keeper", daemon=True)
        self._snapshot_at = 0
        self._snapshot_patience = Patience()
        self._inspection: Iterator[int] = iter(())
        self.sequence = 0
        """The last record that the projection shows."""
        self.failure = ""
        """Why the projection does not keep up; empty while it does. It is tried again."""
        self.snapshot_failure = ""
        """Why the latest snapshot could not be written; it is tried again."""
        self.damage = ""
        """What is damaged in the part of the journal that the start did not read."""
        self.alarm: Callable[[str], None] = lambda _: None
        """Told of damage, on the keeper's thread."""

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Take in what is left, then let go."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def reading(self, written: int) -> Reading:
        """Return how it is, given the last record that was written; the number is of those it is behind."""
        behind = max(0, written - self.sequence)
        if self.damage:
            return Reading(HealthState.DOWN, "journal damaged", self.damage, behind)
        if self.failure:
            return Reading(HealthState.DOWN, f"{behind:,} behind", f"{self.failure}; {_AGAIN}", behind)
        if not self.sequence:
            return Reading(HealthState.OFF, "starting", "", behind)
        if self.snapshot_failure:
            why = f"no snapshot: {self.snapshot_failure}; {_AGAIN}"
            return Reading(HealthState.DEGRADED, f"{behind:,} behind", why, behind)
        state = HealthState.OK if behind <= BEHIND_MAX else HealthState.DEGRADED
        return Reading(state, f"{behind:,} behind", f"shows record {self.sequence:,}", behind)

    def _run(self) -> None:
        """Follow until it is told to stop; what fails is begun again where the files allow."""
        self._inspection, patience = inspect(self._disk, self._found), Patience()
        while True:
            begun_at = self.sequence
            try:
                self._open()
                self._follow()
            except (EngineError, OSError, sqlite3.Error) as error:
                self.failure = str(error)
            except Exception as error:  # noqa: BLE001  # a thread that ends must not end unseen
                self.failure = f"{type(error).__name__}: {error}"
            finally:
                if self._projection is not None:
                    self._projection.close()
            if self.sequence > begun_at:
                patience = Patience()
            if self._stopping.wait(patience.longer_s()):
                return

    def _open(self) -> None:
        if self._projection is not None:
            self._projection.open()
        else:
            remove_database(self._database)

    def _follow(self) -> None:
        projector = Projector(self._begin())
        replica = projector.replica
        self.failure = ""
        follower = JournalFollower(self._disk, after=replica.sequence)
        while True:
            stopping = self._stopping.is_set()
            while self._take(projector, follower.more()):
                self._snapshot_if_due(replica)
                if not stopping:
                    self._stopping.wait(_REST_S)
            self._snapshot_if_due(replica)
            self._inspect()
            if stopping:
                return
            self._stopping.wait(LOOK_EVERY_S)

    def _begin(self) -> Replica:
        """Return a replica at the newest snapshot that the database has seen, else at the beginning."""
        replica, found = standalone(self._base_currency), self._snapshots.newest()
        known = max(self._found, self.sequence)
        shown = self._projection.sequence if self._projection is not None else known
        if found is not None and found[0].sequence <= shown <= known:
            replica.restore(*found)
            replica.history.blotter.take_changed()  # the tables have them
        elif self._projection is not None and shown:
            self._projection.begin_again()
        self._snapshot_at = found[0].sequence if found is not None else 0
        return replica

    def _take(self, projector: Projector, entries: Iterable[Entry]) -> bool:
        """Apply and project a batch of entries; return whether there was any."""
        replica = projector.replica
        first, rows = replica.sequence, projector.take(islice(entries, BATCH))
        if replica.sequence == first:
            return False
        if self._projection is not None:
            self._project(self._projection, rows, replica.sequence)
        self.sequence, self.failure = replica.sequence, ""
        return True

    def _project(self, projection: Projection, rows: list[Row], sequence: int) -> None:
        """Write a batch, as often as it takes: what was read of the journal is not read again for a full disk.

        Raises:
            sqlite3.Error: the file is damaged, or it is time to stop.
        """
        patience = Patience()
        while True:
            try:
                projection.write(rows, sequence)
            except sqlite3.OperationalError as error:
                self.failure = str(error)
                if self._stopping.wait(patience.longer_s()):
                    raise
            else:
                return

    def _snapshot_if_due(self, replica: Replica) -> None:
        """Write a snapshot where enough was recorded since the last; one that fails is tried again later."""
        due = replica.sequence - self._snapshot_at >= self._snapshot_every and self._snapshot_patience.is_over
        if not due or replica.sequence > self._synced():  # it must not know more than the journal keeps
            return
        try:
            self._snapshot_at = self._snapshots.write(replica.capture()).sequence
        except OSError as error:
            self.snapshot_failure = error.strerror or str(error)
            self._snapshot_patience.longer_s()
        else:
            self.snapshot_failure, self._snapshot_patience = "", Patience()

    def _inspect(self) -> None:
        """Check one more segment of those that were there at the start."""
        try:
            next(self._inspection, None)
        except FileDataError as error:
            self.damage = f"{error}; orders and positions are from a snapshot, and trading goes on"
            self.alarm(self.damage)


def keeper_of(rooms: Rooms) -> Keeper | None:
    """Return the keeper of an account; a replay's journal is only kept for reading."""
    mode = rooms.account.mode
    if mode is AccountMode.REPLAY:
        return None
    return Keeper(
        rooms.journal.disk,
        rooms.folders.data / f"{Path(rooms.journal.disk.where).name}.sqlite3",
        rooms.account.base_currency,
        rooms.settings.journal.snapshot_every,
        lambda: rooms.journal.synced,
        rooms.recovered.records,
        rooms.tracer,
    )
