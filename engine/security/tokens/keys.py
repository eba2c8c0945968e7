"""The keys that sign tokens: one signs, the ones before it verify until their tokens are over.

Keys are the raw 32 bytes of Ed25519 (RFC 8032), so that whoever stores them needs no cryptography.
"""

from __future__ import annotations

import secrets
from typing import Final

import msgspec
from msgspec import Struct

from engine.model.undecodable import UNDECODABLE
from engine.ports.secrets import SecretsError
from engine.security.tokens.lives import KEPT_NS

KEY_BYTES: Final = 32
FOR_EVER_NS: Final = 0
"""As the moment until which a key verifies: it is not replaced yet."""


class SigningKeysUnreadable(SecretsError):
    """What is kept are no signing keys that were written here."""


class VerifyingKey(Struct, frozen=True):
    """A public key, and until when it verifies."""

    public: bytes
    until_ns: int = FOR_EVER_NS


class SigningKeys(Struct, frozen=True):
    """Which key signs, and which ones verify, by their `kid`."""

    current: str
    private: dict[str, bytes]
    """A desk that only verifies has none."""
    verifying: dict[str, VerifyingKey]

    def __repr__(self) -> str:
        """Tell the names, never the keys."""
        return f"SigningKeys(current={self.current!r}, verifying={sorted(self.verifying)})"

    def public_of(self, kid: str, now_ns: int) -> bytes | None:
        """Return the public key of that name, or None where it verifies nothing at that moment."""
        key = self.verifying.get(kid)
        if key is None or (key.until_ns != FOR_EVER_NS and now_ns >= key.until_ns):
            return None
        return key.public

    def rotated(self, now_ns: int) -> SigningKeys:
        """Return keys of which a new one signs; the one before verifies until its last token is over."""
        fresh = new_signing_keys()
        kept = {
            kid: VerifyingKey(key.public, key.until_ns or now_ns + KEPT_NS)
            for kid, key in self.verifying.items()
            if self.public_of(kid, now_ns) is not None
        }
        return SigningKeys(fresh.current, fresh.private, kept | fresh.verifying)

    def without_past(self) -> SigningKeys:
        """Return keys of which only the one that signs verifies: every token of those before ends at once."""
        current = self.current
        return SigningKeys(current, self.private, {current: self.verifying[current]})

    def encoded(self) -> bytes:
        """Return them as they are kept."""
        return msgspec.json.encode(self)


def new_signing_keys() -> SigningKeys:
    """Make a key that nobody had before."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415  # only where one signs
        Ed25519PrivateKey,
    )

    private = Ed25519PrivateKey.generate()
    kid = secrets.token_hex(8)
    public = VerifyingKey(private.public_key().public_bytes_raw())
    return SigningKeys(kid, {kid: private.private_bytes_raw()}, {kid: public})


def decoded_signing_keys(kept: bytes) -> SigningKeys:
    """Return the keys that were kept.

    Raises:
        SigningKeysUnreadable: they are none, or don't belong together.
    """
    try:
        keys = msgspec.json.decode(kept, type=SigningKeys)
    except UNDECODABLE:
        keys = None
    if keys is None or not _belong_together(keys):
        raise SigningKeysUnreadable("what is kept as signing keys is damaged, or was not written here")
    return keys


def _belong_together(keys: SigningKeys) -> bool:
    if keys.current not in keys.verifying or keys.verifying[keys.current].until_ns != FOR_EVER_NS:
        return False
    if any(len(key.public) != KEY_BYTES for key in keys.verifying.values()):
        return False
    return all(
        len(private) == KEY_BYTES and kid in keys.verifying and keys.verifying[kid].public == _public(private)
        for kid, private in keys.private.items()
    )


def _public(private: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415  # only where one signs
        Ed25519PrivateKey,
    )

    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
