"""How the components are, and what was wrong with them, as the screen is told."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from engine.messages.remedies import Remedy


class HealthState(StrEnum):
    """How a component is."""

    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"
    OFF = "off"


TROUBLES = frozenset({HealthState.DEGRADED, HealthState.DOWN})


class HealthView(Struct, frozen=True, gc=False):
    """One row of the health pane."""

    name: str
    """Stable: the exporter uses it too."""
    label: str
    state: HealthState
    value: str
    detail: str
    history: tuple[float, ...]
    """Recent values, oldest first, for a sparkline."""
    since_ns: int = 0
    """When it came into this state, by the market's clock; 0 when that is not known."""
    trouble: str = ""
    """What was wrong last; empty when nothing ever was."""
    trouble_ns: int = 0
    """When that began."""
    needs: tuple[str, ...] = ()
    """The names of the rows without which it can't be well, where there are such."""
    remedies: tuple[Remedy, ...] = ()
    """What can be done about it."""


class Incident(Struct, frozen=True, gc=False):
    """A time in which a component was not well, by the world's clock."""

    component: str
    label: str
    worst: HealthState
    said: str
    """What it said when it was worst."""
    began_ns: int
    ended_ns: int = 0
    """When it was well again; 0 while it is not."""
    spells: int = 1
    """How often it was unwell in it: those that follow each other closely are one."""
    cut: bool = False
    """Whether it ended only because the session did."""


class IncidentsView(Struct, frozen=True, gc=False):
    """What was wrong, newest first, over restarts."""

    incidents: tuple[Incident, ...] = ()
    trouble: str = ""
    """Why it is not kept over a restart; empty while it is."""
