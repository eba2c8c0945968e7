"""Which venues there are, for whoever types a name of one: ours, and those that other distributions bring."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

from msgspec import Struct

from engine.adapters.adapter import Adapter, KeyForm, NameForm
from engine.adapters.built_in import OURS
from engine.adapters.registry import distribution, find, is_family, is_installed, load
from engine.entry_points import adapters_elsewhere
from engine.errors import ConfigError
from engine.model.text import clean

__all__ = (
    "EXAMPLES",
    "LISTED",
    "KeyForm",
    "NameForm",
    "VenueNames",
    "VenueRow",
    "every_name",
    "every_venue",
    "find",
    "split",
)

OUR_DISTRIBUTION = "touchline"


class VenueNames:
    """The names that a command takes: it tells of ours, and looks for another only when that is typed."""

    def __iter__(self) -> Iterator[str]:
        return iter(OURS)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and is_installed(name.partition(":")[0])


class VenueRow(Struct, frozen=True):
    """One venue as a person asks for it."""

    name: str
    label: str
    comes_with: str
    """The distribution that brings it."""
    names: str
    """What it calls a symbol, for example."""
    orders: bool
    """Whether orders can go there."""
    key: str
    """What a key is needed for."""
    check: bool
    """Whether `touchline connect` knows the way."""
    trouble: str = ""
    """Why it can't be used."""


def split(text: str) -> tuple[str, str]:
    """Return the venue of `VENUE:REST` or `FAMILY:VENUE:REST`, and the rest.

    Raises:
        ConfigError: there is no such venue, or its adapter can't be loaded.
    """
    venue, _, rest = text.partition(":")
    if is_family(venue):
        member, _, rest = rest.partition(":")
        venue = f"{venue}:{member}"
    return venue, rest


def every_name() -> tuple[str, ...]:
    """Return the names of all there are, whether or not they can be used; none of them is loaded."""
    return tuple(dict.fromkeys((*OURS, *sorted(adapters_elsewhere()))))


def every_venue() -> list[VenueRow]:
    """Return all there are, ours first; those that can't be used say why."""
    rows = [_row(adapter, OUR_DISTRIBUTION) for adapter in OURS.values()]
    for name, points in sorted(adapters_elsewhere().items()):
        brought = " and ".join(distribution(point) for point in points)
        try:
            rows.append(_row(load(points), brought))
        except ConfigError as error:
            rows.append(
                VenueRow(
                    clean(name, 32), "", brought, "", orders=False, key="", check=False, trouble=str(error)
                )
            )
    return rows


def _row(adapter: Adapter, brought: str) -> VenueRow:
    return VenueRow(
        _shown(adapter),
        adapter.label,
        brought,
        adapter.names.example,
        orders=adapter.make_broker is not None,
        key=adapter.key.use.value,
        check=adapter.way is not None,
        trouble=_trouble(adapter),
    )


def _trouble(adapter: Adapter) -> str:
    if not adapter.extra or find_spec(adapter.package or adapter.extra) is not None:
        return ""
    return f"{_shown(adapter)} needs an extra that is not installed: pip install 'touchline[{adapter.extra}]'"


def _shown(adapter: Adapter) -> str:
    """Return how it is named: of a family one is chosen."""
    return adapter.name if adapter.member is None else f"{adapter.name}:{adapter.members}"


LISTED = tuple(name for name, adapter in OURS.items() if adapter.listings is not None)
"""Those of ours whose lists can be read."""
EXAMPLES = {_shown(adapter): adapter.names.example for adapter in OURS.values()}
"""A symbol of each of ours."""
