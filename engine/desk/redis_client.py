"""Makes redis-py's client: bounded, short of patience, and without its retries, which take seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.desk.redis_address import RedisAddress
from engine.ports.secrets import Credential
from engine.settings.redis import RedisSettings

if TYPE_CHECKING:
    from redis.asyncio import Redis, RedisCluster

NAME = "touchline"
"""What the server calls our connections in `CLIENT LIST`."""


class Made(NamedTuple):
    """A client, and what has to be closed besides it."""

    client: Redis | RedisCluster
    beside: Sequence[Redis] = ()

    async def close(self) -> None:
        """Let every connection go."""
        for each in (self.client, *self.beside):
            await each.aclose()


def make_client(
    settings: RedisSettings, addresses: tuple[RedisAddress, ...], credential: Credential | None
) -> Made:
    """Return a client; nothing is sent yet."""
    options = _options(settings, credential) | _encryption(settings, addresses[0])
    if settings.kind == "sentinel":
        return _by_sentinels(settings, addresses, options)
    if settings.kind == "cluster":
        return Made(_cluster(addresses, options))
    from redis.asyncio import Redis  # noqa: PLC0415  # only where a Redis is shared

    (one,) = addresses
    if one.path:
        return Made(Redis(unix_socket_path=one.path, **options))
    return Made(Redis(host=one.host, port=one.port, **options))


def _by_sentinels(
    settings: RedisSettings, addresses: tuple[RedisAddress, ...], options: dict[str, Any]
) -> Made:
    from redis.asyncio.sentinel import Sentinel  # noqa: PLC0415  # only where a Redis is shared

    asking = {name: value for name, value in options.items() if name not in {"username", "password"}}
    sentinels = [(each.host, each.port) for each in addresses]
    known = Sentinel(sentinels, sentinel_kwargs=asking, **options)  # type: ignore[no-untyped-call]
    return Made(known.master_for(settings.master), known.sentinels)


def _cluster(addresses: tuple[RedisAddress, ...], options: dict[str, Any]) -> RedisCluster:
    from redis.asyncio import RedisCluster  # noqa: PLC0415  # only where a Redis is shared
    from redis.asyncio.cluster import ClusterNode  # noqa: PLC0415

    nodes = [ClusterNode(each.host, each.port) for each in addresses]
    return RedisCluster(startup_nodes=nodes, **options)


def _options(settings: RedisSettings, credential: Credential | None) -> dict[str, Any]:
    from redis.asyncio.retry import Retry  # noqa: PLC0415  # only where a Redis is shared
    from redis.backoff import NoBackoff  # noqa: PLC0415

    timeout_s = settings.timeout_ms / 1_000
    return {
        "username": credential.key if credential is not None else None,
        "password": credential.secret if credential is not None else None,
        "client_name": NAME,
        "protocol": 2,
        "decode_responses": True,
        "max_connections": settings.connections_max
        + 2,  # one is held by who listens, one may be on its way out
        "socket_connect_timeout": timeout_s,
        "socket_timeout": None,  # the link has the deadline: redis-py's own one loses a cancellation on Python 3.11
        "retry": Retry(NoBackoff(), 0),
    }


def _encryption(settings: RedisSettings, address: RedisAddress) -> dict[str, Any]:
    from ssl import TLSVersion  # noqa: PLC0415  # only where a Redis is shared

    if not address.is_encrypted:
        return {}
    return {
        "ssl": True,
        "ssl_ca_certs": settings.ca_file or None,
        "ssl_check_hostname": True,
        "ssl_min_version": TLSVersion.TLSv1_2,
    }
