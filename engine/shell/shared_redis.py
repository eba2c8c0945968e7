"""The Redis that desks share, for a person who asks from a shell."""

from __future__ import annotations

from collections.abc import AsyncIterator

from msgspec.structs import replace

from engine.clock import SystemClock
from engine.config import Settings
from engine.credentials import Credentials
from engine.desk.desks import OLD_S, rows_of
from engine.desk.redis_check import findings, servers_of
from engine.desk.redis_link import RedisLink
from engine.desk.redis_presence import Heard, RedisPresence
from engine.errors import ConfigError
from engine.messages.desk_views import DeskRow
from engine.messages.firm import DeskPresence
from engine.messages.redis_findings import Finding, Verdict
from engine.model.text import clean
from engine.settings.redis import CREDENTIAL, RedisSettings

__all__ = ("CREDENTIAL", "DeskRow", "Finding", "Verdict", "check", "desks", "forget")


async def check(settings: Settings, credentials: Credentials) -> AsyncIterator[Finding]:
    """Yield what is found at the server that the settings name, or at each node of a Cluster.

    Raises:
        ConfigError: the settings name none, or one is wrong.
        SecretsError: the place that keeps the password can't be asked.
    """
    redis = _named(settings)
    credential = credentials.read(CREDENTIAL)
    for server in servers_of(redis):
        async for finding in findings(server, credential, SystemClock()):
            yield finding


async def desks(settings: Settings, credentials: Credentials) -> list[DeskRow]:
    """Return the desks that share the Redis, by name.

    Raises:
        ConfigError: the settings name none, or one is wrong.
        SecretsError: the place that keeps the password can't be asked.
        RedisUnusable: Redis could not be asked.
    """
    return list(rows_of(await _asked(settings, credentials, None)))


async def forget(settings: Settings, credentials: Credentials, name: str) -> None:
    """Count a desk that says nothing any more as flat; raises like `desks`, and ConfigError where it is there or unknown."""
    found = {each.presence.name: each for each in await _asked(settings, credentials, None)}
    if name not in found:
        raise ConfigError(
            f"there is no desk {clean(name, 64)!r}; known are {', '.join(sorted(found)) or 'none'}"
        )
    if found[name].age_ms < OLD_S * 1_000 and not found[name].presence.has_ended:
        raise ConfigError(f"{name} is there: what it holds counts")
    flat = replace(found[name].presence, held=(), gross=0, high=0, low=0, is_priced=True, has_ended=True)
    await _asked(settings, credentials, flat)


async def _asked(settings: Settings, credentials: Credentials, said: DeskPresence | None) -> list[Heard]:
    link = RedisLink(_named(settings), credentials.read(CREDENTIAL), SystemClock())
    try:
        return await RedisPresence(link).say(said)
    finally:
        await link.close()


def _named(settings: Settings) -> RedisSettings:
    if not settings.redis.address:
        raise ConfigError(
            "redis.address: no Redis is named; expected an address such as tls:redis.example:6380"
        )
    return settings.redis
