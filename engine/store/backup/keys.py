"""The keys that backups are sealed with: the newest seals, the older ones still open what they sealed."""

from __future__ import annotations

import secrets as randomness
from dataclasses import dataclass
from hashlib import sha256

from engine.ports.secrets import Secrets
from engine.store.backup.errors import BackupError, WrongKey

SECRET_NAME = "backup-keys"  # noqa: S105  # the name, not the secret
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

    def find(self, key_id: bytes) -> Key:
        """Return the key of an id.

        Raises:
            WrongKey: it is not at hand.
        """
        for key in self.keys:
            if key.id == key_id:
                return key
        raise WrongKey(f"the key {key_id.hex()} that sealed it is not in {self.place}")


def load_keys(secrets: Secrets) -> KeyRing:
    """Read the keys.

    Raises:
        BackupError: there are none, or what is kept is no key.
        SecretsError: the place can't be asked.
    """
    kept = secrets.get(SECRET_NAME)
    if kept is None:
        raise BackupError(f"{secrets.place} holds no backup key; touchline backup makes one")
    return _ring(kept, secrets.place)


def load_or_make_keys(secrets: Secrets) -> tuple[KeyRing, bool]:
    """Read the keys, or make the first one; tell whether it is new.

    Raises:
        BackupError: what is kept is no key.
        SecretsError: the place can't be asked.
    """
    if secrets.get(SECRET_NAME) is not None:
        return load_keys(secrets), False
    secrets.set(SECRET_NAME, randomness.token_bytes(KEY_BYTES))
    return load_keys(secrets), True


def rotate(secrets: Secrets) -> KeyRing:
    """Make a new key that seals from now on, and keep the older ones.

    Raises:
        BackupError: there is no key to rotate.
        SecretsError: the place can't be asked.
    """
    old = load_keys(secrets)
    made = Key(randomness.token_bytes(KEY_BYTES))
    return _keep(secrets, (made, *old.keys))


def copy_keys(keys: KeyRing, to: Secrets) -> KeyRing:
    """Keep the keys in another place too, together with those that are there.

    Raises:
        BackupError: what is there is no key.
        SecretsError: the other place can't be asked.
    """
    there = _ring(kept, to.place).keys if (kept := to.get(SECRET_NAME)) else ()
    return _keep(to, (*keys.keys, *(key for key in there if key not in keys.keys)))


def _keep(secrets: Secrets, keys: tuple[Key, ...]) -> KeyRing:
    secrets.set(SECRET_NAME, b"".join(key.secret for key in keys))
    return load_keys(secrets)


def _ring(kept: bytes, place: str) -> KeyRing:
    if not kept or len(kept) % KEY_BYTES:
        raise BackupError(f"{place} holds {len(kept)} bytes as backup keys, expected {KEY_BYTES} for each")
    parts = (kept[start : start + KEY_BYTES] for start in range(0, len(kept), KEY_BYTES))
    return KeyRing(tuple(Key(part) for part in parts), place)
