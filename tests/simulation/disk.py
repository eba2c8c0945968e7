"""A disk in memory that can lose power, fill up, fail and stop the world in the middle of a write."""

from __future__ import annotations

import errno
from collections.abc import Callable
from random import Random

from engine.store.cipher import Cipher

SECTOR = 512


class Crash(BaseException):
    """The process ends here: nothing may catch it but the simulation."""


class SimulatedFile:
    """What the system has of a file, and what the disk has."""

    def __init__(self, disk: SimulatedDisk, size: int) -> None:
        self._disk = disk
        self.data = bytearray(size)
        self.safe = bytearray(size)
        self._dirty: set[int] = set()

    @property
    def size(self) -> int:
        return len(self.data)

    def write_at(self, offset: int, data: bytes | bytearray) -> int:
        cut = self._disk.step("write", len(data))
        self.data[offset : offset + cut] = data[:cut]
        self._dirty.update(range(offset // SECTOR, (offset + max(cut, 1) - 1) // SECTOR + 1))
        if cut < len(data):
            raise Crash(f"in a write, after {cut} of {len(data)} bytes")
        return cut

    def sync(self) -> None:
        self._disk.step("sync")
        self.safe[:] = self.data
        self._dirty.clear()

    def close(self) -> None:
        """Closing saves nothing."""

    def lose_power(self, random: Random) -> None:
        """Keep what was synced, and of the rest whatever sectors the disk got round to."""
        for sector in sorted(self._dirty):
            if random.random() < 0.5:
                part = slice(sector * SECTOR, (sector + 1) * SECTOR)
                self.safe[part] = self.data[part]
        self.data[:] = self.safe
        self._dirty.clear()


class SimulatedDisk:
    """One folder of the journal's port `Disk`."""

    where = "the simulated disk"
    cipher: Cipher | None = None

    def __init__(self) -> None:
        self._files: dict[str, SimulatedFile] = {}
        self._safe_names: set[str] = set()
        self.sizes: list[int] = []
        """The bytes of every write, and 0 of every sync and every file made: where a crash may be put."""
        self.crash_at: int | None = None
        """The step at which the process ends."""
        self.crash_cut = 0
        """How many bytes of that write are still written."""
        self.failing: Callable[[str], int | None] = lambda _what: None
        """Return the system's error number for a step that is to fail."""

    @property
    def steps(self) -> int:
        """How many there were."""
        return len(self.sizes)

    def step(self, what: str, size: int = 0) -> int:
        """Count a step; return how many bytes of it happen."""
        self.sizes.append(size)
        if self.steps == self.crash_at:
            self.crash_at = None
            if what == "write":
                return min(self.crash_cut, size - 1)
            raise Crash(f"before a {what}")
        number = self.failing(what)
        if number is not None:
            raise OSError(number, errno.errorcode[number])
        return size

    def hold(self) -> None:
        """There is nobody else."""

    def release(self) -> None:
        """There is nobody else."""

    def names(self) -> list[str]:
        return list(self._files)

    def create(self, name: str, size: int) -> SimulatedFile:
        assert name not in self._files, f"{name} is there already"
        self.step("create")
        file = self._files[name] = SimulatedFile(self, size)
        return file

    def open(self, name: str) -> SimulatedFile:
        return self._files[name]

    def read(self, name: str, offset: int = 0, size: int = -1) -> bytes:
        data = self._files[name].data
        return bytes(data[offset:] if size < 0 else data[offset : offset + size])

    def remove(self, name: str) -> None:
        self._files.pop(name)
        self._safe_names.discard(name)

    def sync_folder(self) -> None:
        self.step("sync")
        self._safe_names = set(self._files)

    def holds(self, text: bytes, *, after_power_loss: bool) -> bool:
        """Return whether some bytes are on the disk, or at least with the system."""
        files = self._files.items()
        if after_power_loss:
            return any(text in file.safe for name, file in files if name in self._safe_names)
        return any(text in file.data for _, file in files)

    def lose_power(self, random: Random) -> None:
        """Turn the power off and on: names that were not synced may be gone."""
        for name in [name for name in self._files if name not in self._safe_names]:
            if random.random() < 0.5:
                del self._files[name]
        for file in self._files.values():
            file.lose_power(random)
        self._safe_names = set(self._files)
