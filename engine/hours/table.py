"""An exchange's sessions as they travel between processes and lie on disk."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
from msgspec import Struct

from engine.hours.schedule import Schedule, Stretch
from engine.model.undecodable import UNDECODABLE


class SessionTable(Struct, frozen=True, forbid_unknown_fields=True):
    """The sessions of one calendar over whole years, ns UTC."""

    calendar: str
    first_ns: int
    last_ns: int
    stretches: tuple[Stretch, ...]

    def schedule(self) -> Schedule:
        """Return it in the form that is asked on every order."""
        return Schedule(self.first_ns, self.last_ns, self.stretches)


def read_table(path: Path) -> SessionTable | None:
    """Read a table from the cache; None when there is none or it is damaged."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=SessionTable)
    except (OSError, *UNDECODABLE):
        return None


def write_table(path: Path, table: SessionTable) -> None:
    """Put a table in the cache, whole or not at all.

    Raises:
        OSError: the folder can't be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_bytes(msgspec.json.encode(table))
    part.replace(path)
