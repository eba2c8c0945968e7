"""What a run of the tests left behind: which modules held, how much was covered, and of exactly which source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from engine.model.undecodable import UNDECODABLE

PLACE: Final = Path("build") / "proof.json"
"""Below the folder of the checkout."""
PROGRAM: Final = "program"
"""Under which name the hash of all rooms is."""


class Outcome(Struct, frozen=True):
    """How the tests of one module went."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0


class Proof(Struct, frozen=True, kw_only=True):
    """One run of all tests."""

    version: str
    made_ns: int
    rooms: Mapping[str, str]
    """The hash of each room's source, as it was tested."""
    modules: Mapping[str, Outcome]
    coverage: Mapping[str, float]
    """Percent of statements and branches of each room."""


def read_proof(root: Path) -> Proof | None:
    """Return what the last run of the tests left; None where there was none, or it can't be read."""
    try:
        return msgspec.json.decode((root / PLACE).read_bytes(), type=Proof)
    except (OSError, *UNDECODABLE):
        return None


def room_hashes(root: Path) -> dict[str, str]:
    """Return the hash of each room's source: a folder of `engine` or `terminal`, the files beside these, and all of it."""
    rooms = {room: _hash(files, root) for room, files in _rooms(root)}
    return {**rooms, PROGRAM: sha256("".join(rooms.values()).encode()).hexdigest()[:16]}


def _rooms(root: Path) -> Iterator[tuple[str, list[Path]]]:
    for package in ("engine", "terminal"):
        top = root / package
        yield package, sorted(top.glob("*.py"))
        for folder in sorted(path for path in top.iterdir() if path.is_dir() and path.name[0] not in "._"):
            if files := sorted(folder.rglob("*.py")):  # a wheel has pages and colours beside the rooms
                yield f"{package}/{folder.name}", files


def _hash(files: list[Path], root: Path) -> str:
    taken = sha256()
    for path in files:
        content = path.read_bytes()
        taken.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode())
        taken.update(content)
    return taken.hexdigest()[:16]
