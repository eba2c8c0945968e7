"""Fences an account that several desks could have: one of them has it, and only that one is connected and sends."""

from __future__ import annotations

import os
import secrets
import socket
from functools import partial

from engine.credentials import Credentials
from engine.desk.lease import Lease
from engine.desk.redis_link import RedisLink
from engine.errors import ConfigError
from engine.messages.events import AccountTaken, AlertRaised
from engine.model.account import AccountMode
from engine.observe.health import Reading
from engine.ports.broker import TendedBroker
from engine.rooms import Rooms
from engine.settings.redis import CREDENTIAL

LEASE = "lease"
"""The row of who has the account."""
LIFE_MS_MAX = 60_000


def tend(rooms: Rooms, account: str, credentials: Credentials | None) -> None:
    """Have the broker do its own work: from the start, or where other desks could have the account once it is ours.

    The account's name must be safe in a key.

    Raises:
        ConfigError: a setting of the Redis is wrong.
        SecretsError: the place that keeps its password can't be asked.
    """
    work = rooms.broker.run if isinstance(rooms.broker, TendedBroker) else None
    if _is_shared(rooms):
        lease = _fence(rooms, account, credentials or Credentials(rooms.settings))
        work = partial(lease.while_ours, work) if work is not None else None
    if work is not None:
        rooms.services.append(("broker", work))


def _is_shared(rooms: Rooms) -> bool:
    """Return whether another desk could have the account: it lives at a broker, and a Redis is shared."""
    settings = rooms.settings
    elsewhere = settings.broker.kind != "paper" and rooms.account.mode is not AccountMode.REPLAY
    return elsewhere and bool(settings.redis.address) and settings.redis.lease_s != 0


def _fence(rooms: Rooms, account: str, credentials: Credentials) -> Lease:
    """Let no order leave unless the account is ours."""
    settings, clock = rooms.settings.redis, rooms.account_clock
    if not 3 * settings.timeout_ms <= settings.lease_s * 1_000 <= LIFE_MS_MAX:
        raise ConfigError(
            f"redis.lease_s: expected 0, or at least three times redis.timeout_ms and at most a minute, found {settings.lease_s}"
        )
    link = RedisLink(settings, credentials.read(CREDENTIAL), clock)
    link.tracer = rooms.tracer
    lease = Lease(link, account, _holder(), settings.lease_s, clock)
    lease.known = lambda: rooms.replica.taken.epoch if rooms.replica.taken is not None else 0
    lease.on_taken = partial(_write_down, rooms)
    lease.on_free = partial(_make_up, rooms)
    lease.say = lambda severity, text: rooms.bus.publish(
        AlertRaised(severity, LEASE, text, rooms.account_clock.now_ns())
    )
    rooms.orders.dispatch.fence = lease
    rooms.health.register(LEASE, LEASE, lambda: Reading(*lease.reading()))
    rooms.services.append((LEASE, partial(_hold, lease, link)))
    return lease


def _holder() -> str:
    """Return a name that no other engine has, and behind it what a person knows it by."""
    return f"{secrets.token_hex(8)} {socket.gethostname()}, process {os.getpid()}"


async def _hold(lease: Lease, link: RedisLink) -> None:
    try:
        await lease.run()
    finally:
        await link.close()


def _write_down(rooms: Rooms, epoch: int) -> None:
    """Have the number in the journal before the first order is."""
    event = AccountTaken(
        epoch, f"{socket.gethostname()}, process {os.getpid()}", rooms.account_clock.now_ns()
    )
    rooms.orders.scribe.note(event)
    rooms.replica.taken_by(event)


def _make_up(rooms: Rooms) -> None:
    """Send the exits that were denied meanwhile."""
    for symbol, position in rooms.ledger.positions.items():
        if position.quantity:
            rooms.orders.brackets.retry(symbol)
