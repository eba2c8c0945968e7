"""A certificate to try things out with: it signs itself, and says in its subject what it is for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final, NamedTuple

from engine.clock import NS_PER_S
from engine.errors import ConfigError
from engine.model.text import clean
from engine.security.tls.certificate import DEVELOPMENT

if TYPE_CHECKING:
    from cryptography import x509

DAYS: Final = 90
NAMES: Final = ("localhost", "127.0.0.1", "::1")
"""This machine, to itself."""
_SKEW: Final = timedelta(hours=1)
"""How far behind the clock of whoever is shown it may be."""
_HOST: Final = re.compile(
    r"(?=.{1,253}$)(\*\.)?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*", re.ASCII
)


class Made(NamedTuple):
    """A certificate and its private key, both PEM."""

    certificate: bytes
    key: bytes


def make_development(names: Sequence[str], now_ns: int) -> Made:
    """Return a certificate on P-256 for this machine and other names, for 90 days from now.

    Raises:
        ConfigError: one is no name of a host and no address.
    """
    from cryptography import x509  # noqa: PLC0415  # heavy: not before the first paint
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.x509.oid import ExtendedKeyUsageOID  # noqa: PLC0415

    told = list(_general(dict.fromkeys((*NAMES, *(name.lower() for name in names)))))
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.fromtimestamp(now_ns // NS_PER_S, UTC)
    itself = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    made = (
        x509.CertificateBuilder(_subject(), _subject(), key.public_key(), x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName(told), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_signs_alone(), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(itself, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(itself), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Made(made.public_bytes(serialization.Encoding.PEM), private)


def _subject() -> x509.Name:
    from cryptography.x509 import Name, NameAttribute  # noqa: PLC0415  # likewise
    from cryptography.x509.oid import NameOID  # noqa: PLC0415

    return Name(
        [
            NameAttribute(NameOID.ORGANIZATION_NAME, "Touchline"),
            NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, DEVELOPMENT),
        ]
    )


def _general(names: dict[str, None]) -> Iterator[x509.GeneralName]:
    from cryptography.x509 import DNSName, IPAddress  # noqa: PLC0415  # likewise

    for name in names:
        try:
            yield IPAddress(ip_address(name))
        except ValueError:
            if not _HOST.fullmatch(name):
                raise ConfigError(
                    f"--name: expected a host such as desk.example, or an address, found {clean(name, 64)!r}"
                ) from None
            yield DNSName(name)


def _signs_alone() -> x509.KeyUsage:
    """Return what the key may do: prove who it is, and not sign other certificates."""
    from cryptography.x509 import KeyUsage  # noqa: PLC0415  # likewise

    return KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
