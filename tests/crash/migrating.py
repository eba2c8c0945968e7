"""Kills a start at each step of its migration: what is there is the old journal or the new one, and the next start ends it.

`python -m tests.crash.migrating ROOT [--no-exchange]` dies at each thing that is asked of the system in turn, and prints how often as JSON.
With `--no-exchange` two names can't be exchanged in one step, as on some file systems.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from pathlib import Path

from engine.migrations.start import bring_up
from engine.migrations.swap import clear_up
from engine.store.disk import FolderDisk
from engine.store.segment import HEADER, SCHEMA_VERSION, number_of, schema_of
from tests.old_journal import entries_of, old_journal

DIED = 9
STEPS_MAX = 2_000


class Library:
    """A C library without a call that exchanges names."""


def dies_at(step: int, folder: Path) -> bool:
    """Migrate in a process that is gone at a step; return whether it died."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == DIED
    left = step

    def hook(event: str, _arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event.startswith(("open", "os.", "shutil.", "ctypes.dlsym", "fcntl.")):
            left -= 1
            if not left:
                os._exit(DIED)

    sys.addaudithook(hook)
    bring_up(folder)
    os._exit(0)


def schemas_in(folder: Path) -> set[int]:
    """Return the schemas that segments of a journal say."""
    disk = FolderDisk(folder)
    return {schema_of(disk.read(name, 0, HEADER.size)) for name in disk.names() if number_of(name)}


def main(root: Path) -> dict[str, int]:
    """Die at each step; return how often, and how often the old and the new one were there."""
    told = {"died": 0, "old": 0, "new": 0, "between": 0, "wrong": 0}
    for step in range(1, STEPS_MAX):
        folder = old_journal(root / str(step))
        expected = entries_of(folder)
        if not dies_at(step, folder):
            return told
        told["died"] += 1
        if not folder.exists():
            told["between"] += 1
            clear_up(folder)
        schemas = schemas_in(folder)
        told["old" if schemas == {1} else "new"] += 1
        is_whole = len(schemas) == 1 and entries_of(folder) == expected
        bring_up(folder)
        backups = list(folder.parent.glob("sim.schema-1-*"))
        is_kept = backups and all(entries_of(backup) == expected for backup in backups)
        is_over = schemas_in(folder) == {SCHEMA_VERSION} and entries_of(folder) == expected
        left = {path.name for path in folder.parent.iterdir()} - {"sim", *(backup.name for backup in backups)}
        told["wrong"] += not (is_whole and is_kept and is_over and not left)
    raise AssertionError("it never ends")


if __name__ == "__main__":
    if "--no-exchange" in sys.argv:
        ctypes.CDLL = lambda *_, **__: Library()  # type: ignore[assignment,misc]
    print(json.dumps(main(Path(sys.argv[1]))))
