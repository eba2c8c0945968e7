"""What outlives the program of its signals, in a small file beside the account's journal: how each version did here."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from engine.errors import DataError
from engine.model.undecodable import UNDECODABLE
from engine.signals.serving.tally import Tally

SCHEMA: Final = 1
BYTES_MAX: Final = 16 << 20
_FLAGS: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class SignalsKept(Struct, forbid_unknown_fields=True):
    """What the file holds."""

    schema: int = SCHEMA
    tallies: tuple[Tally, ...] = ()


_decode: Final = msgspec.json.Decoder(SignalsKept).decode
_encode: Final = msgspec.json.Encoder().encode


def read_kept(path: Path) -> tuple[Tally, ...]:
    """Return what was kept; nothing where there is no file.

    Raises:
        DataError: it can't be read, or another program wrote it; says why.
    """
    try:
        content = _content(path)
        schema = msgspec.json.decode(content, type=_Schema).schema
        if schema != SCHEMA:
            raise DataError(
                f"{path.name}: expected schema {SCHEMA}, found {schema}; a newer program wrote it"
            )
        return _decode(content).tallies
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise DataError(f"{path.name} can't be read: {error.strerror or error}") from error
    except UNDECODABLE as error:
        raise DataError(f"{path.name} can't be read: {error}") from error


def encoded(tallies: tuple[Tally, ...]) -> bytes:
    """Return tallies as the file has them."""
    return _encode(SignalsKept(SCHEMA, tallies)) + b"\n"


class _Schema(Struct):
    schema: int


def _content(path: Path) -> bytes:
    with os.fdopen(os.open(path, _FLAGS), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
            raise DataError(f"{path.name}: expected a file of our own")
        return file.read(BYTES_MAX)
