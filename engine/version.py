"""Which version of the program this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def program_version() -> str:
    """Return the installed version, or say that this is a checkout."""
    try:
        return version("touchline")
    except PackageNotFoundError:
        return "checkout"
