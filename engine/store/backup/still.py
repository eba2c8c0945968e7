"""A journal's folder held still while somebody writes it: what is read of it fits together."""

from __future__ import annotations

from pathlib import Path

from engine.store.disk import FolderDisk
from engine.store.segment import name_of, number_of, parse_header


class StillDisk(FolderDisk):
    """A folder as it was when this was made.

    Only the newest segment that was begun, and what lies ready behind it, can change. They are read once, from the
    last to the first: so whatever is whole in one, everything before it is whole in those that are read later.
    """

    __slots__ = ("_kept", "_names")

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._kept: dict[str, bytes] = {}
        self._names: list[str] | None = None

    def names(self) -> list[str]:
        """Return the names of what was in it.

        Raises:
            JournalError: the folder is not safe to use.
            FileDataError: a segment was written by a newer version.
        """
        if self._names is None:
            self._names = self._look(super().names())
        return self._names

    def read(self, name: str, offset: int = 0, size: int = -1) -> bytes:
        """Return a part of a file as it was, to its end unless a size is given."""
        kept = self._kept.get(name)
        if kept is None:
            return super().read(name, offset, size)
        return kept[offset:] if size < 0 else kept[offset : offset + size]

    def _look(self, names: list[str]) -> list[str]:
        gone: set[str] = set()
        for number in sorted(filter(None, map(number_of, names)), reverse=True):
            name = name_of(number)
            try:
                content = super().read(name)
            except FileNotFoundError:  # it lay ready, and the desk was closed
                gone.add(name)
                continue
            self._kept[name] = content
            if parse_header(content, str(self.path / name)) is not None:
                break
        return [name for name in names if name not in gone]
