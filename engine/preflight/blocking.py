"""Judges what keeps a live account disarmed, from within its engine."""

from __future__ import annotations

from msgspec.structs import replace

from engine.config import Settings
from engine.credentials import Credentials
from engine.folders import Folders
from engine.preflight.items import ITEMS
from engine.preflight.reading import Place, read
from engine.preflight.report import Report, report


def judged_in_engine(
    settings: Settings, folders: Folders, credentials: Credentials | None, sources: int
) -> Report:
    """Return how the blocking items stand; blocks for a second, so not on a loop.

    Settings are those in force, secrets are where the desk opened them, and the engine knows its own sources.
    """
    secrets = credentials.secrets if credentials is not None else None
    found = read(Place(folders, folders.settings, secrets, settings=settings, whole=False))
    facts = replace(found.facts, sources=sources)
    return report(facts, found.signed, [item for item in ITEMS if item.blocks])
