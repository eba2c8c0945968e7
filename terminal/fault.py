"""What is told of a fault of the program itself: a sentence on the terminal, and where it happened in a file."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Final

from engine.files import whole_file
from engine.model.redaction import redacted
from engine.model.text import clean, harmless

NAME: Final = "fault.txt"
_LINE_MAX: Final = 2_000


def told(error: BaseException, folder: Path) -> str:
    """Write to the folder of the logs where a fault happened, and return a sentence about it.

    Neither tells what a variable held, as a screen's own report of a fault does: one may hold a password.
    """
    what = type(error).__name__
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with whole_file(folder / NAME) as file:
            file.write(_report(error).encode())
    except OSError as failed:
        return f"a fault of the program ({what}); where can't be written: {clean(str(failed))}"
    return f"a fault of the program ({what}); {harmless(str(folder / NAME))} says where"


def _report(error: BaseException) -> str:
    """Return where it happened and what led to it, a line each, without secrets and without the values of variables."""
    lines = "".join(traceback.format_exception(error)).splitlines()
    return redacted("".join(f"{harmless(line)[:_LINE_MAX]}\n" for line in lines))
