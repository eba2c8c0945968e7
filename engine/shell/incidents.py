"""What was not well as a person at a shell asks for it: read from the timeline's file, whether or not a desk runs."""

from __future__ import annotations

from engine.errors import FileDataError
from engine.folders import Folders
from engine.messages.health_views import Incident
from engine.observe.timeline import NAME, Turn, incidents_of, turns_in

__all__ = ("Incident", "incidents")


def incidents(
    folders: Folders, *, since_ns: int = 0, component: str = "", account: str = ""
) -> dict[str, tuple[Incident, ...]]:
    """Return the incidents of each account, newest first: those that went on at `since_ns` or began later.

    Raises:
        FileDataError: what is kept can't be read.
    """
    path = folders.data / NAME
    by_account: dict[str, list[Turn]] = {}
    try:
        for turn in turns_in(path):
            if account in {"", turn.account}:
                by_account.setdefault(turn.account, []).append(turn)
    except OSError as error:
        raise FileDataError(str(path), error.strerror or str(error)) from error
    return {
        name: tuple(
            each
            for each in incidents_of(turns)
            if component in {"", each.component} and (not each.ended_ns or each.ended_ns >= since_ns)
        )
        for name, turns in sorted(by_account.items())
    }
