"""Addresses from the settings, refused where what is sent would be open to read."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from engine.errors import ConfigError

_PLAIN = {"wss": "ws", "https": "http"}


def checked_url(setting: str, url: str, scheme: str) -> str:
    """Return an address without a slash at its end.

    Raises:
        ConfigError: it is none, or not encrypted although it leaves this machine.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    plain = parts.scheme == _PLAIN[scheme] and is_loopback(host)
    if not host or not (parts.scheme == scheme or plain) or parts.username is not None or parts.query:
        raise ConfigError(
            f"{setting}: expected an address such as {scheme}://host/path, or {_PLAIN[scheme]}://127.0.0.1:port on "
            f"this machine, found {url!r}"
        )
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
