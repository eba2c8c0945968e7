"""Keeps what the venues list in the cache folder, and reads it again when it is wanted and a day old."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from engine.clock import NS_PER_S, Clock
from engine.errors import ConfigError, EngineError
from engine.files import whole_file
from engine.folders import Folders
from engine.messages.catalogue import CatalogueView, VenueListings
from engine.model.listing import Listing
from engine.model.undecodable import UNDECODABLE
from engine.ports.secrets import SecretsError
from engine.transport.words import in_words

ReadListings = Callable[[], Awaitable[Sequence[Listing]]]
"""Returns all that a venue lists; raises EngineError or OSError."""

FRESH_NS: Final = 86_400 * NS_PER_S
"""How long what was read is good for."""
AGAIN_NS: Final = 60 * NS_PER_S
"""How long a venue that could not be read is left alone."""
READ_S: Final = 20.0
"""How long one venue may take, with all its tries."""
SUFFIX: Final = ".tll"
_VERSION: Final = 1


class _Page(Struct, frozen=True):
    """One venue as it lies on the disk; what has another version is as good as none."""

    version: int
    read_ns: int
    listings: tuple[Listing, ...]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Page).decode


def listings_folder(folders: Folders) -> Path:
    """Return where what the venues list is kept."""
    return folders.cache / "listings"


class Catalogue:
    """A file for each venue; it may be removed at any time, what is missing is read again.

    Nothing is asked of a venue until somebody searches: a desk on one venue has no business with another before.
    """

    def __init__(self, folder: Path, clock: Clock, readers: Mapping[str, ReadListings]) -> None:
        """Take the folder and how each venue is read."""
        self.view = CatalogueView(tuple(VenueListings(venue) for venue in readers))
        """What is known; another one as soon as something else is."""
        self._folder = folder
        self._clock = clock
        self._readers = readers
        self._is_recalled = False
        self._tried_ns: dict[str, int] = {}
        self._wanted = asyncio.Event()

    def want(self) -> None:
        """Have it brought up to date soon."""
        self._wanted.set()

    async def run(self) -> None:
        """Bring it up to date whenever it is wanted."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            await self.update()

    async def update(self, only: Collection[str] = ()) -> None:
        """Take what the disk has, then read the venues of which that is too old: all at once, or only these."""
        if not self._is_recalled:
            self._is_recalled = True
            for known in await asyncio.to_thread(self._recall):
                self._note(known)
        async with asyncio.TaskGroup() as tasks:
            for known in self.view.venues:
                if (not only or known.venue in only) and self._is_due(known):
                    tasks.create_task(self._read(known))

    def _is_due(self, known: VenueListings) -> bool:
        """Tell whether a venue is to be asked; a time that has not come yet is as good as none."""
        now_ns = self._clock.now_ns()
        if 0 <= now_ns - known.read_ns < FRESH_NS:
            return False
        return not 0 <= now_ns - self._tried_ns.get(known.venue, -AGAIN_NS) < AGAIN_NS

    async def _read(self, known: VenueListings) -> None:
        """Read one venue; what was known stays where that fails."""
        venue = known.venue
        self._tried_ns[venue] = self._clock.now_ns()
        self._note(replace(known, is_asked=True))
        try:
            async with asyncio.timeout(READ_S):
                listings = tuple(await self._readers[venue]())
        except TimeoutError:
            self._note(replace(known, trouble=f"it did not answer within {READ_S:g} s"))
        except (ConfigError, SecretsError) as error:
            self._note(replace(known, trouble=str(error)))
        except (EngineError, OSError) as error:
            self._note(replace(known, trouble=f"it could not be read: {in_words(error)}"))
        else:
            now = VenueListings(venue, listings, self._clock.now_ns())
            if not listings:
                now = replace(known, trouble="it answered, and lists nothing")
            self._note(now)
            if listings and (failure := await asyncio.to_thread(self._write, now)):
                self._note(replace(now, trouble=f"it can't be kept in {self._folder}: {failure}"))

    def _note(self, known: VenueListings) -> None:
        """Show what is known of a venue now, in the place it has."""
        venues = (known if each.venue == known.venue else each for each in self.view.venues)
        self.view = CatalogueView(tuple(venues))

    # The disk

    def _recall(self) -> list[VenueListings]:
        return [
            VenueListings(venue, page.listings, page.read_ns)
            for venue in self._readers
            if (page := _read_page(self._path(venue), venue)) is not None
        ]

    def _write(self, known: VenueListings) -> str:
        """Keep what a venue lists; return why it could not be done, or nothing."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with whole_file(self._path(known.venue)) as file:
                file.write(_encode(_Page(_VERSION, known.read_ns, known.listings)))
        except OSError as error:
            return error.strerror or str(error)
        return ""

    def _path(self, venue: str) -> Path:
        return self._folder / f"{venue}{SUFFIX}"


def _read_page(path: Path, venue: str) -> _Page | None:
    """Return what a file says; None for one that is not there, is damaged, or is another venue's or version's."""
    try:
        page = _decode(path.read_bytes())
    except (OSError, *UNDECODABLE):
        return None
    return page if page.version == _VERSION and all(each.venue == venue for each in page.listings) else None
