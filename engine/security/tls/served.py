"""The certificate that a listener shows: checked before it is shown, read again when its files changed."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Final

from engine.clock import Clock
from engine.environment import is_production
from engine.errors import ConfigError, EngineError
from engine.security.tls.certificate import Certificate, check_pair

CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2: those that keep what was said secret when the key is lost, and notice any changed bit. TLS 1.3 has no others."""

_Stamp = tuple[tuple[int, int, int], ...]


class ServedCertificate:
    """One context for a listener's life; the certificate in it is exchanged beneath whoever is connected."""

    def __init__(self, path: Path, key_path: Path, clock: Clock) -> None:
        self.path, self._key_path = path, key_path
        self._clock = clock
        self._stamp: _Stamp = ()
        self._context: ssl.SSLContext | None = None
        self.certificate: Certificate | None = None
        """What is shown; None until it is opened."""
        self.trouble = ""
        """Why files that changed were not taken; the certificate before is shown on."""

    def open(self) -> ssl.SSLContext:
        """Read both files, and return the context for the listener.

        Raises:
            ConfigError: the certificate is over, weak or not for production, or the key is not its own.
            SecretsError: the key can't be read, or not by its owner alone.
        """
        self._load()
        assert self._context is not None
        self._context.sni_callback = self._show_current
        return self._context

    def look(self) -> bool:
        """Read the files again where they changed; return whether another certificate is shown from now on."""
        before = self.certificate
        try:
            if _stamp(self.path, self._key_path) != self._stamp:
                self._load()
            self.trouble = ""
        except EngineError as error:
            self.trouble = str(error)
        return self.certificate != before

    def _load(self) -> None:
        """Take both files whole, or nothing of them."""
        stamp = _stamp(self.path, self._key_path)
        found = check_pair(self.path, self._key_path, self._clock.now_ns(), is_production=is_production())
        context = _context()
        try:
            context.load_cert_chain(self.path, self._key_path, password="")  # else it asks at the terminal
        except ssl.SSLError as error:
            reason = (error.reason or str(error)).replace("_", " ").lower()
            raise ConfigError(f"{self.path}: the listener does not take it: {reason}") from error
        except OSError as error:
            raise ConfigError(f"{self.path}: {error.strerror or error}") from error
        self._stamp, self._context, self.certificate = stamp, context, found

    def _show_current(self, connection: ssl.SSLObject, _name: str | None, _asked: ssl.SSLContext) -> None:
        """Give a connection that begins the newest certificate; called whether or not it names a host."""
        assert self._context is not None
        connection.context = self._context


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.set_alpn_protocols(["http/1.1"])
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.options |= (
        ssl.OP_NO_TICKET
    )  # a ticket's key would open what was said for as long as the process lives
    context.num_tickets = 0
    return context


def _stamp(*paths: Path) -> _Stamp:
    """Return what tells files apart from those that had their names before; nothing where one is not there."""
    try:
        found = [path.stat() for path in paths]
    except OSError:
        return ()
    return tuple((each.st_ino, each.st_mtime_ns, each.st_size) for each in found)
