"""Where a gateway listens: a Unix socket, or a port of this machine."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from engine.errors import ConfigError

ProtocolT = TypeVar("ProtocolT", bound=asyncio.BaseProtocol)


@dataclass(frozen=True, slots=True)
class Address:
    """A path, or a host and a port."""

    path: str = ""
    host: str = ""
    port: int = 0

    def __str__(self) -> str:
        return f"unix:{self.path}" if self.path else f"tcp:{self.host}:{self.port}"

    async def open(self, make: Callable[[], ProtocolT]) -> ProtocolT:
        """Connect.

        Raises:
            OSError: nobody listens there.
        """
        loop = asyncio.get_running_loop()
        if self.path:
            return (await loop.create_unix_connection(make, self.path))[1]
        return (await loop.create_connection(make, self.host, self.port))[1]


def read_address(text: str) -> Address:
    """Read `unix:/path` or `tcp:127.0.0.1:9800`.

    Raises:
        ConfigError: it is neither, or not on this machine: what is sent there is not encrypted.
    """
    kind, _, rest = text.partition(":")
    if kind == "unix" and rest.startswith("/"):
        return Address(path=rest)
    host, _, port = rest.rpartition(":")
    if kind == "tcp" and _is_loopback(host) and port.isdecimal() and 0 < int(port) < 65_536:
        return Address(host=host.strip("[]"), port=int(port))
    raise ConfigError(
        f"broker.address: expected unix:/path or tcp:127.0.0.1:port of this machine, found {text!r}"
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
