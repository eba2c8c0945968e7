"""How all that each venue lists is read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial

from engine.adapters.adapter import Adapter, ReadCredential, WayTerms, settings_for
from engine.clock import Clock
from engine.config import Settings
from engine.model.listing import Listing


def readers(
    adapters: Iterable[Adapter], settings: Settings, clock: Clock, read_credential: ReadCredential
) -> Mapping[str, Callable[[], Awaitable[Sequence[Listing]]]]:
    """Return how each venue that can be asked is read, by its name; each raises EngineError or OSError.

    Raises:
        ConfigError: a venue's settings are not what its adapter expects.
    """
    return {
        each.name: partial(
            each.listings,
            WayTerms(settings_for(each, settings), clock, partial(read_credential, each.section)),
        )
        for each in adapters
        if each.listings is not None
    }
