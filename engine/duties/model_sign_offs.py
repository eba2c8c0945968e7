"""Whether the risk role vouched for a version on a live account: read from the audit log beside the engine."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from engine.errors import EngineError
from engine.security.audit.entry import Act, Entry
from engine.security.audit.log import entries_in

SIGNED: Final = "model-sign-off"
WITHDRAWN: Final = "model-sign-off-withdrawn"
LOOK_S: Final = 2.0
_WAIT: Final = "the audit log is being read; arm it in some seconds"


def sign_off_act(name: str, version: str, who: str, reason: str, *, withdrawn: bool = False) -> Act:
    """Return the act of vouching for a version on live accounts, or of taking that back."""
    what = WITHDRAWN if withdrawn else SIGNED
    return Act(who=who, what=what, origin="shell", subject=f"{name} {version}", before="risk", after=reason)


def vouched(entries: Iterable[Entry]) -> dict[str, str]:
    """Return who vouches for each version that somebody vouches for, by the model's name and the version."""
    found: dict[str, str] = {}
    for entry in entries:
        if entry.what == SIGNED and entry.before == "risk":
            found[entry.subject] = entry.who
        elif entry.what == WITHDRAWN:
            found.pop(entry.subject, None)
    return found


class ModelSignOffs:
    """Follows the log in a thread, so that who arms a model waits for nothing; what can't be read vouches for nothing."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._stamp: tuple[int, int] | None = None
        self._vouched: dict[str, str] = {}
        self._trouble = _WAIT

    def objection(self, name: str, version: str) -> str:
        """Return why a version may send no live orders; empty where it may."""
        if self._trouble:
            return self._trouble
        if f"{name} {version}" in self._vouched:
            return ""
        return f"nobody of the risk role signed for it: touchline models sign-off {name} {version}"

    async def run(self) -> None:
        """Follow the log until this is cancelled."""
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(LOOK_S)

    def look(self) -> None:
        """Read the log again if it has changed."""
        try:
            stat = self._log.stat()
            stamp = stat.st_mtime_ns, stat.st_size
            if stamp == self._stamp:
                return
            self._vouched, self._trouble = vouched(entries_in(self._log)), ""
        except FileNotFoundError:
            stamp, self._vouched, self._trouble = None, {}, ""
        except (OSError, EngineError) as error:
            stamp, self._trouble = None, f"the audit log can't be read: {error}"
        self._stamp = stamp
