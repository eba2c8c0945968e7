"""One request as its route gets it: who asks, from where, and for what."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from msgspec import Struct

from engine.security.operators.roles import Role
from engine.security.tokens.claims import Claims

ORIGIN: Final = "gateway"
"""Where what is asked here comes from, in the journal and the audit log."""


class Who(Struct, frozen=True):
    """An operator whose token stands."""

    name: str
    role: Role
    claims: Claims


class Ask(Struct, frozen=True):
    """A request that was let in."""

    correlation: str
    """Names the request in its answer, in the log and in what comes of it."""
    address: str
    """Where it comes from."""
    who: Who | None = None
    """None on a route that asks nobody."""
    body: Any = None
    """What the route takes, of the type that it says."""
    query: Any = None
    path: Mapping[str, str] = MappingProxyType({})
    key: str = ""
    """Its idempotency key, where the route wants one."""

    @property
    def origin(self) -> str:
        """From where, as the audit log has it."""
        return f"{ORIGIN} {self.address}"


class Answer(Struct, frozen=True):
    """What a route answers: a body that JSON can be made of, or none."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = MappingProxyType({})
