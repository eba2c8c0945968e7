"""The audit log: a file that only grows, each entry on the disk before anybody is told that it is."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from engine.clock import Clock
from engine.files import sync_folder
from engine.ports.secrets import SecretsError
from engine.security.audit.entry import FIRST, Act, AuditBroken, Entry, read_entry, sealed
from engine.security.private_file import check_private

NAME: Final = "audit.log"
TORN: Final = "audit-torn"
"""What is written where a crash left half an entry behind, which nobody was told of."""
OPENED: Final = "touchline audit verify says whether it was changed"
"""What to do about a log that was open to others."""
_LINE_BYTES_MAX: Final = 1 << 16
_FLAGS: Final = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
_READING: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class AuditLog:
    """Writes entries one at a time; whoever else writes to the same file waits."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self._clock = clock

    def write(self, act: Act) -> Entry:
        """Write an entry behind the last one, and have it on the disk.

        Raises:
            AuditBroken: the end of the log is not what was written; nothing is written behind it.
            SecretsError: the file can't be written, or is not ours alone.
        """
        try:
            with self._held() as file:
                return self._append(file, act)
        except OSError as error:
            raise SecretsError(f"{self.path}: {error.strerror or error}") from error

    @contextmanager
    def _held(self) -> Iterator[int]:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_new = not self.path.exists()
        file = os.open(self.path, _FLAGS, 0o600)
        try:
            check_private(self.path, os.fstat(file), OPENED)
            fcntl.flock(file, fcntl.LOCK_EX)
            if is_new:
                sync_folder(self.path.parent)
            yield file
        finally:
            os.close(file)

    def _append(self, file: int, act: Act) -> Entry:
        last, torn = self._last(file)
        if torn:
            os.ftruncate(file, os.fstat(file).st_size - torn)
            note = Act(who="touchline", what=TORN, origin="engine", before=f"{torn} bytes", after="cut off")
            last = self._put(file, note, last)
        return self._put(file, act, last)

    def _put(self, file: int, act: Act, last: Entry | None) -> Entry:
        number, previous = (last.number + 1, last.hash) if last is not None else (1, FIRST)
        entry = sealed(act, number, self._clock.now_ns(), previous)
        line = memoryview(entry.line())
        if len(line) > _LINE_BYTES_MAX:
            raise SecretsError(f"{self.path}: an entry of {len(line):,} bytes is too long")
        while line:
            line = line[os.write(file, line) :]
        os.fsync(file)
        return entry

    def _last(self, file: int) -> tuple[Entry | None, int]:
        """Return the last whole entry, and how many bytes of a torn one are behind it."""
        size = os.fstat(file).st_size
        tail = os.pread(file, 2 * _LINE_BYTES_MAX, max(0, size - 2 * _LINE_BYTES_MAX))
        whole, newline, torn = tail.rpartition(b"\n")
        if not newline:
            if len(torn) > _LINE_BYTES_MAX:
                raise AuditBroken(f"{self.path}: its end is no entry")
            return None, len(torn)
        return read_entry(whole.rpartition(b"\n")[2], f"{self.path}: the last entry"), len(torn)


def entries_in(path: Path) -> Iterator[Entry]:
    """Yield the entries of a log, each checked and held against the one before it.

    Half an entry at the end is left out: a crash left it and nobody was told of it, or it is just being written.

    Raises:
        AuditBroken: says at which entry the chain breaks, and how.
        SecretsError: the file can't be read, or is not ours alone.
    """
    last: Entry | None = None
    for line in _lines(path):
        number = last.number + 1 if last is not None else 1
        if not line.endswith(b"\n"):
            if len(line) <= _LINE_BYTES_MAX:
                return
            raise AuditBroken(
                f"{path}: {len(line):,} bytes at the end, behind entry {number - 1}, are no entry"
            )
        entry = read_entry(line[:-1], f"{path}: entry {number}")
        if entry.number != number:
            raise AuditBroken(f"{path}: {_misplaced(entry.number, number)}")
        if entry.previous != (last.hash if last is not None else FIRST):
            raise AuditBroken(f"{path}: entry {number} does not follow entry {number - 1}: one was replaced")
        last = entry
        yield entry


def _misplaced(found: int, expected: int) -> str:
    if found < expected:
        return f"expected entry {expected}, found entry {found} again or moved"
    missing = f"entry {expected}" if found == expected + 1 else f"entries {expected} to {found - 1}"
    return f"expected entry {expected}, found entry {found}: {missing} removed or moved"


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with os.fdopen(os.open(path, _READING), "rb") as file:
            check_private(path, os.fstat(file.fileno()), OPENED)
            while line := file.readline(_LINE_BYTES_MAX + 1):
                yield line
    except FileNotFoundError:
        return
    except OSError as error:
        raise SecretsError(f"{path}: {error.strerror or error}") from error
