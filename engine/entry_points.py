"""The adapters that other distributions bring: who they are is looked up, and nothing of them is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "touchline.adapters"


def adapters_elsewhere() -> dict[str, list[EntryPoint]]:
    """Return the entry points of our group by their names; several of one name are several distributions."""
    from importlib.metadata import entry_points  # noqa: PLC0415  # it reads the installed packages

    found: dict[str, list[EntryPoint]] = {}
    for each in entry_points(group=GROUP):
        found.setdefault(each.name, []).append(each)
    return found
