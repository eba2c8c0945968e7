"""What a route is: all that is known of it stands in one row, and everything else is made from that.

Routing, who may ask, how often, what a body is held to and the OpenAPI document are read from the same rows, so that a
new route can't be without one of them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from msgspec import Struct

from engine.gateway.asking import Answer, Ask
from engine.gateway.parts import Parts
from engine.gateway.refusals import Code
from engine.messages.commands import Command, SetTradingState, TradingState
from engine.security.operators.roles import MAY, Role, may
from engine.security.rates.table import Kind

EVERYBODY: Final = frozenset(Role)
ADMINS: Final = frozenset({Role.ADMIN})
_RESUMES: Final = SetTradingState(TradingState.ACTIVE, "")
RESUMERS: Final = frozenset(role for role in Role if may(role, _RESUMES, loosens=True))
"""Who may let trading go on."""

Handle = Callable[[Parts, Ask], Awaitable[Answer]]


class Route(Struct, frozen=True, kw_only=True):
    """One row of the table."""

    method: str
    path: str
    """As `/v1/orders/{client_id}`."""
    name: str
    """What it is called in the OpenAPI document; unique."""
    does: str
    """What is asked for, so that `may not …` is a sentence."""
    handle: Handle
    kind: Kind
    """Under which rate limit it counts."""
    roles: frozenset[Role] | None
    """Who may ask; None is everybody, without a token."""
    query: type[Any] | None = None
    body: type[Any] | None = None
    answer: Any = None
    """What a success says; None for nothing."""
    held: type[Any] | None = None
    """What a success says, with 202, that holds and is not recorded yet; None where there is no such thing."""
    status: int = 200
    """What a success is answered with."""
    keyed: bool = False
    """Whether it wants an idempotency key: every write but those about tokens."""
    refusals: tuple[Code, ...] = ()
    """Codes that it answers besides those that every route may."""


def who_may(command: type[Command]) -> frozenset[Role]:
    """Return who may say a command, as the engine has it."""
    return MAY[command]
