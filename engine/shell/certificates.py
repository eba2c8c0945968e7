"""The gateway's certificate as a person at a shell asks for it: made for development, and told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from engine.clock import NS_PER_S, Clock
from engine.config import Settings
from engine.environment import is_production
from engine.errors import ConfigError
from engine.folders import Folders
from engine.security.audit.log import NAME as AUDIT
from engine.security.audit.log import AuditLog
from engine.security.audit.who import at_shell
from engine.security.private_file import write_private
from engine.security.tls.certificate import Certificate, read_certificate
from engine.security.tls.development import DAYS, NAMES, make_development

__all__ = ("DAYS", "NAMES", "Certificate", "Certificates")

NAME: Final = "gateway.pem"
KEY_NAME: Final = "gateway.key"


class Certificates:
    """The two files that the settings name, else those in the data folder."""

    def __init__(self, folders: Folders, settings: Settings, clock: Clock) -> None:
        gateway = settings.gateway
        self._clock = clock
        self._audit = AuditLog(folders.data / AUDIT, clock)
        self.is_set = bool(gateway.certificate_file)
        """Whether the settings name them."""
        self.path = Path(gateway.certificate_file or folders.data / NAME).expanduser()
        """The certificate."""
        self.key_path = Path(gateway.key_file or folders.data / KEY_NAME).expanduser()
        """Its private key."""

    def make(self, names: Sequence[str] = (), *, force: bool = False) -> Certificate:
        """Make a development certificate for this machine and other names; what is there is kept under another name.

        Raises:
            ConfigError: there is one and nobody said to replace it, a name is none, this is production, or a folder
                can't be written.
            SecretsError: the key can't be written.
        """
        if is_production():
            raise ConfigError("a development certificate is not for production; take one of an authority")
        there = [path for path in (self.path, self.key_path) if path.exists()]
        if there and not force:
            raise ConfigError(
                f"{there[0]}: it is there already; --force puts another in its place, and keeps it"
            )
        now_ns = self._clock.now_ns()
        made = make_development(names, now_ns)
        self._make_room(there, now_ns)
        write_private(self.key_path, made.key)
        write_private(self.path, made.certificate)
        told = read_certificate(self.path)
        self._audit.write(at_shell("certificate-made", str(self.path), after=told.fingerprint))
        return told

    def read(self) -> Certificate:
        """Return what the certificate says.

        Raises:
            ConfigError: there is none, or it can't be read.
        """
        return read_certificate(self.path)

    def days_left(self, certificate: Certificate) -> int:
        """Return the whole days until its end; below 0 once it is over."""
        return certificate.days_left(self._clock.now_ns())

    def _make_room(self, there: Iterable[Path], now_ns: int) -> None:
        try:
            for path in (self.path, self.key_path):
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            for path in there:
                path.rename(_aside(path, now_ns))
        except OSError as error:
            raise ConfigError(f"{error.filename}: {error.strerror or error}") from error


def _aside(path: Path, now_ns: int) -> Path:
    """Return the name under which a file is kept."""
    moment = datetime.fromtimestamp(now_ns // NS_PER_S, UTC)
    return path.with_name(f"{path.stem}.until-{moment:%Y%m%dT%H%M%SZ}{path.suffix}")
