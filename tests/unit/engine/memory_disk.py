"""A disk in memory that can run full, fail and lose its power as a real one does: sector by sector, in any order."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import dataclass, field

from engine.store.cipher import Cipher
from engine.store.tear import SECTOR_BYTES


@dataclass
class MemoryDisk:
    """A folder; what is written is not safe until it is synced."""

    where: str = "memory"
    room: int = 1 << 40
    """How many bytes of files it takes."""
    files: dict[str, MemoryFile] = field(default_factory=dict)
    synced_names: set[str] = field(default_factory=set)
    fails: dict[str, OSError] = field(default_factory=dict)
    """The error that an operation raises for now, by its name."""
    write_at_most: int | None = None
    """How many bytes a write takes for now."""
    before_sync: Callable[[], None] | None = None
    """What happens while a file is synced."""
    held: bool = False
    cipher: Cipher | None = None
    operations: int = 0
    _fails_once: dict[str, OSError] = field(default_factory=dict)
    _fails_at: dict[int, OSError] = field(default_factory=dict)

    def fail_once(self, operation: str, error: OSError) -> None:
        """Have the next operation of a name fail."""
        self._fails_once[operation] = error

    def fail_at(self, number: int, error: OSError) -> None:
        """Have the n-th operation from now on fail, whichever it is."""
        self._fails_at[self.operations + number] = error

    def check(self, operation: str) -> None:
        self.operations += 1
        error = (
            self._fails_once.pop(operation, None)
            or self._fails_at.pop(self.operations, None)
            or self.fails.get(operation)
        )
        if error is not None:
            raise error

    def hold(self) -> None:
        assert not self.held
        self.held = True

    def release(self) -> None:
        self.held = False

    def names(self) -> list[str]:
        self.check("names")
        return list(self.files)

    def create(self, name: str, size: int) -> MemoryFile:
        self.check("create")
        if size + sum(file.size for file in self.files.values()) > self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        assert name not in self.files
        self.files[name] = MemoryFile(self, bytearray(size), bytearray(size))
        return self.files[name]

    def open(self, name: str) -> MemoryFile:
        self.check("open")
        return self.files[name]

    def read(self, name: str, offset: int = 0, size: int = -1) -> bytes:
        self.check("read")
        if name not in self.files:
            raise FileNotFoundError(errno.ENOENT, "No such file")
        return bytes(self.files[name].data[offset : None if size < 0 else offset + size])

    def remove(self, name: str) -> None:
        del self.files[name]
        self.synced_names.discard(name)

    def sync_folder(self) -> None:
        self.check("sync_folder")
        self.synced_names = set(self.files)

    def lose_power(self, survives: Callable[[], bool]) -> None:
        """Leave of each sector that was not synced either what was written or what was there before."""
        self.held = False
        for name, file in list(self.files.items()):
            if name not in self.synced_names and not survives():
                del self.files[name]
            else:
                file.lose_power(survives)


@dataclass
class MemoryFile:
    """A file as the programs see it, and as it would be found after a loss of power."""

    disk: MemoryDisk
    data: bytearray
    synced: bytearray

    @property
    def size(self) -> int:
        return len(self.data)

    def write_at(self, offset: int, data: bytes | bytearray) -> int:
        self.disk.check("write")
        taken = data if self.disk.write_at_most is None else data[: self.disk.write_at_most]
        self.data[offset : offset + len(taken)] = taken
        return len(taken)

    def sync(self) -> None:
        self.disk.check("sync")
        begun = bytes(self.data)
        if self.disk.before_sync is not None:
            self.disk.before_sync()
        self.synced[:] = begun

    def close(self) -> None:
        """Nothing to let go of."""

    def lose_power(self, survives: Callable[[], bool]) -> None:
        for start in range(0, self.size, SECTOR_BYTES):
            sector = slice(start, start + SECTOR_BYTES)
            if self.data[sector] != self.synced[sector] and not survives():
                self.data[sector] = self.synced[sector]
        self.synced[:] = self.data
