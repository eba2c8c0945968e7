"""Puts the compiled rooms in the place of their source, all of them or none."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from pathlib import Path
from types import ModuleType

from engine.compiled.stamp import BUILT, ROOT, Stamp, interpreter, read_stamp

SWITCH = "TOUCHLINE_COMPILED"
"""The environment variable that, set to 0, keeps to the source."""


class CompiledFinder:
    """Finds the modules of one build; everything else is left to the finders after it."""

    def __init__(self, built: Path, modules: Mapping[str, str]) -> None:
        self._files = {name: str(built / path) for name, path in modules.items()}

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002  # the import system passes it
        target: ModuleType | None = None,  # noqa: ARG002  # likewise
    ) -> ModuleSpec | None:
        """Return where a compiled module is; None for one that is not compiled."""
        file = self._files.get(fullname)
        if file is None:
            return None
        return ModuleSpec(fullname, ExtensionFileLoader(fullname, file), origin=file)


def use() -> None:
    """Import the compiled rooms from now on, if there are any of exactly this source."""
    stamp = read_stamp(BUILT)
    if stamp is not None and not objection(stamp, ROOT) and not _found():
        sys.meta_path.insert(0, CompiledFinder(BUILT, stamp.modules))


def state() -> str:
    """Say in a few words whether compiled rooms are in use, and if not why."""
    stamp = read_stamp(BUILT)
    if _found() and stamp is not None:
        return f"compiled, {len(stamp.modules)} modules of it"
    if stamp is None:
        return "pure Python, nothing is compiled"
    return (
        f"pure Python, the compiled rooms are not used: {objection(stamp, ROOT) or 'built since the start'}"
    )


def objection(stamp: Stamp, root: Path) -> str:
    """Say why a build may not stand for the source below a folder; empty when it may."""
    if os.environ.get(SWITCH) == "0":
        return f"{SWITCH} is 0"
    if stamp.python != interpreter():
        return f"they are for {stamp.python}, this is {interpreter()}"
    changed = stamp.changed(root)
    return f"{changed} has changed" if changed else ""


def _found() -> bool:
    return any(isinstance(finder, CompiledFinder) for finder in sys.meta_path)
