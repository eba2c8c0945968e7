"""What makes a gateway one of HTTPS: the certificate that it shows, and the watch over it."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from engine.clock import Clock
from engine.errors import ConfigError
from engine.face import EngineFace
from engine.gateway.parts import Chore
from engine.messages.events import Severity
from engine.security.tls.expiry import CertificateWatch
from engine.security.tls.served import ServedCertificate
from engine.settings.gateway import GatewaySettings

ROW: Final = "certificate"
SOURCE: Final = "gateway"
_HSTS: Final = MappingProxyType({"Strict-Transport-Security": "max-age=31536000"})
"""A browser that was here asks encrypted alone, for a year."""


class Encryption(NamedTuple):
    """A certificate that was read and will do, and the context that shows it."""

    certificate: ServedCertificate
    context: ssl.SSLContext

    @property
    def always(self) -> Mapping[str, str]:
        """What every answer carries.

        The names of a development certificate are those of this machine, where other programs may speak plain HTTP.
        """
        shown = self.certificate.certificate
        return {} if shown is None or shown.is_development else _HSTS

    def watch(self, engine: EngineFace, clock: Clock) -> Chore:
        """Return what takes a renewed certificate in; the engine has a row for it, and tells of its end."""

        def tell(severity: Severity, text: str) -> None:
            engine.alert(severity, SOURCE, text)

        watch = CertificateWatch(self.certificate, clock, tell)
        engine.add_row(ROW, ROW, watch.standing)
        return watch.run


def encryption_of(settings: GatewaySettings, clock: Clock) -> Encryption | None:
    """Return what the settings name, None where they name none.

    Raises:
        ConfigError: a file is missing, or the certificate will not do.
        SecretsError: the key can't be read, or not by its owner alone.
    """
    if settings.redirect_port and settings.listen.startswith("unix:"):
        raise ConfigError("gateway.redirect_port: it goes with a port, and gateway.listen is a Unix socket")
    if not settings.certificate_file and not settings.key_file:
        if settings.redirect_port:
            raise ConfigError(
                "gateway.redirect_port: it leads to HTTPS, which takes gateway.certificate_file"
            )
        return None
    if not settings.certificate_file or not settings.key_file:
        raise ConfigError("gateway.certificate_file and gateway.key_file: one goes with the other")
    certificate = ServedCertificate(
        Path(settings.certificate_file).expanduser(), Path(settings.key_file).expanduser(), clock
    )
    return Encryption(certificate, certificate.open())
