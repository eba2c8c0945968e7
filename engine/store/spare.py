"""Keeps the next segment's file ready, so that a full disk is known before it hurts."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable

from engine.clock import NS_PER_S
from engine.errors import JournalError
from engine.store.disk import Disk, File
from engine.store.segment import name_of

RETRY_NS = NS_PER_S
"""How soon it is tried again where there was no room."""
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Spare:
    """One file of zeros ahead; made by whoever syncs, used by whoever appends."""

    def __init__(self, disk: Disk, segment_bytes: int, monotonic_ns: Callable[[], int]) -> None:
        self._disk = disk
        self._segment_bytes = segment_bytes
        self._monotonic_ns = monotonic_ns
        self._lock = threading.Lock()
        self._file: File | None = None
        self.number = 0
        """Which segment it is to be."""
        self._retry_ns = 0
        self.refusal = ""
        """Why there is none, in words."""

    def begin(self, number: int) -> None:
        """Make the file of a segment, and from then on always the next one."""
        self.number = number
        self.prepare()

    def prepare(self) -> None:
        """Make the file, if there is none and it is not too soon after a failure."""
        with self._lock:
            if self._file is None and (not self.refusal or self._monotonic_ns() >= self._retry_ns):
                self._make()

    def ready(self) -> File:
        """Return the file, making it if whoever syncs was too slow.

        Raises:
            JournalError: there is none and no room for one.
        """
        with self._lock:
            if self._file is None and not self.refusal:
                self._make()
            if self._file is None:
                raise JournalError(self.refusal)
            return self._file

    def used(self) -> None:
        """Have the file belong to the journal: the next one is due."""
        with self._lock:
            self._file = None
            self.number += 1

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _make(self) -> None:
        try:
            self._file = self._disk.create(name_of(self.number), self._segment_bytes)
            self._disk.sync_folder()
        except OSError as error:
            self._retry_ns = self._monotonic_ns() + RETRY_NS
            self.refusal = self._sentence(error)
        else:
            self.refusal = ""

    def _sentence(self, error: OSError) -> str:
        if error.errno in _NO_ROOM:
            size = f"{self._segment_bytes / 1048576:g} MiB"
            return f"no room for another {size} in {self._disk.where}: new orders are denied"
        reason = error.strerror or str(error)
        return f"the next segment in {self._disk.where} can't be made: {reason}: new orders are denied"
