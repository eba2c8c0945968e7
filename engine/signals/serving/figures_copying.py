"""Kept figures as a backup has them: what gates read is lost with the disk else, and a shadow begins at nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from engine.errors import DataError
from engine.files import whole_file
from engine.signals.kept_path import SUFFIX
from engine.signals.serving.kept import read_kept

FOLDER: Final = "figures"
_JOURNALS: Final = "journal"


def copy_figures(data: Path, to: Path) -> tuple[str, ...]:
    """Copy the figures of each account there is, and return their names; what can't be read is no copy."""
    found = [
        path
        for path in figures_in(data / _JOURNALS)
        if path.with_name(path.name.removesuffix(SUFFIX)).is_dir() and _is_whole(path)
    ]
    if found:
        (to / FOLDER).mkdir(mode=0o700)
    for path in found:
        (to / FOLDER / path.name).write_bytes(path.read_bytes())
    return tuple(path.name for path in found)


def put_figures_back(source: Path, data: Path, aside: Path) -> tuple[str, ...]:
    """Put back those that are missing or can't be read, and return their names; what is there instead goes aside.

    Raises:
        OSError: something can't be written or moved.
    """
    restored = []
    for path in figures_in(source / FOLDER):
        there = data / _JOURNALS / path.name
        if there.exists() and _is_whole(there):
            continue
        there.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if there.is_symlink() or there.exists():
            (aside / FOLDER).mkdir(mode=0o700, parents=True, exist_ok=True)
            there.rename(aside / FOLDER / path.name)
        with whole_file(there) as file:
            file.write(path.read_bytes())
        restored.append(path.name)
    return tuple(restored)


def figures_in(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder that keep figures, by name."""
    yield from sorted(folder.glob(f"*{SUFFIX}"))


def _is_whole(path: Path) -> bool:
    try:
        read_kept(path)
    except DataError:
        return False
    return True
