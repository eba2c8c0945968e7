"""Finds an adapter by its name: one of ours, or one that another distribution brings; only the named one is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.adapter import NAME, Adapter
from engine.adapters.built_in import OURS
from engine.entry_points import adapters_elsewhere
from engine.errors import ConfigError
from engine.model.text import clean

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

RESERVED = frozenset(("bridge", "paper", "replay", "sim"))
"""What `broker.kind` and the desk call something else."""


def find(name: str) -> Adapter:
    """Return the adapter of a venue, or of `FAMILY:VENUE`.

    Raises:
        ConfigError: there is none, or it can't be loaded; the sentence names the distribution and what failed.
    """
    family, _, member = name.partition(":")
    adapter = OURS.get(family) or _from_elsewhere(family)
    if adapter.member is not None:
        return adapter.member(member)
    if member:
        raise ConfigError(f"{adapter.label} is one venue: expected {family}, found {clean(name, 48)}")
    return adapter


def is_family(name: str) -> bool:
    """Tell whether a venue of this adapter is named as `FAMILY:VENUE`.

    Raises:
        ConfigError: as `find`.
    """
    return (OURS.get(name) or _from_elsewhere(name)).member is not None


def is_installed(name: str) -> bool:
    """Tell whether somebody brings an adapter of this name, whether or not it can be loaded."""
    return name in OURS or name in adapters_elsewhere()


def distribution_of(name: str) -> str:
    """Return which distribution an adapter comes with, and its version; empty for ours."""
    family = name.partition(":")[0]
    points = [] if family in OURS else adapters_elsewhere().get(family, [])
    return " and ".join(map(distribution, points))


def load(points: list[EntryPoint]) -> Adapter:
    """Return the adapter behind the entry points of one name.

    Raises:
        ConfigError: it can't be loaded, is none, or there are several.
    """
    point, *others = points
    name, where = clean(point.name, 32), distribution(point)
    if others:
        both = " and ".join(map(distribution, points))
        raise ConfigError(f"{name}: several distributions bring an adapter of this name: {both}; keep one")
    if point.name in OURS or point.name in RESERVED or not NAME.fullmatch(point.name):
        raise ConfigError(f"{name}: {where} brings an adapter of this name, which it can't have")
    try:
        found = point.load()
    except (Exception, SystemExit) as error:  # whatever a stranger's module does is a sentence
        told = clean(f"{type(error).__name__}: {error}", 200)
        raise ConfigError(f"{name}: the adapter of {where} can't be loaded: {told}") from error
    if not isinstance(found, Adapter):
        raise ConfigError(f"{name}: {where} names {clean(point.value, 80)}, which is no Adapter")
    if found.name != point.name:
        raise ConfigError(
            f"{name}: the adapter of {where} calls itself {clean(found.name, 32)}; both have to be the same"
        )
    return found


def _from_elsewhere(name: str) -> Adapter:
    points = adapters_elsewhere()
    if name not in points:
        known = ", ".join(sorted({*OURS, *points}))
        raise ConfigError(f"there is no venue {clean(name, 32)!r}; there are {clean(known, 400)}")
    return load(points[name])


def distribution(point: EntryPoint) -> str:
    """Return who brings it; one that is no whole distribution has no name."""
    dist = point.dist
    return clean(f"{dist.name} {dist.version}", 64) if dist is not None else "an unnamed distribution"
