"""Group commit: one sync makes durable all that was written before it began."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from engine.store.disk import File

_DURATIONS: Final = 1024


class Syncer:
    """Syncs the files that records were written to; one thread writes and tells, one other syncs."""

    def __init__(self, monotonic_ns: Callable[[], int]) -> None:
        self._monotonic_ns = monotonic_ns
        self._files: list[File] = []
        self._oldest_ns = 0
        self._durations = [0] * _DURATIONS
        self.syncs = 0
        """How many syncs there were."""
        self.total_ns = 0
        """How long all of them took."""
        self.written = 0
        """The last record's sequence."""
        self.synced = 0
        """The sequence up to which records survive a loss of power."""
        self.failure: OSError | None = None
        """The first sync that failed: the system may have dropped what it was to write, and would not say so again."""

    def begin(self, sequence: int) -> None:
        """Start with a journal that is synced up to a record."""
        self.written = self.synced = sequence

    def add(self, file: File) -> None:
        """Count a file among those that are written; what comes before it is complete."""
        self._files.append(file)

    def wrote(self, sequence: int) -> None:
        """Take note of a record that was written."""
        if self.synced == self.written:
            self._oldest_ns = self._monotonic_ns()
        self.written = sequence

    def sync_once(self) -> bool:
        """Sync what was written so far, and close the files that are complete; return whether more is durable."""
        written, files = self.written, tuple(self._files)
        if written == self.synced or self.failure is not None:
            return False
        start_ns = self._monotonic_ns()
        try:
            for file in files:
                file.sync()
        except OSError as error:
            self.failure = error
            return False
        took_ns = self._monotonic_ns() - start_ns
        self._durations[self.syncs % _DURATIONS] = took_ns
        self.total_ns += took_ns
        self.syncs += 1
        # In this order: a record that is written meanwhile began to wait after the sync began.
        self._oldest_ns = start_ns
        self.synced = written
        self._let_go(files[:-1])
        return True

    def _let_go(self, complete: tuple[File, ...]) -> None:
        del self._files[: len(complete)]
        for file in complete:
            file.close()

    def close(self) -> None:
        """Close the files."""
        for file in self._files:
            file.close()
        self._files.clear()

    @property
    def waiting_ns(self) -> int:
        """For how long the oldest record that is not synced has waited."""
        return self._monotonic_ns() - self._oldest_ns if self.synced != self.written else 0

    def quantile_us(self, share: float) -> float:
        """Return how long a sync took at a share of the latest ones, in microseconds; 0 before the first."""
        durations = sorted(self._durations[: min(self.syncs, _DURATIONS)])
        return durations[int(share * (len(durations) - 1))] / 1000 if durations else 0.0


class SyncThread:
    """Calls a piece of work when it is woken, not more often than it may, and again where it asks for it."""

    def __init__(self, work: Callable[[], float | None], pause_s: float) -> None:
        self._work = work
        self._pause_s = pause_s
        self._running: threading.Thread | None = None
        self._woken = threading.Event()
        self._is_woken = False
        """What the event says, without asking it: a lock is dear for what is asked with every record."""
        self._stopped = threading.Event()

    def start(self) -> None:
        """Start the thread."""
        self._running = threading.Thread(target=self._run, name="journal-sync", daemon=True)
        self._running.start()

    def wake(self) -> None:
        """Have the work done soon."""
        if not self._is_woken:
            self._is_woken = True
            self._woken.set()

    def stop(self) -> None:
        """End the thread after the work it is at."""
        self._stopped.set()
        self._woken.set()
        if self._running is not None:
            self._running.join()
            self._running = None

    def _run(self) -> None:
        again_s: float | None = 0.0
        while not self._stopped.is_set():
            self._woken.wait(again_s)
            self._woken.clear()
            self._is_woken = False  # in this order: who wakes from here on has its work done now or once more
            again_s = self._work()
            if self._pause_s:
                self._stopped.wait(self._pause_s)
