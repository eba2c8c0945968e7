"""Tries every protocol and every cipher that this machine's OpenSSL still knows against a listener."""

from __future__ import annotations

import socket
import ssl
import warnings
from collections.abc import Iterator

EVERY_CIPHER = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"
OLD = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)


def accepted_versions(port: int) -> set[str]:
    """Return the protocols that are accepted with any cipher at all."""
    versions = (*OLD, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
    return {version.name for version in versions if shakes_hands(port, _client(version))}


def accepted_ciphers(port: int) -> set[str]:
    """Return the ciphers of TLS 1.2 that are accepted, each tried alone."""
    every = {each["name"] for each in _client(ssl.TLSVersion.TLSv1_2).get_ciphers()}
    return set(_accepted(port, sorted(name for name in every if not name.startswith("TLS_"))))


def _accepted(port: int, names: list[str]) -> Iterator[str]:
    for name in names:
        if shakes_hands(port, _client(ssl.TLSVersion.TLSv1_2, name)):
            yield name


def shakes_hands(port: int, context: ssl.SSLContext) -> bool:
    """Tell whether a listener on this machine takes a client's offer."""
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=10) as link,
            context.wrap_socket(link, server_hostname="localhost"),
        ):
            return True
    except (ssl.SSLError, ConnectionError):
        return False


def _client(version: ssl.TLSVersion, cipher: str = "") -> ssl.SSLContext:
    """Return a client that offers one protocol, and one cipher or all of them."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers(f"{cipher}:@SECLEVEL=0" if cipher else EVERY_CIPHER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the old ones are what is looked for
        context.minimum_version = context.maximum_version = version
    return context


def lax() -> ssl.SSLContext:
    """Return the context of a server that takes whatever it is offered."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(EVERY_CIPHER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
    return context
