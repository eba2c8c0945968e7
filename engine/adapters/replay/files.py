"""Opens files of any kind for reading line by line, with a bound on what is kept."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from engine.errors import FileDataError
from engine.model.text import clean

LINE_BYTES_MAX = 8 * 2**20
"""A longer line is refused; the longest real one, a whole book, has about 3 MB."""
HEAD_BYTES = 2 * 2**20
"""How much of a text file is looked at to see what it is."""
SCAN_BYTES_MAX = 64 * 2**20
"""A compressed file up to this size is read once more to learn when it ends."""

_PARQUET = b"PAR1"
_GZIP = b"\x1f\x8b"
_ZIP = b"PK"
_BROKEN = (EOFError, zlib.error, zipfile.BadZipFile, gzip.BadGzipFile)
_UNREADABLE = (*_BROKEN, OSError, RuntimeError, NotImplementedError)


def check_file(path: Path) -> None:
    """Check that there is a file with something in it that may be read.

    Raises:
        FileDataError: says what there is instead.
    """
    try:
        if path.is_dir():
            raise FileDataError(str(path), "expected a file, found a directory")
        if not path.exists():
            raise FileDataError(str(path), "expected a file, found nothing")
        if not path.is_file():
            raise FileDataError(str(path), "expected a regular file")
        with path.open("rb") as file:
            if not file.read(1):
                raise FileDataError(str(path), "expected data, found an empty file")
    except (OSError, ValueError) as error:
        raise FileDataError(str(path), clean(getattr(error, "strerror", None) or str(error))) from error


def is_parquet(path: Path) -> bool:
    """Tell by its first bytes whether it is a parquet file."""
    return _magic(path).startswith(_PARQUET)


def head_lines(path: Path) -> list[bytes]:
    """Return the whole lines within the first two megabytes of the file's text.

    Raises:
        FileDataError: not even the first bytes can be read.
    """
    head = b""
    try:
        with _opened(path) as file:
            while len(head) < HEAD_BYTES and (piece := file.read1(2**16)):
                head += piece
    except _UNREADABLE as error:
        if not head:
            raise _refusal(path, None, error) from error
    head = head[:HEAD_BYTES]
    lines = head.split(b"\n")
    return lines[:-1] if len(head) == HEAD_BYTES and len(lines) > 1 else lines


def last_line(path: Path) -> bytes | None:
    """Return the last line that is not blank; None where finding it would take too long or fails."""
    plain = not _magic(path).startswith((_GZIP, _ZIP))
    try:
        if not plain and path.stat().st_size > SCAN_BYTES_MAX:
            return None
        tail = _plain_tail(path) if plain else _packed_tail(path)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, FileDataError):
        return None
    return tail.strip().rsplit(b"\n", 1)[-1] or None


def lines(path: Path) -> Iterator[tuple[int, bytes | None]]:
    """Iterate over row number and line, without its end; None for a line that is too long.

    Raises:
        FileDataError: the file breaks off or can't be read further; names the row.
    """
    row = 0
    try:
        with _opened(path) as file:
            while line := file.readline(LINE_BYTES_MAX + 1):
                row += 1
                if len(line) > LINE_BYTES_MAX:
                    _skip_line(file)
                    yield row, None
                else:
                    yield row, line.rstrip(b"\r\n")
    except _UNREADABLE as error:
        raise _refusal(path, row + 1, error) from error


def _skip_line(file: io.BufferedReader[Any]) -> None:
    while (piece := file.readline(2**16)) and not piece.endswith(b"\n"):
        pass


@contextmanager
def _opened(path: Path) -> Iterator[io.BufferedReader[Any]]:
    magic = _magic(path)
    if magic.startswith(_GZIP):
        with gzip.open(path) as packed, io.BufferedReader(packed, 2**17) as file:
            yield file
    elif magic.startswith(_ZIP):
        with zipfile.ZipFile(path) as archive, archive.open(_member(path, archive)) as member:
            yield io.BufferedReader(cast("io.RawIOBase", member), 2**17)
    else:
        with path.open("rb") as file:
            yield file


def _member(path: Path, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) != 1:
        raise FileDataError(str(path), f"expected one file in the archive, found {len(members)}")
    return members[0]


def _magic(path: Path) -> bytes:
    with _text_errors(path), path.open("rb") as file:
        return file.read(4)


def _plain_tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 2**17))
        return file.read()


def _packed_tail(path: Path) -> bytes:
    tail = b""
    with _opened(path) as file:
        while piece := file.read(2**17):
            tail = tail[-(2**17) :] + piece
    return tail


@contextmanager
def _text_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except _UNREADABLE as error:
        raise _refusal(path, None, error) from error


def _refusal(path: Path, row: int | None, error: Exception) -> FileDataError:
    reason = clean(getattr(error, "strerror", None) or str(error))
    if isinstance(error, _BROKEN):
        reason = f"the compressed data breaks off: {reason}"
    return FileDataError(str(path), reason, row)
