"""By which names the gateway may be called: a page that has its own name point here gets nothing (DNS rebinding)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from engine.gateway.refusals import Code, Refused

LOOPBACK_NAMES: Final = ("127.0.0.1", "localhost", "[::1]")
_PORTS: Final = {"http": 80, "https": 443}


class Names:
    """Knows every `Host` that is ours."""

    def __init__(self, names: Iterable[str], port: int, scheme: str) -> None:
        """Take names without a port; of a Unix socket the port is 0, and none is told."""
        told = {name.lower() for name in names}
        self._hosts = {f"{name}:{port}" for name in told} if port else told
        if port == _PORTS[scheme]:
            self._hosts |= told

    def check(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Let a request pass that calls us by one of our names.

        Raises:
            Refused: it calls somebody else, or nobody.
        """
        found = [value for name, value in headers if name == b"host"]
        if len(found) != 1 or found[0].decode("latin-1").lower() not in self._hosts:
            raise Refused(Code.HOST)
