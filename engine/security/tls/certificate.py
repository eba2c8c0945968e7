"""What a certificate says, read once and checked with its key before anybody is shown it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from engine.clock import NS_PER_S
from engine.errors import ConfigError
from engine.model.text import clean
from engine.security.private_file import read_private

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

DEVELOPMENT: Final = "Development certificate (not for production)"
"""The organizational unit of its subject marks a certificate that `touchline cert` made."""
DAY_NS: Final = 86_400 * NS_PER_S
RSA_BITS_MIN: Final = 2048
_WEAK: Final = frozenset({"md5", "sha1"})


class Certificate(Struct, frozen=True, kw_only=True):
    """One certificate: whose it is, who says so, and until when."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    """The hosts and addresses that it is for."""
    fingerprint: str
    """SHA-256 of it, as `AB:CD:...`."""
    begins_ns: int
    ends_ns: int
    is_development: bool

    def days_left(self, now_ns: int) -> int:
        """Return the whole days until its end; below 0 once it is over."""
        return (self.ends_ns - now_ns) // DAY_NS


def read_certificate(path: Path) -> Certificate:
    """Return what the first certificate of a file says.

    Raises:
        ConfigError: it can't be read, or holds no certificate.
    """
    return _told(_parse(path))


def check_pair(path: Path, key_path: Path, now_ns: int, *, is_production: bool) -> Certificate:
    """Return the certificate that a listener may show, with the key in another file.

    Raises:
        ConfigError: the certificate is over, weak or not for production, or the key is not its own.
        SecretsError: the key can't be read, or not by its owner alone.
    """
    found = _parse(path)
    told = _told(found)
    if told.is_development and is_production:
        raise ConfigError(f"{path}: it is a development certificate, which production does not take")
    if told.ends_ns <= now_ns:
        raise ConfigError(f"{path}: the certificate is over since {_day(told.ends_ns)}; renew it")
    if told.begins_ns > now_ns:
        raise ConfigError(f"{path}: the certificate begins only on {_day(told.begins_ns)}")
    _refuse_weak(path, found)
    _check_key(path, key_path, found)
    return told


def _parse(path: Path) -> x509.Certificate:
    """Return the first one of a file; those above it have to be whole too."""
    from cryptography import x509  # noqa: PLC0415  # heavy: not before the first paint

    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise ConfigError(
            f"{path}: there is no such certificate; touchline cert makes one for development"
        ) from error
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from error
    try:
        return x509.load_pem_x509_certificates(content)[0]
    except ValueError as error:
        raise ConfigError(f"{path}: expected certificates in PEM, found something else") from error


def _told(found: x509.Certificate) -> Certificate:
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415  # likewise
    from cryptography.x509.oid import NameOID  # noqa: PLC0415

    units = found.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    return Certificate(
        subject=clean(found.subject.rfc4514_string()),
        issuer=clean(found.issuer.rfc4514_string()),
        names=_names(found),
        fingerprint=found.fingerprint(SHA256()).hex(":").upper(),
        begins_ns=int(found.not_valid_before_utc.timestamp()) * NS_PER_S,
        ends_ns=int(found.not_valid_after_utc.timestamp()) * NS_PER_S,
        is_development=any(unit.value == DEVELOPMENT for unit in units),
    )


def _names(found: x509.Certificate) -> tuple[str, ...]:
    from cryptography import x509  # noqa: PLC0415  # likewise

    try:
        told = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    hosts = told.get_values_for_type(x509.DNSName)
    addresses = told.get_values_for_type(x509.IPAddress)
    return tuple(clean(str(name)) for name in (*hosts, *addresses))


def _refuse_weak(path: Path, found: x509.Certificate) -> None:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # noqa: PLC0415  # likewise

    signed_with = found.signature_hash_algorithm
    if signed_with is not None and signed_with.name in _WEAK:
        raise ConfigError(f"{path}: the certificate is signed with {signed_with.name}; expected SHA-256")
    key = found.public_key()
    if isinstance(key, RSAPublicKey) and key.key_size < RSA_BITS_MIN:
        raise ConfigError(f"{path}: its RSA key has {key.key_size} bits; expected at least {RSA_BITS_MIN}")


def _check_key(path: Path, key_path: Path, found: x509.Certificate) -> None:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415  # likewise

    content = read_private(key_path.resolve())
    if content is None:
        raise ConfigError(f"{key_path}: there is no such private key")
    try:
        key = load_pem_private_key(content, password=None)
    except TypeError as error:
        raise ConfigError(f"{key_path}: the private key is encrypted; expected one that is not") from error
    except ValueError as error:
        raise ConfigError(f"{key_path}: it holds no private key; expected PEM") from error
    if _public_bytes(key.public_key()) != _public_bytes(found.public_key()):
        raise ConfigError(f"{key_path}: it is not the key of the certificate {path}")


def _public_bytes(key: PublicKeyTypes) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415  # likewise

    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _day(time_ns: int) -> str:
    return datetime.fromtimestamp(time_ns // NS_PER_S, UTC).strftime("%Y-%m-%d %H:%M UTC")
