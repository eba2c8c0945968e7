"""The registry taken as it stands, by a person, where the audit log tells of more than it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from engine.duties.model_moves import ACCEPTED, told_end, told_moves
from engine.security.audit.entry import Entry
from engine.security.audit.log import AuditLog, entries_in
from engine.security.audit.who import at_shell
from engine.signals.models.refusal import ModelRefused
from engine.signals.registry.event_store import FILE, EventStore
from engine.signals.registry.events import Event
from engine.signals.registry.manifest import Seal
from engine.signals.registry.standing import Standing
from engine.signals.registry.witness import End, check_reaches, end_of


@dataclass(frozen=True, slots=True)
class AsItStands:
    """What would be believed, and what is missing."""

    end: End
    """Where the registry ends."""
    missing: tuple[Entry, ...]
    """What the audit log tells and the registry has not, the oldest first."""
    champions: dict[str, str]
    """Which version would count, by the model's name."""
    _log: AuditLog

    def accept(self, who: str, reason: str) -> None:
        """Write it down that somebody takes it so.

        Raises:
            SecretsError: the audit log can't be written.
        """
        act = at_shell(ACCEPTED, str(self.end), f"{len(self.missing)} moves are missing", reason)
        self._log.write(msgspec.structs.replace(act, who=who))


def as_it_stands(data: Path, keys: Seal, log: AuditLog) -> AsItStands:
    """Return what would be believed of the registry, each event held against our keys all the same.

    Raises:
        ModelRefused: the events are not what was written, or nothing is missing.
        SecretsError: the audit log is broken, or can't be read.
    """
    entries = [entry for entry in entries_in(log.path) if entry.what.startswith("model")]
    events = EventStore(data / FILE, keys).events()
    try:
        check_reaches(events, told_end(entries))
    except ModelRefused:
        return AsItStands(end_of(events), tuple(_missing(entries, events)), _champions(events), log)
    raise ModelRefused("the registry has all that the audit log tells of; there is nothing to accept")


def _missing(entries: Sequence[Entry], events: Sequence[Event]) -> list[Entry]:
    missing: list[Entry] = []
    for end, entry in told_moves(entries):
        if entry.what == ACCEPTED:
            missing.clear()
        elif end_of(events[: end.number]) != end:
            missing.append(entry)
    return missing


def _champions(events: Sequence[Event]) -> dict[str, str]:
    standings: dict[str, Standing] = {}
    for event in events:
        standings.setdefault(event.name, Standing()).apply(event)
    return {name: standing.champion for name, standing in standings.items() if standing.champion}
