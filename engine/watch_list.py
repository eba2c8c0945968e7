"""What a desk follows besides its command line, kept from start to start."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from engine.errors import DataError
from engine.files import whole_file
from engine.model.instrument import Symbol
from engine.model.undecodable import UNDECODABLE

_VERSION: Final = 1


class _Page(Struct, frozen=True, forbid_unknown_fields=True):
    version: int = _VERSION
    venues: dict[str, tuple[Symbol, ...]] = {}
    """By venue: one account has a desk on each."""


class WatchList:
    """A small file beside an account's journal; the desk that holds the journal is its only writer."""

    def __init__(self, path: Path, venue: str) -> None:
        """Take where it lies and whose symbols are meant; nothing is read yet."""
        self._path = path
        self._venue = venue

    def read(self) -> tuple[Symbol, ...]:
        """Return what is kept of the venue, nothing where there is no file.

        Raises:
            DataError: it can't be read; the message says what to do.
        """
        return self._page().venues.get(self._venue, ())

    def write(self, symbols: Sequence[Symbol]) -> None:
        """Keep these of the venue; what is kept of others stays.

        Raises:
            DataError: what lies there can't be read, and is left as it is.
            OSError: it can't be written.
        """
        venues = {**self._page().venues, self._venue: tuple(symbols)}
        with whole_file(self._path) as file:
            file.write(msgspec.json.format(msgspec.json.encode(_Page(venues=venues))))

    def _page(self) -> _Page:
        try:
            page = msgspec.json.decode(self._path.read_bytes(), type=_Page)
        except FileNotFoundError:
            return _Page()
        except (OSError, *UNDECODABLE) as error:
            raise DataError(f"{self._path} can't be read: {error}; mend it, or remove it") from error
        if page.version != _VERSION:
            raise DataError(f"{self._path} is of version {page.version}, and this desk knows {_VERSION}")
        return page
