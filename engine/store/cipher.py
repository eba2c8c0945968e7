"""Seals what lies on the disk, so that it says nothing to whoever has not the key.

AES-256-GCM (NIST SP 800-38D) under a key that HKDF (RFC 5869) makes of the newest of the ring:

    key id   8 bytes
    nonce    12 bytes: begun at random each time a key is taken up, and one more for each piece
    sealed   the piece, and a tag of 16 bytes; where it belongs is authenticated with it
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from engine.store.key_ring import ID_BYTES, KEY_BYTES, Key, KeyRing

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
OVERHEAD_BYTES: Final = ID_BYTES + NONCE_BYTES + TAG_BYTES
"""By how much a sealed piece is longer."""
_NONCES: Final = 1 << (8 * NONCE_BYTES)


class Unopened(Exception):
    """A piece can't be opened; why, in words."""


class Cipher:
    """Seals with the newest key of a ring, and opens with each."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys
        self._id = keys.current.id
        self._nonce = int.from_bytes(secrets.token_bytes(NONCE_BYTES))
        self._ciphers: dict[bytes, AESGCM] = {}
        self._encrypt = self._cipher_of(keys.current.id).encrypt

    def seal(self, piece: bytes, place: bytes) -> bytes:
        """Return a piece as only the key opens it, at that place alone."""
        self._nonce = (self._nonce + 1) % _NONCES
        nonce = self._nonce.to_bytes(NONCE_BYTES)
        return self._id + nonce + self._encrypt(nonce, piece, place)

    def open(self, sealed: bytes | memoryview, place: bytes) -> bytes:
        """Return a piece that was sealed.

        Raises:
            Unopened: the key is not at hand, or it is not what was sealed for that place.
        """
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415  # heavy

        whole = bytes(sealed)
        if len(whole) < OVERHEAD_BYTES:
            raise Unopened("it was cut short")
        nonce, body = whole[ID_BYTES : ID_BYTES + NONCE_BYTES], whole[ID_BYTES + NONCE_BYTES :]
        try:
            return self._cipher_of(whole[:ID_BYTES]).decrypt(nonce, body, place)
        except InvalidTag as error:
            raise Unopened("it was changed after it was sealed") from error

    def _cipher_of(self, key_id: bytes) -> AESGCM:
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            key = self._keys.find(key_id)
            if key is None:
                raise Unopened(self._keys.lacks(key_id))
            self._ciphers[key_id] = cipher = _cipher(key)
        return cipher


def _cipher(key: Key) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415  # heavy
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt=None, info=b"touchline journal").derive(key.secret))
