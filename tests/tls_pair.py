"""A certificate and its key, as they lie on a disk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from engine.clock import NS_PER_S
from engine.security.tls.development import make_development

NOW_NS = 1_800_000_000 * NS_PER_S
"""2027-01-15, 08:00 UTC."""


class Pair:
    """Two files in a folder."""

    def __init__(self, folder: Path) -> None:
        self.path, self.key_path = folder / "gateway.pem", folder / "gateway.key"

    def make(self, *names: str, now_ns: int = NOW_NS) -> None:
        """Put a new development certificate there."""
        made = make_development(names, now_ns)
        self.put(made.certificate, made.key)

    def authorised(self, host: str = "desk.example", *, now_ns: int) -> None:
        """Put one there that does not say that it is for development."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An Authority")])
        now = datetime.fromtimestamp(now_ns // NS_PER_S, UTC)
        built = x509.CertificateBuilder(name, name, key.public_key(), 7)
        made = built.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=90))
        named = x509.SubjectAlternativeName([x509.DNSName(host)])
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.put(
            made.add_extension(named, critical=False)
            .sign(key, hashes.SHA256())
            .public_bytes(serialization.Encoding.PEM),
            private,
        )

    def put(self, certificate: bytes | None, key: bytes | None) -> None:
        """Put these there, in place of what is there; None for no file."""
        for path, content in ((self.path, certificate), (self.key_path, key)):
            path.unlink(missing_ok=True)
            if content is not None:
                path.touch(0o600)
                path.write_bytes(content)
