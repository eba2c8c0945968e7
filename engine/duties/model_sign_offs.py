"""Whether the risk role vouched for a version on a live account: what both the registry and the audit log say, read beside the engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from engine.duties.model_moves import moved_subject, told_moves
from engine.errors import EngineError
from engine.ports.secrets import Secrets
from engine.security.audit.entry import Act, Entry
from engine.security.audit.heads import entries_up_to, signed_head
from engine.signals.registry.event_store import FILE
from engine.signals.registry.events import SIGN_OFF, Event
from engine.signals.registry.registry import Registry
from engine.signals.registry.standing import Standing
from engine.signals.registry.witness import End, end_of

SIGNED: Final = "model-sign-off"
WITHDRAWN: Final = "model-sign-off-withdrawn"
ROLE: Final = "risk"
LOOK_S: Final = 2.0
TROUBLE_S: Final = 10.0
"""How soon it is looked again where something can't be read: that may take a key each time."""
_OVER: Final = "nobody looks at the audit log any more; start the desk again"
_WAIT: Final = "the audit log is being read; arm it in some seconds"


def sign_off_act(event: Event, who: str) -> Act:
    """Return the act of vouching for a version on live accounts, or of taking that back, as the audit log has it."""
    what = SIGNED if event.what == SIGN_OFF else WITHDRAWN
    return Act(
        who=who, what=what, origin="shell", subject=moved_subject(event), before=ROLE, after=event.reason
    )


def told_sign_offs(entries: Iterable[Entry]) -> dict[str, End]:
    """Return which event of the registry vouches for each version, by the model's name and the version, as the log tells it."""
    found: dict[str, End] = {}
    for end, entry in told_moves(entries):
        about = entry.subject.partition(",")[0]
        if entry.what == SIGNED and entry.before == ROLE:
            found[about] = end
        elif entry.what == WITHDRAWN:
            found.pop(about, None)
    return found


def objections(standings: Mapping[str, Standing], told: Mapping[str, End]) -> dict[str, str]:
    """Return why a version that somebody signed for may send no live orders, empty where it may; by name and version."""
    signed = {
        f"{name} {version}": event
        for name, standing in standings.items()
        for version, event in standing.signed.items()
    }
    return {
        about: ""
        if told.get(about) == end_of([event])
        else f"{event.who} signed for it, and the audit log here does not say so; sign again: "
        f"touchline models sign-off {about}"
        for about, event in signed.items()
    }


class ModelSignOffs:
    """Follows both in a thread, so that who arms a model waits for nothing; what can't be read vouches for nothing."""

    def __init__(
        self, log: Path, head: Path, secrets: Callable[[], Secrets], registry: Callable[[], Registry | None]
    ) -> None:
        """Take the audit log, where the last backup signed its end, and what is asked in a thread: for the key, for the registry."""
        self._log = log
        self._head = head
        self._secrets = secrets
        self._registry = registry
        self._stamps: list[tuple[int, int, int] | None] | None = None
        self._objections: Mapping[str, str] = {}
        self._trouble = _WAIT
        self._is_over = False

    def objection(self, name: str, version: str) -> str:
        """Return why a version may send no live orders; empty where it may."""
        if trouble := _OVER if self._is_over else self._trouble:
            return trouble
        about = f"{name} {version}"
        nobody = f"nobody of the risk role signed for it: touchline models sign-off {about}"
        return self._objections.get(about, nobody)

    async def run(self) -> None:
        """Follow them until this is cancelled."""
        try:
            while True:
                await asyncio.to_thread(self.look)
                await asyncio.sleep(TROUBLE_S if self._trouble else LOOK_S)
        finally:
            self._is_over = True

    def look(self) -> None:
        """Read them again if one has changed."""
        stamps = [_stamp(path) for path in (self._log, self._head, self._log.parent / FILE)]
        if stamps == self._stamps:
            return
        try:
            self._objections, self._trouble, self._stamps = self._read(), "", stamps
        except (OSError, EngineError) as error:
            self._trouble = f"sign-offs can't be read: {error}; touchline audit verify looks at the audit log"
            self._stamps = None

    def _read(self) -> Mapping[str, str]:
        told, registry = told_sign_offs(self._entries()), self._registry()
        return objections(registry.standings(), told) if registry is not None else {}

    def _entries(self) -> Iterator[Entry]:
        head = signed_head(self._head, self._secrets()) if self._head.exists() else None
        return entries_up_to(self._log, head, str(self._head))


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
