"""Make the pictures of docs/gallery.md: `python -m tests.gallery docs/gallery`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from tests.gallery.calm import CALM
from tests.gallery.models import MODELS
from tests.gallery.studio import hold
from tests.gallery.trouble import TROUBLE

SITTINGS = {"calm": CALM, "trouble": TROUBLE, "models": MODELS}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.gallery")
    parser.add_argument("folder", type=Path, help="where the pictures are written")
    parser.add_argument("--only", nargs="+", choices=SITTINGS, default=list(SITTINGS), metavar="PART")
    options = parser.parse_args()
    os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
    os.environ.pop("NO_COLOR", None)
    options.folder.mkdir(parents=True, exist_ok=True)
    for name in options.only:
        hold(SITTINGS[name], options.folder)
        print(f"{name}: {', '.join(SITTINGS[name].pictures)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
