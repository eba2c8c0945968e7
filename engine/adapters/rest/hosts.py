"""Where orders may go: to paper accounts unless the settings say that an account is a live one; and servers of this machine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

from engine.errors import ConfigError
from engine.transport.address import checked_url, is_loopback


class OrderAddress(NamedTuple):
    """One address that orders or their updates go over, and the hosts that it may have."""

    setting: str
    url: str
    scheme: str
    paper_host: str
    live_host: str


def check_hosts(addresses: Iterable[OrderAddress], *, live: bool) -> None:
    """Refuse addresses of other hosts than those of the account that is meant; a server of this machine stands in for either.

    Raises:
        ConfigError: an address is another, or none; the message says what to set.
    """
    for each in addresses:
        host = urlsplit(checked_url(each.setting, each.url, each.scheme)).hostname or ""
        wanted = each.live_host if live else each.paper_host
        if host == wanted or is_loopback(host):
            continue
        if live:
            said = f"account.live is set, so orders go to {wanted} or this machine"
            otherwise = "for a paper account set account.live = false"
        else:
            said = f"orders of a paper account go to {wanted} or this machine"
            otherwise = "for a live account set account.live = true, its name and its number"
        raise ConfigError(f"{each.setting}: {said}; found {host}; {otherwise}")
