"""Make the pictures of docs/gallery.md: `python -m tests.gallery docs/gallery`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from engine.errors import EngineError
from tests.documented import page, rows, section
from tests.gallery import dashboard
from tests.gallery.calm import CALM
from tests.gallery.models import MODELS
from tests.gallery.studio import hold
from tests.gallery.trouble import TROUBLE

SITTINGS = (CALM, TROUBLE, MODELS)
PICTURES = (*(name for sitting in SITTINGS for name in sitting.pictures), *dashboard.PARTS)
"""Every picture there is."""
EMPTY = "### What is empty"
"""Under which heading the page says why some panels are."""


def explained() -> set[str]:
    """Return the panels of which the page says why they are empty."""
    return {title for row in rows(section(page("docs/gallery.md"), EMPTY)) for title in row[0].split(", ")}


def _paint(into: Path) -> None:
    dashboard.paint(into, explained())


PARTS: Mapping[str, Callable[[Path], None]] = {
    "calm": partial(hold, CALM),
    "trouble": partial(hold, TROUBLE),
    "models": partial(hold, MODELS),
    "dashboard": _paint,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.gallery")
    parser.add_argument("folder", type=Path, help="where the pictures are written")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART")
    options = parser.parse_args()
    os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
    os.environ.pop("NO_COLOR", None)
    options.folder.mkdir(parents=True, exist_ok=True)
    for name in options.only:
        try:
            PARTS[name](options.folder)
        except EngineError as error:
            print(f"{name}: {error}", file=sys.stderr)
            return 1
        print(f"{name}: done")
    return 0


if __name__ == "__main__":
    sys.exit(main())
