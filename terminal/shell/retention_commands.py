"""What the command about retention prints."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from engine.config import Settings
from engine.folders import standard_folders
from terminal.shell.chosen_settings import chosen_settings
from terminal.shell.telling import utc

if TYPE_CHECKING:
    from engine.retention import Kept

_UNITS = ("B", "kB", "MB", "GB", "TB")


def retention(options: argparse.Namespace) -> int:
    """Say what is kept, how much it is, and until when."""
    from engine.retention import what_is_kept  # noqa: PLC0415  # help needs none of it

    folders = standard_folders()
    settings = chosen_settings(options)
    kinds = what_is_kept(folders, settings)
    lines = (
        [json.dumps([_told(kept) for kept in kinds], indent=2)] if options.json else _table(kinds, settings)
    )
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"retention": retention}
"""The function of each command."""


def _table(kinds: Iterable[Kept], settings: Settings) -> Iterator[str]:
    yield f"{'kind':10}  {'files':>7}  {'size':>9}  {'oldest':10}  kept"
    for kept in kinds:
        files, size = sum(item.files for item in kept.items), sum(item.bytes for item in kept.items)
        oldest = utc(min(item.first_ns for item in kept.items))[:10] if kept.items else ""
        yield f"{kept.kind:10}  {files:>7,}  {_size(size):>9}  {oldest:10}  {_rule(kept, settings)}"


def _told(kept: Kept) -> dict[str, str | int | None]:
    oldest_ns = min((item.first_ns for item in kept.items), default=0)
    return {
        "kind": kept.kind,
        "files": sum(item.files for item in kept.items),
        "bytes": sum(item.bytes for item in kept.items),
        "oldest": utc(oldest_ns) if oldest_ns else None,
        "days": kept.days or None,
        "until": utc(kept.until_ns) if kept.until_ns else None,
    }


def _rule(kept: Kept, settings: Settings) -> str:
    if kept.kind == "backups":
        return f"the newest {settings.backup.keep} bases and what belongs to them"
    if not kept.days:
        return "for ever"
    return f"{kept.days} days" + (f", the next on {utc(kept.until_ns)[:10]}" if kept.until_ns else "")


def _size(count: float) -> str:
    for unit in _UNITS:
        if count < 1000 or unit == _UNITS[-1]:
            break
        count /= 1000
    return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
