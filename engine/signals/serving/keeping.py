"""Reads what was kept of versions, and writes it where it changed; to be called in a thread."""

from __future__ import annotations

from pathlib import Path

from engine.errors import DataError
from engine.files import whole_file
from engine.signals.serving.kept import encoded, read_kept
from engine.signals.serving.tally import Tally


class Keeping:
    """The file of one account; without a path nothing is kept, and what can't be read is not written over."""

    def __init__(self, path: Path | None) -> None:
        self.failure = ""
        """Why figures are not kept; empty where they are, or need not be."""
        self._path = path
        self._may_write = path is not None
        self._written: tuple[Tally, ...] = ()

    def read(self) -> tuple[Tally, ...]:
        """Return what an earlier session left; where that can't be read, say so and leave the file alone."""
        try:
            return read_kept(self._path) if self._path is not None else ()
        except DataError as error:
            self.failure, self._may_write = f"not kept: {error}; move it away to begin anew", False
            return ()

    def write(self, tallies: tuple[Tally, ...]) -> None:
        """Put this into the file, whole or not at all; nothing where nothing changed."""
        if self._path is None or not self._may_write or tallies == self._written:
            return
        try:
            with whole_file(self._path) as file:
                file.write(encoded(tallies))
        except OSError as error:
            self.failure = f"not kept: {self._path}: {error.strerror or error}"
        else:
            self._written, self.failure = tallies, ""
