"""Where orders may go until an account is armed by its name: where no money is at stake, and servers of this machine."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from engine.errors import ConfigError
from engine.transport.address import checked_url, is_loopback


def check_hosts(whose: str, addresses: Iterable[tuple[str, str, str, str]]) -> None:
    """Refuse addresses of other hosts; each is a setting with its address, its scheme and the host that it must have.

    Raises:
        ConfigError: an address is another, or none.
    """
    for setting, url, scheme, wanted in addresses:
        host = urlsplit(checked_url(setting, url, scheme)).hostname or ""
        if host != wanted and not is_loopback(host):
            raise ConfigError(
                f"{setting}: orders go to {whose} only, at {wanted} or on this machine; found {host}"
            )
