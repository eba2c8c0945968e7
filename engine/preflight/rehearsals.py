"""What was rehearsed of going back to the version before, and what is kept for it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from engine.folders import Folders
from engine.migrations.schemas import CURRENT, OLDEST, PROGRAMS
from engine.model.undecodable import UNDECODABLE
from engine.preflight.operation_facts import RollbackFacts, StepFacts
from engine.security.audit.entry import Entry
from engine.version import program_version

FOLDER: Final = "rollback"
"""In the data folder: how far a rollback is, bundles, post-mortems, and installable files of the version before."""
ROLLED: Final = "rollback"
"""What the audit log calls a step."""
STEPS: Final = 11
_SUBJECT: Final = re.compile(r"(\d+) .+")
_LEFT_OUT: Final = "left out"


class _Progress(msgspec.Struct):
    """The part of a rollback's file that says which steps are taken."""

    taken: tuple[_Taken, ...] = ()


class _Taken(msgspec.Struct):
    number: int


def rollback_facts(folders: Folders, entries: Iterable[Entry]) -> RollbackFacts:
    """Return what the audit log and the folder of rollbacks say."""
    folder, before = folders.data / FOLDER, _version_before()
    return RollbackFacts(
        steps=_steps(entries),
        left=_left(folder / "progress.json"),
        version_before=before,
        kept=tuple(sorted(path.name for path in _installable(folder, before))) if before else (),
        migrates=not before or all(PROGRAMS[before][store] >= OLDEST[store] for store in CURRENT),
        bundle_ns=_newest(folder, "*.tar.gz"),
        post_mortem_ns=_newest(folder, "*.md"),
    )


def _steps(entries: Iterable[Entry]) -> dict[int, StepFacts]:
    found: dict[int, StepFacts] = {}
    for entry in entries:
        subject = _SUBJECT.fullmatch(entry.subject)
        if entry.what == ROLLED and subject is not None:
            how, _, said = entry.after.partition(": ")
            found[int(subject[1])] = StepFacts(
                at_ns=entry.time_ns, who=entry.who, said=said, left_out=how == _LEFT_OUT
            )
    return found


def _left(progress: Path) -> int:
    """Return the first step that is left; 1 where nobody can tell, since the file is damaged."""
    try:
        taken = {each.number for each in msgspec.json.decode(progress.read_bytes(), type=_Progress).taken}
    except FileNotFoundError:
        return 0
    except (OSError, *UNDECODABLE):
        return 1
    return next((number for number in range(1, STEPS + 1) if number not in taken), 0)


def _version_before() -> str:
    """Return the newest release before this one."""
    older = [version for version in PROGRAMS if _parts(version) < _parts(program_version())]
    return max(older, key=_parts, default="")


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _installable(folder: Path, version: str) -> Iterable[Path]:
    shapes = (f"touchline-{version}-*.whl", f"touchline-{version}.tar.gz")
    return (path for shape in shapes for path in folder.glob(shape))


def _newest(folder: Path, shape: str) -> int:
    found = (path for path in folder.glob(shape) if not path.name.startswith("touchline-"))
    return max((path.stat().st_mtime_ns for path in found), default=0)
