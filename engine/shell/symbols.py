"""What venues list, for a person who asks from a shell."""

from __future__ import annotations

from collections.abc import Collection

from engine.adapters.built_in import OURS
from engine.adapters.catalogues import readers
from engine.catalogue import Catalogue, listings_folder
from engine.clock import SystemClock
from engine.config import Settings
from engine.credentials import Credentials
from engine.folders import Folders
from engine.messages.catalogue import CatalogueView


async def listed(
    settings: Settings, folders: Folders, credentials: Credentials, only: Collection[str] = ()
) -> CatalogueView:
    """Return what the venues list, all of them or only these, as a desk would show it."""
    clock = SystemClock()
    catalogue = Catalogue(
        listings_folder(folders), clock, readers(OURS.values(), settings, clock, credentials.read)
    )
    await catalogue.update(only)
    venues = catalogue.view.venues
    return CatalogueView(tuple(each for each in venues if not only or each.venue in only))
