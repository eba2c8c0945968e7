"""Keys of AES-256 that seal what is kept: the newest seals, the older ones still open what they sealed."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

KEY_BYTES = 32
ID_BYTES = 8


@dataclass(frozen=True, slots=True)
class Key:
    """One key of AES-256 and the id by which files name it."""

    secret: bytes

    @property
    def id(self) -> bytes:
        """Eight bytes that tell keys apart and nothing about the key."""
        return sha256(b"touchline backup key id\0" + self.secret).digest()[:ID_BYTES]

    def __repr__(self) -> str:
        return f"Key({self.id.hex()})"


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Every key at hand, newest first, and where they are kept."""

    keys: tuple[Key, ...]
    place: str

    @property
    def current(self) -> Key:
        """The key that seals."""
        return self.keys[0]

    def find(self, key_id: bytes) -> Key | None:
        """Return the key of an id, None where it is not at hand."""
        return next((key for key in self.keys if key.id == key_id), None)

    def lacks(self, key_id: bytes) -> str:
        """Return the sentence of a key that is not at hand."""
        return f"the key {key_id.hex()} that sealed it is not in {self.place}"
