"""The keys that sign models and what becomes of them: the newest signs, the ones before it still verify.

Keys are the raw 32 bytes of Ed25519 (RFC 8032), one behind the other, the newest first.
"""

from __future__ import annotations

import secrets as randomness
from hashlib import sha256
from typing import Final

from engine.ports.secrets import Secrets, SecretsError

SECRET_NAME: Final = "model-keys"  # noqa: S105  # the name, not the secret
KEY_BYTES: Final = 32
KEYS_MAX: Final = 32


class ModelKeys:
    """Signs with the newest key, verifies by each."""

    def __init__(self, kept: bytes) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415  # only where it is needed
            Ed25519PrivateKey,
        )

        each = (kept[start : start + KEY_BYTES] for start in range(0, len(kept), KEY_BYTES))
        self._private = [Ed25519PrivateKey.from_private_bytes(key) for key in each]
        self._public = [key.public_key() for key in self._private]
        self.ids: Final = tuple(sha256(key.public_bytes_raw()).hexdigest()[:16] for key in self._public)
        """Tell keys apart; the first one signs."""

    def __repr__(self) -> str:
        """Tell the ids, never the keys."""
        return f"ModelKeys({', '.join(self.ids)})"

    def sign(self, purpose: bytes, content: bytes) -> str:
        """Return a signature that is good for one purpose alone."""
        return self._private[0].sign(_about(purpose, content)).hex()

    def verifies(self, purpose: bytes, content: bytes, signature: str) -> bool:
        """Tell whether one of the keys signed that, for that purpose."""
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415

        for key in self._public:
            try:
                key.verify(bytes.fromhex(signature), _about(purpose, content))
            except (InvalidSignature, ValueError):
                continue
            return True
        return False


def load_model_keys(secrets: Secrets) -> ModelKeys | None:
    """Read the keys, or None where there are none.

    Raises:
        SecretsError: the place can't be asked, or what is kept there are no keys.
    """
    kept = secrets.get(SECRET_NAME)
    if kept is None:
        return None
    if not 0 < len(kept) <= KEYS_MAX * KEY_BYTES or len(kept) % KEY_BYTES:
        raise SecretsError(
            f"{secrets.place} holds {len(kept)} bytes as model keys, expected {KEY_BYTES} for each"
        )
    return ModelKeys(kept)


def load_or_make_model_keys(secrets: Secrets) -> tuple[ModelKeys, bool]:
    """Read the keys, or make the first one; tell whether it is new.

    Raises:
        SecretsError: the place can't be asked, or what is kept there are no keys.
    """
    if (keys := load_model_keys(secrets)) is not None:
        return keys, False
    made = randomness.token_bytes(KEY_BYTES)
    secrets.set(SECRET_NAME, made)
    return ModelKeys(made), True


def rotate_model_keys(secrets: Secrets) -> ModelKeys:
    """Let a new key sign; those before still verify, since what they signed stays.

    Raises:
        SecretsError: there is none to rotate, there are too many, or the place can't be asked.
    """
    before = load_model_keys(secrets)
    if before is None:
        raise SecretsError(f"{secrets.place} holds no model key; touchline models add makes the first")
    if len(before.ids) == KEYS_MAX:
        raise SecretsError(f"{secrets.place} holds {KEYS_MAX} model keys already, and each still verifies")
    kept = randomness.token_bytes(KEY_BYTES) + (secrets.get(SECRET_NAME) or b"")
    secrets.set(SECRET_NAME, kept)
    return ModelKeys(kept)


def _about(purpose: bytes, content: bytes) -> bytes:
    """Return what a signature is over: none of one purpose can stand for another."""
    return b"touchline " + purpose + b"\0" + content
