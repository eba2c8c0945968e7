"""What the audit log tells of moves of models: each with the registry's event, so that a registry without it is found out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from engine.clock import Clock
from engine.errors import EngineError
from engine.security.audit.entry import Entry
from engine.security.audit.log import NAME as AUDIT
from engine.security.audit.log import entries_in
from engine.signals.models.refusal import ModelRefused
from engine.signals.registry.event_store import FILE
from engine.signals.registry.events import Event
from engine.signals.registry.manifest import Seal
from engine.signals.registry.registry import Registry
from engine.signals.registry.witness import End, check_reaches, end_of

ACCEPTED: Final = "models-accepted"
"""Somebody took the registry as it stood; what was told of it before counts no more."""
_ENTRIES: Final = "model"
_END: Final = re.compile(r"(?:[a-z0-9-]+ [0-9a-f]{16}, )?event (\d{1,12})(?: ([0-9a-f]{16}))?", re.ASCII)


def moved_subject(event: Event) -> str:
    """Return what an entry about a move is about: the version, and the event that the registry has of it."""
    return f"{event.name} {event.version}, {end_of([event])}"


def told_moves(entries: Iterable[Entry]) -> Iterator[tuple[End, Entry]]:
    """Yield the entries that tell of an event of the registry, each with that event."""
    for entry in entries:
        if entry.what.startswith(_ENTRIES) and (found := _END.fullmatch(entry.subject)):
            yield End(int(found[1]), found[2] or ""), entry


def told_end(entries: Iterable[Entry]) -> End:
    """Return the furthest event that is told of since somebody took the registry as it stood."""
    furthest = End()
    for end, entry in told_moves(entries):
        if entry.what == ACCEPTED or end.number > furthest.number:
            furthest = end
    return furthest


class AuditedEnd:
    """Reads the audit log again where it has changed; half an entry at its end, as a crash leaves it, tells nothing."""

    def __init__(self, data: Path) -> None:
        self._log = data / AUDIT
        self._stamp: tuple[int, int, int] | None = None
        self._end = End()

    def __call__(self) -> End:
        """Return how far the registry came at least.

        Raises:
            ModelRefused: the log can't be read, or is not what was written.
        """
        try:
            found = self._log.stat()
            stamp = found.st_ino, found.st_mtime_ns, found.st_size
            if stamp != self._stamp:
                self._end, self._stamp = told_end(entries_in(self._log)), stamp
        except FileNotFoundError:
            self._end, self._stamp = End(), None
        except (OSError, EngineError) as error:
            raise ModelRefused(
                f"what was done to models can't be held against the audit log: {error}; touchline audit verify looks at all of it"
            ) from error
        return self._end


def audited_registry(data: Path, keys: Seal, clock: Clock) -> Registry:
    """Return the registry of a data folder, which is believed as far as the audit log does not tell of more."""
    return Registry(data, keys, clock, witness=AuditedEnd(data))


def has_registry(data: Path) -> bool:
    """Tell whether anything was ever registered in a data folder.

    Raises:
        ModelRefused: it was, and there is no registry any more.
    """
    if (data / FILE).exists():
        return True
    check_reaches((), AuditedEnd(data)())
    return False
