"""`python -m engine.compiled.build`: compiles the hot rooms with mypyc; needs the development tools and a C compiler."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from engine.compiled.loading import SWITCH
from engine.compiled.rooms import modules
from engine.compiled.stamp import BUILT, ROOT, STAMP, Stamp, interpreter, sources_of, write_stamp

LIBRARY = "touchline"
"""All rooms become one library, so that they call each other as C does."""
SCRATCH = ROOT / "build" / "compiled"


def main(also: Sequence[str]) -> int:
    """Compile the rooms and the files named besides; return 1 with a sentence when that can't be done."""
    from setuptools.errors import BaseError  # noqa: PLC0415  # development tools only

    (BUILT / STAMP).unlink(missing_ok=True)
    paths = [*modules(ROOT), *also]
    seen = sources_of(ROOT, {*paths, *_engine_sources()})
    try:
        made = _compile(paths)
    except BaseError as error:
        sys.stderr.write(f"not compiled, the engine runs from its source as before: {error}\n")
        return 1
    write_stamp(BUILT, Stamp(interpreter(), seen, made))
    sys.stdout.write(f"{len(made)} modules are compiled; {SWITCH}=0 keeps to the source\n")
    return 0


def _engine_sources() -> list[str]:
    """Return every source of the engine: a compiled module has taken over constants and types of others."""
    return [path.relative_to(ROOT).as_posix() for path in (ROOT / "engine").rglob("*.py")]


def _compile(paths: Sequence[str]) -> dict[str, str]:
    """Make the extensions; return the path of each below `BUILT`, by module name."""
    from mypyc.build import mypycify  # noqa: PLC0415  # development tools only
    from setuptools import Distribution  # noqa: PLC0415

    shutil.rmtree(BUILT, ignore_errors=True)
    with contextlib.chdir(ROOT):
        extensions = mypycify(list(paths), debug_level="0", target_dir=str(SCRATCH), group_name=LIBRARY)
        distribution = Distribution({"name": LIBRARY, "ext_modules": extensions})
        command = distribution.get_command_obj("build_ext")
        command.build_lib, command.build_temp = str(BUILT), str(SCRATCH)
        command.ensure_finalized()
        command.run()
        return {each.name: _relative(command.get_ext_fullpath(each.name)) for each in extensions}


def _relative(path: str) -> str:
    return Path(path).resolve().relative_to(BUILT).as_posix()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
