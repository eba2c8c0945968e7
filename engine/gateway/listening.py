"""Where the gateway listens: a port of this machine, or a socket in a folder of its owner's."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from engine.errors import ConfigError
from engine.settings.gateway import GatewaySettings

_BACKLOG = 1_024
_PORT_MAX = 65_535
_ELSEWHERE_S = 0.5
"""How long to wait whether somebody listens at a socket."""


class Address(NamedTuple):
    """A host and a port, or a path."""

    host: str
    port: int
    path: str = ""

    @property
    def is_here(self) -> bool:
        """Whether only this machine reaches it."""
        if self.path or self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def name(self) -> str:
        """The host as an address has it."""
        return f"[{self.host}]" if ":" in self.host else self.host


def address_in(settings: GatewaySettings) -> Address:
    """Return where the settings say to listen.

    Raises:
        ConfigError: it is no address, or other machines would reach it without a certificate.
    """
    listen = settings.listen
    if listen.startswith("unix:/"):
        return Address("", 0, listen.removeprefix("unix:"))
    host, _, port = listen.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdigit() or int(port) > _PORT_MAX:
        raise ConfigError(
            f"gateway.listen: expected an address such as 127.0.0.1:8730 or unix:/path, found {listen[:64]!r}"
        )
    address = Address(host, int(port))
    if not address.is_here and not settings.certificate_file:
        raise ConfigError(
            f"gateway.listen: other machines reach {listen}, which takes a certificate: "
            "gateway.certificate_file and gateway.key_file; touchline cert makes one to try it with"
        )
    return address


def bound(address: Address, setting: str = "gateway.listen") -> socket.socket:
    """Return a socket that listens there, as a setting wants it.

    Raises:
        ConfigError: it can't.
    """
    try:
        return _unix(Path(address.path)) if address.path else _tcp(address)
    except OSError as error:
        where = address.path or f"{address.name}:{address.port}"
        raise ConfigError(f"{setting}: {where}: {error.strerror or error}") from None


def _tcp(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address.host, address.port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _unix(path: Path) -> socket.socket:
    """Listen in a folder that is its owner's alone; what a process that died left there is replaced."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = path.parent.stat()
    if folder.st_uid != os.geteuid() or folder.st_mode & 0o077:
        raise ConfigError(f"gateway.listen: expected {path.parent} to be for its owner alone (mode 0700)")
    if path.exists() and not path.is_socket():
        raise ConfigError(f"gateway.listen: expected a socket at {path}, found something else")
    if path.exists() and _is_heard(path):
        raise ConfigError(f"gateway.listen: somebody listens at {path} already")
    with suppress(FileNotFoundError):
        path.unlink()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(os.fspath(path))
        path.chmod(0o600)
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _is_heard(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.settimeout(_ELSEWHERE_S)
        return caller.connect_ex(os.fspath(path)) == 0
