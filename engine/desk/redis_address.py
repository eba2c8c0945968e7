"""Where a Redis is, refused where a password would be open to read on the way there."""

from __future__ import annotations

import re
from typing import NamedTuple

from engine.errors import ConfigError
from engine.settings.redis import RedisSettings
from engine.transport.address import is_loopback

_PREFIX = re.compile(r"[A-Za-z0-9-]{1,32}")


class RedisAddress(NamedTuple):
    """One place: a host and a port, or a path on this machine."""

    host: str
    port: int
    path: str = ""
    is_encrypted: bool = False

    def __str__(self) -> str:
        """Write it as the settings have it."""
        if self.path:
            return f"unix:{self.path}"
        return f"{'tls' if self.is_encrypted else 'tcp'}:{self.host}:{self.port}"


def redis_addresses(settings: RedisSettings) -> tuple[RedisAddress, ...]:
    """Read the addresses, and check what goes with them.

    Raises:
        ConfigError: one is none, or not encrypted although it leaves this machine; or another setting is wrong.
    """
    found = tuple(_address(text.strip()) for text in settings.address.split(","))
    if len({each.is_encrypted for each in found}) > 1:
        raise ConfigError("redis.address: expected all of them encrypted or none, found both")
    if settings.kind == "server" and len(found) > 1:
        raise ConfigError(f"redis.address: a server has one address, found {len(found)}")
    if settings.kind != "server" and any(each.path for each in found):
        raise ConfigError(f"redis.address: expected hosts and ports for kind {settings.kind!r}, found a path")
    if not _PREFIX.fullmatch(settings.prefix):
        raise ConfigError(
            f"redis.prefix: expected 1 to 32 letters, digits and hyphens, found {settings.prefix[:40]!r}"
        )
    if settings.connections_max < 1:
        raise ConfigError(f"redis.connections_max: expected 1 or more, found {settings.connections_max}")
    if settings.timeout_ms < 10:
        raise ConfigError(f"redis.timeout_ms: expected 10 or more, found {settings.timeout_ms}")
    return found


def _address(text: str) -> RedisAddress:
    kind, _, rest = text.partition(":")
    if kind == "unix" and rest.startswith("/"):
        return RedisAddress("", 0, rest)
    host, _, port = rest.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    is_port = port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65_536
    if host and is_port and (kind == "tls" or (kind == "tcp" and is_loopback(host))):
        return RedisAddress(host, int(port), "", kind == "tls")
    raise ConfigError(
        "redis.address: expected tls:host:port, or on this machine tcp:127.0.0.1:port or unix:/path, "
        f"found {text[:200]!r}"
    )
