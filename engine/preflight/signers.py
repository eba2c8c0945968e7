"""As what people sign off, and which of them may."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from engine.preflight.checks.operations import CAPACITIES
from engine.security.operators.roles import Role

_ALL: Final = frozenset(CAPACITIES)
MAY_SIGN: Final[Mapping[Role, frozenset[str]]] = MappingProxyType(
    {
        Role.VIEWER: frozenset(),
        Role.TRADER: frozenset(),
        Role.RISK: frozenset({"risk", "compliance"}),
        Role.ADMIN: _ALL,
    }
)
"""Who trades does not sign for what they trade with."""


def objection_to(item_id: str, capacity: str, role: Role | None) -> str:
    """Return why somebody of a role may not sign an item as that; empty where they may. No role is a desk without operators."""
    group, _, number = item_id.partition("-")
    if capacity not in _ALL:
        return f"expected --as {', '.join(CAPACITIES[:-1])} or {CAPACITIES[-1]}"
    if group == "SIGN" and CAPACITIES[int(number) - 1] != capacity:
        return f"{item_id} is signed as {CAPACITIES[int(number) - 1]}"
    if role is not None and capacity not in MAY_SIGN[role]:
        return f"a {role.value} does not sign as {capacity}"
    return ""
