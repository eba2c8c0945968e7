"""How a component's state is drawn, and in which order components stand: what is wrong first, what is off last."""

from __future__ import annotations

from collections.abc import Iterable

from engine.messages.health_views import TROUBLES, HealthState, HealthView

MARKS = {
    HealthState.OK: (" ● ", "ok"),
    HealthState.DEGRADED: (" ▴ ", "warn+b"),
    HealthState.DOWN: (" ! ", "on_loud+b/breach"),
    HealthState.OFF: (" ○ ", "faint"),
}
ROLES = {
    HealthState.OK: "text",
    HealthState.DEGRADED: "warn",
    HealthState.DOWN: "breach+b",
    HealthState.OFF: "faint",
}
_ORDER = (HealthState.DOWN, HealthState.DEGRADED, HealthState.OK, HealthState.OFF)


def ordered(rows: Iterable[HealthView]) -> list[HealthView]:
    """Return components as they are listed."""
    return sorted(rows, key=lambda row: _ORDER.index(row.state))


def summary(rows: Iterable[HealthView]) -> str:
    """Return in a few words how all of them are."""
    states = [row.state for row in rows]
    bad = sum(state in TROUBLES for state in states)
    if bad:
        return f"{bad} need{'s' if bad == 1 else ''} attention"
    return "all systems ok" if HealthState.OK in states else "nothing measured yet"


def spark_role(state: HealthState) -> str:
    """Return the role of a component's sparkline."""
    return "faint" if state is HealthState.OFF else "bid" if state is HealthState.OK else ROLES[state]
