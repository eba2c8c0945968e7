"""The Redis that desks share, for a person who asks from a shell."""

from __future__ import annotations

from collections.abc import AsyncIterator

from msgspec.structs import replace

from engine.clock import SystemClock
from engine.config import Settings
from engine.credentials import Credentials
from engine.desk.redis_address import redis_addresses
from engine.desk.redis_check import findings
from engine.errors import ConfigError
from engine.messages.redis_findings import Finding, Verdict
from engine.redis_settings import CREDENTIAL

__all__ = ("CREDENTIAL", "Finding", "Verdict", "check")


async def check(settings: Settings, credentials: Credentials) -> AsyncIterator[Finding]:
    """Yield what is found at the server that the settings name, or at each node of a Cluster.

    Raises:
        ConfigError: the settings name none, or one is wrong.
        SecretsError: the place that keeps the password can't be asked.
    """
    redis = settings.redis
    if not redis.address:
        raise ConfigError(
            "redis.address: no Redis is named; expected an address such as tls:redis.example:6380"
        )
    servers = [redis]
    if redis.kind == "cluster":
        servers = [replace(redis, kind="server", address=str(address)) for address in redis_addresses(redis)]
    credential = credentials.read(CREDENTIAL)
    for server in servers:
        async for finding in findings(server, credential, SystemClock()):
            yield finding
