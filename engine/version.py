"""Which version of the program this is; the package's own is read from here when it is built."""

from __future__ import annotations

VERSION = "0.1.0"
"""Reading it from what is installed would load a parser of e-mail, for which every start would wait."""


def program_version() -> str:
    """Return the version."""
    return VERSION
