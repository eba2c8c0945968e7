"""How often whom may ask for what."""

from __future__ import annotations

from enum import StrEnum, unique
from typing import Final, NamedTuple

from engine.security.rates.limit import Limit


@unique
class Kind(StrEnum):
    """What is asked for."""

    AUTH = "auth"
    """Sign-ins and refreshes, counted by where they come from."""
    DATA = "data"
    ORDERS = "orders"
    ADMIN = "admin"
    WAY_OUT = "way-out"
    """What takes back, halts or disarms, and never trades: it is counted here alone, and waits for no Redis."""
    SOCKETS = "sockets"
    """Opening a WebSocket."""
    MESSAGES = "messages"
    """A message on one."""


ADMIN_ROLE: Final = "admin"


class Quotas(NamedTuple):
    """Requests in any minute."""

    user: int
    admin: int
    everyone: int
    """All users together."""


WINDOW_S: Final = 60
TABLE: Final = {
    Kind.AUTH: Quotas(10, 10, 120),
    Kind.DATA: Quotas(600, 1_800, 6_000),
    Kind.ORDERS: Quotas(120, 360, 1_200),
    Kind.ADMIN: Quotas(30, 120, 240),
    Kind.WAY_OUT: Quotas(120, 360, 1_200),
    Kind.SOCKETS: Quotas(20, 60, 200),
    Kind.MESSAGES: Quotas(1_200, 3_600, 12_000),
}


def limits_of(kind: Kind, role: str) -> tuple[Limit, Limit]:
    """Return the limit of one who asks, and that of all together."""
    quotas = TABLE[kind]
    own = quotas.admin if role == ADMIN_ROLE else quotas.user
    return Limit(kind.value, own, WINDOW_S), Limit(f"{kind.value}-all", quotas.everyone, WINDOW_S)
