"""Why a component is not well: from it to what it needs, to what that needs, to where it began."""

from __future__ import annotations

from collections.abc import Iterable

from engine.messages.health_views import TROUBLES, HealthState, HealthView


def chain(name: str, rows: Iterable[HealthView]) -> tuple[HealthView, ...]:
    """Return a row and, while it is not well, what is behind it: of what each needs the worst, and of those the one it names first.

    A row is in it once, so that rows that need each other end it. There is no chain of a row that is not there.
    """
    by_name = {row.name: row for row in rows}
    found: list[HealthView] = []
    row = by_name.get(name)
    while row is not None:
        found.append(row)
        if row.state not in TROUBLES:
            break
        behind = (by_name[need] for need in row.needs if need in by_name)
        unwell = [each for each in behind if each.state in TROUBLES and each not in found]
        row = min(unwell, key=lambda each: each.state is not HealthState.DOWN, default=None)
    return tuple(found)


def explained(name: str, rows: Iterable[HealthView]) -> list[str]:
    """Return the chain of a row in sentences, the row first."""
    links = chain(name, rows)
    if not links:
        return ["It is not there any more."]
    row = links[0]
    if row.state not in TROUBLES:
        before = (
            f"What was wrong last: {row.trouble}." if row.trouble else "Nothing was wrong since the start."
        )
        return [f"{row.label} is {row.state.value}: {_now(row)}", "", before]
    lines = [f"{row.label} is {row.state.value}: {_now(row)}"]
    lines += [
        f"{'  ' * depth}because {each.label} is {each.state.value}: {_now(each)}"
        for depth, each in enumerate(links[1:], 1)
    ]
    if len(links) == 1:
        needs = "it needs nothing else" if not row.needs else "all that it needs is well, or not in use"
        return [*lines, "", f"It begins here: {needs}."]
    return [*lines, "", f"It begins with {links[-1].label}: look there first."]


def _now(row: HealthView) -> str:
    return " · ".join(part for part in (row.value, row.detail) if part)
