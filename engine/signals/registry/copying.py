"""The registry as a backup has it: copied as it stands at one moment, and put back without losing what is there."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from engine.files import whole_file
from engine.signals.models.refusal import ModelRefused
from engine.signals.registry.event_store import FILE, unproven_events
from engine.signals.registry.events import REGISTER
from engine.signals.registry.folder import FOLDER, opened, write_folder
from engine.signals.registry.loading import SIZES
from engine.signals.registry.manifest import BYTES_MAX, unproven_manifest
from engine.signals.registry.manifest import NAME as MANIFEST

_SIZES: Final = {**SIZES, MANIFEST: BYTES_MAX}


class Copied(NamedTuple):
    """What was copied."""

    versions: tuple[str, ...]
    """Each as `NAME VERSION`."""
    left_out: tuple[str, ...]
    """Which are not what was registered, and why: a copy of that is no backup."""


class PutBack(NamedTuple):
    """What was put back."""

    versions: tuple[str, ...]
    """Those that were missing, or were not what had been registered."""
    stages: bool
    """Whether the events were put back; those that go on from what was backed up stay."""
    moved_aside: Path | None
    """Where that is now which was there instead."""


def copy_registry(data: Path, to: Path) -> Copied:
    """Copy the events, and each version that they name; nothing is copied where none was ever registered.

    Raises:
        ModelRefused: the events can't be read.
    """
    if not (data / FILE).exists():
        return Copied((), ())
    _copy_events(data / FILE, to / FILE)
    done, left_out = [], []
    for name, version in _versions(to / FILE):
        try:
            write_folder(to / FOLDER / name, version, _read(data / FOLDER, name, version))
        except ModelRefused as error:
            left_out.append(f"{name} {version}: {error}")
        else:
            done.append(f"{name} {version}")
    return Copied(tuple(done), tuple(left_out))


def put_back(source: Path, data: Path, aside: Path) -> PutBack:
    """Put back what is missing or damaged; what is there instead goes aside, and what goes on from the copy stays.

    Raises:
        ModelRefused: the copy can't be read.
        OSError: something can't be written or moved.
    """
    restored: list[str] = []
    for name, version in _versions(source / FILE):
        if _is_whole(data / FOLDER, name, version) or not _is_whole(source / FOLDER, name, version):
            continue
        _move_aside(data / FOLDER / name / version, aside / FOLDER / name)
        (data / FOLDER).mkdir(mode=0o700, exist_ok=True)
        write_folder(data / FOLDER / name, version, _read(source / FOLDER, name, version))
        restored.append(f"{name} {version}")
    stages = not _goes_on(data / FILE, source / FILE)
    if stages:
        _move_aside(data / FILE, aside)
        with whole_file(data / FILE) as file:
            file.write((source / FILE).read_bytes())
    return PutBack(tuple(restored), stages, aside if aside.exists() else None)


def _copy_events(source: Path, to: Path) -> None:
    """Copy the file as SQLite does it, so that whoever writes to it meanwhile is waited for."""
    os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as before,
            closing(sqlite3.connect(to)) as after,
        ):
            before.backup(after)
    except sqlite3.Error as error:
        raise ModelRefused(f"{source}: {error}") from error


def _versions(events: Path) -> Iterator[tuple[str, str]]:
    for event in unproven_events(events):
        if event.what == REGISTER:
            yield event.name, event.version


def _read(root: Path, name: str, version: str) -> dict[str, bytes]:
    """Return the files of a version, which its own id says they are."""
    with opened(root, name, version) as folder:
        files = {each: folder.read(each, bytes_max) for each, bytes_max in _SIZES.items()}
    manifest = unproven_manifest(files[MANIFEST])
    if manifest.id != version:
        raise ModelRefused(f"{root / name / version}: its manifest is that of {manifest.id}")
    for each in SIZES:
        if sha256(files[each]).hexdigest() != manifest.files.get(each):
            raise ModelRefused(f"{root / name / version / each}: it was changed since it was registered")
    return files


def _is_whole(root: Path, name: str, version: str) -> bool:
    try:
        _read(root, name, version)
    except ModelRefused:
        return False
    return True


def _goes_on(there: Path, kept: Path) -> bool:
    """Tell whether the events that are there are those that were kept, and perhaps more."""
    try:
        now, before = unproven_events(there), unproven_events(kept)
    except ModelRefused:
        return False
    return now[: len(before)] == before


def _move_aside(path: Path, to: Path) -> None:
    if os.path.lexists(path):
        to.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.rename(to / path.name)
