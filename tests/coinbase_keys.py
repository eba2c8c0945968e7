"""Keys as Coinbase gives them, made for one test each."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from engine.ports.secrets import Credential

NAME = "organizations/11111111-2222-3333-4444-555555555555/apiKeys/66666666-7777-8888-9999-000000000000"


def new_key() -> tuple[EllipticCurvePrivateKey, str]:
    """Return a key, and its text."""
    key = generate_private_key(SECP256R1())
    return key, key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


def credential_of(text: str) -> Credential:
    """Return a credential whose secret is this text."""
    return Credential(NAME, text)
