"""Folds lines that are too long so that what follows stays below what it belongs to."""

from __future__ import annotations

import re
import textwrap

_LABEL = re.compile(r"\s*\S.*?\s{2,}(?=\S)")
"""What stands before the gap of a line such as `cash    981,196.00`."""
_SHARE = 2
"""What follows is indented by no more than this part of the width."""


def folded(line: str, width: int) -> list[str]:
    """Return a line in pieces of at most `width` cells; later ones begin below what its label is followed by."""
    if len(line) <= width or width <= 0:
        return [line]
    label = _LABEL.match(line)
    indent = label.end() if label else len(line) - len(line.lstrip())
    return hung(line, width, min(indent, width // _SHARE))


def hung(line: str, width: int, indent: int) -> list[str]:
    """Return a line in pieces of at most `width` cells; later ones are indented."""
    return textwrap.wrap(line, max(width, indent + 1), subsequent_indent=" " * indent) or [line]
