"""A backup folder: pieces of one account's journal, numbered, each there once its manifest is.

00000001.base  00000001.manifest  00000002.increment  00000002.manifest  ...
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec

from engine.files import PART_SUFFIX, sync_folder, whole_file
from engine.model.undecodable import UNDECODABLE
from engine.store.backup.errors import BackupError, DamagedBackup, WrongKey
from engine.store.backup.manifest import BASE, INCREMENT, Manifest
from engine.store.backup.sealed import SealedWriter, open_sealed
from engine.store.key_ring import Key, KeyRing

_MANIFEST = re.compile(r"(\d{8})\.manifest")
_DATA = re.compile(rf"(\d{{8}})\.(?:{BASE}|{INCREMENT})")
_LOCK = "lock"


class Piece(NamedTuple):
    """One piece, as its manifest tells it."""

    manifest: Manifest
    digest: bytes
    """SHA-256 of the manifest file, by which the next piece names it."""


class BackupFolder:
    """The pieces of one account's backup."""

    def __init__(self, path: Path, mode: str) -> None:
        self.path = path / mode
        self.mode = mode

    @contextmanager
    def held(self) -> Iterator[None]:
        """Make the folder if need be, keep other backups out, and clear away what a broken one left.

        Raises:
            BackupError: another backup is being written, or the folder can't be used.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise BackupError(f"{self.path}: {error.strerror or error}") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._clear()
            yield
        except BlockingIOError:
            raise BackupError(f"{self.path}: another backup is being written there; wait for it") from None
        finally:
            os.close(lock)

    def numbers(self) -> list[int]:
        """Return the numbers of the pieces, in order.

        Raises:
            BackupError: the folder can't be read.
        """
        return sorted(int(found[1]) for name in self._names() if (found := _MANIFEST.fullmatch(name)))

    def read(self, number: int, keys: KeyRing) -> Piece:
        """Open the manifest of a piece, and look whether the data are as long as it says.

        Raises:
            WrongKey: it was sealed with a key that is not at hand.
            DamagedBackup: it is not what was written.
        """
        path = self.path / f"{number:08d}.manifest"
        with explained(path):
            content = path.read_bytes()
            plain = b"".join(open_sealed(BytesIO(content), keys, self._sealed_name(path.name)))
            manifest = msgspec.msgpack.decode(plain, type=Manifest)
        data = self.path / manifest.data_name
        with explained(data):
            size = data.stat().st_size
            if size != manifest.data_bytes:
                raise DamagedBackup(f"it has {size:,} bytes, its manifest says {manifest.data_bytes:,}")
        return Piece(manifest, sha256(content).digest())

    def is_base(self, number: int) -> bool:
        """Tell by its name whether a piece is a base, for one whose manifest can't be opened."""
        return (self.path / f"{number:08d}.{BASE}").exists()

    def digest(self, number: int) -> bytes:
        """Return the SHA-256 of a manifest file, empty if there is none."""
        path = self.path / f"{number:08d}.manifest"
        return sha256(path.read_bytes()).digest() if path.exists() else b""

    def data(self, piece: Piece, keys: KeyRing) -> Iterator[bytes]:
        """Yield the data of a piece.

        Raises:
            WrongKey: they were sealed with a key that is not at hand.
            DamagedBackup: they are not what was written; what was yielded so far must not be used.
        """
        path = self.path / piece.manifest.data_name
        with explained(path), path.open("rb") as file:
            watched = _Watched(file)
            yield from open_sealed(watched, keys, self._sealed_name(path.name))
            if watched.digest.digest() != piece.manifest.data:
                raise DamagedBackup("it is sealed, but is not the file that its manifest names")

    @contextmanager
    def new_data(self, name: str, key: Key) -> Iterator[SealedWriter]:
        """Seal the data of a new piece; they take their name once they are whole."""
        with whole_file(self.path / name) as file:
            writer = SealedWriter(file, key, self._sealed_name(name))
            yield writer
            writer.close()

    def publish(self, manifest: Manifest, key: Key) -> None:
        """Seal the manifest of a piece whose data are in place; from then on the piece is there."""
        name = f"{manifest.stem}.manifest"
        with whole_file(self.path / name) as file:
            writer = SealedWriter(file, key, self._sealed_name(name))
            writer.write(msgspec.msgpack.encode(manifest))
            writer.close()

    def remove(self, piece: Piece) -> None:
        """Take a piece away, its manifest first."""
        (self.path / f"{piece.manifest.stem}.manifest").unlink(missing_ok=True)
        sync_folder(self.path)
        (self.path / piece.manifest.data_name).unlink(missing_ok=True)

    def _clear(self) -> None:
        """Remove what no manifest speaks of: only the holder of the lock writes, so nobody is at it."""
        numbers = set(self.numbers())
        for name in self._names():
            data = _DATA.fullmatch(name.removesuffix(PART_SUFFIX))
            unfinished = name.endswith(PART_SUFFIX) and _MANIFEST.fullmatch(name.removesuffix(PART_SUFFIX))
            if unfinished or (data and (name.endswith(PART_SUFFIX) or int(data[1]) not in numbers)):
                (self.path / name).unlink(missing_ok=True)

    def _names(self) -> list[str]:
        try:
            return [path.name for path in self.path.iterdir()]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise BackupError(f"{self.path}: {error.strerror or error}") from error

    def _sealed_name(self, name: str) -> str:
        return f"{self.mode}/{name}"


class _Watched(BytesIO):
    """Hashes a file while it is read."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        self.digest = sha256()

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, and take what was read into the hash."""
        data = self._file.read(-1 if size is None else size)
        self.digest.update(data)
        return data


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Say of which file it is what is wrong with it."""
    try:
        yield
    except FileNotFoundError as error:
        raise DamagedBackup(f"{path} is missing") from error
    except OSError as error:
        raise DamagedBackup(f"{path}: {error.strerror or error}") from error
    except UNDECODABLE as error:
        raise DamagedBackup(f"{path}: {error}") from error
    except (WrongKey, DamagedBackup) as error:
        raise type(error)(f"{path}: {error}") from error
