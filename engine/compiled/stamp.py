"""What was built, and from which source: what was built from another source is never used."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILT = Path(__file__).resolve().parent / ".built"
"""Where the extensions are; not in version control, and removed by `make clean`."""
STAMP = "stamp.json"


@dataclass(frozen=True, slots=True)
class Stamp:
    """One build: the interpreter it is for, the files it was made from, the modules it made."""

    python: str
    sources: dict[str, list[int]]
    """Size in bytes and time of change in ns by path, as the interpreter judges its own cached bytecode."""
    modules: dict[str, str]
    """The extension's path, relative to the stamp, by module name."""

    def changed(self, root: Path) -> str:
        """Name the first file that is not what was compiled; empty when all are."""
        return next((path for path, seen in self.sources.items() if _look(root / path) != seen), "")


def interpreter() -> str:
    """Return what an extension must have been built for to be loaded here."""
    return f"{sys.implementation.cache_tag} {sys.platform}"


def sources_of(root: Path, paths: Iterable[str]) -> dict[str, list[int]]:
    """Return how these files are now, for a stamp."""
    return {path: _look(root / path) for path in sorted(paths)}


def read_stamp(built: Path) -> Stamp | None:
    """Return what was built into a folder; None when nothing was, or when it can't be read."""
    try:
        text = (built / STAMP).read_bytes()
    except OSError:
        return None
    import json  # noqa: PLC0415  # only where something was built

    try:
        return Stamp(**json.loads(text))
    except (TypeError, ValueError):
        return None


def write_stamp(built: Path, stamp: Stamp) -> None:
    """Write a stamp; the last step of a build, so that an unfinished one has none."""
    import json  # noqa: PLC0415  # only a build writes

    fields = {"python": stamp.python, "sources": stamp.sources, "modules": stamp.modules}
    (built / STAMP).write_text(json.dumps(fields, indent=1) + "\n", encoding="utf-8")


def _look(path: Path) -> list[int]:
    try:
        found = path.stat()
    except OSError:
        return []
    return [found.st_size, found.st_mtime_ns]
