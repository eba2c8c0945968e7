"""The files of an account that a backup takes along with its records: a snapshot, and the config folder."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import msgspec

from engine.store.backup.errors import BackupError
from engine.store.disk import FolderDisk

SNAPSHOT = ".snapshot"
CONFIG = "config/"
CONFIG_BYTES_MAX = 1 << 20
"""No file of settings is longer; what is, is something else and not taken."""


def snapshot_of(disk: FolderDisk, last: int) -> dict[str, bytes]:
    """Return the newest whole snapshot that ends with a record or before it, by name; nothing if there is none."""
    names = ((name.removesuffix(SNAPSHOT), name) for name in disk.names() if name.endswith(SNAPSHOT))
    found = sorted(((int(digits), name) for digits, name in names if digits.isdecimal()), reverse=True)
    for sequence, name in found:
        try:
            content = disk.read(name)
        except FileNotFoundError:  # the desk keeps the newest two and removes the others
            continue
        if sequence <= last and content[:1].strip(b"\0"):  # the first bytes of a snapshot are written last
            return {name: content}
    return {}


def config_of(folder: Path) -> dict[str, bytes]:
    """Return every settings file of the config folder by its name in the backup.

    Raises:
        BackupError: one can't be read.
    """
    found: dict[str, bytes] = {}
    try:
        for path in sorted(folder.rglob("*.toml")):
            if path.is_file() and not path.is_symlink() and path.stat().st_size <= CONFIG_BYTES_MAX:
                found[CONFIG + path.relative_to(folder).as_posix()] = path.read_bytes()
    except OSError as error:
        raise BackupError(f"{folder}: {error.strerror or error}") from error
    return found


def digest_of(files: Mapping[str, bytes]) -> bytes:
    """Return the SHA-256 of files with their names."""
    return sha256(msgspec.msgpack.encode(sorted(files.items()))).digest()
