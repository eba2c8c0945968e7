"""Where the keys that backups and journals are sealed with are kept, and how they are made and rotated."""

from __future__ import annotations

import secrets as randomness

from engine.ports.secrets import Secrets
from engine.store.backup.errors import BackupError
from engine.store.key_ring import KEY_BYTES, Key, KeyRing

SECRET_NAME = "backup-keys"  # noqa: S105  # the name, not the secret


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
