"""The keys that sign tokens, where secrets are kept."""

from __future__ import annotations

from typing import Final

from engine.clock import Clock
from engine.ports.secrets import Secrets, SecretsError
from engine.security.tokens.keys import SigningKeys, decoded_signing_keys, new_signing_keys

SECRET_NAME: Final = "signing-keys"  # noqa: S105  # the name, not the secret


def load_signing_keys(secrets: Secrets) -> SigningKeys | None:
    """Read the keys, or None where there are none.

    Raises:
        SigningKeysUnreadable: what is kept are no signing keys.
        SecretsError: the place can't be asked.
    """
    kept = secrets.get(SECRET_NAME)
    return decoded_signing_keys(kept) if kept is not None else None


def load_or_make_signing_keys(secrets: Secrets) -> tuple[SigningKeys, bool]:
    """Read the keys, or make the first one; tell whether it is new.

    Raises:
        SigningKeysUnreadable: what is kept are no signing keys.
        SecretsError: the place can't be asked.
    """
    kept = load_signing_keys(secrets)
    return (kept, False) if kept is not None else (_keep(secrets, new_signing_keys()), True)


def rotate_signing_keys(secrets: Secrets, clock: Clock, *, at_once: bool = False) -> SigningKeys:
    """Let a new key sign; the one before verifies until its last token is over, or `at_once` no longer.

    Raises:
        SecretsError: there is no key to rotate, or the place can't be asked.
    """
    kept = load_signing_keys(secrets)
    if kept is None:
        raise SecretsError(f"{secrets.place} holds no signing keys; touchline setup makes them")
    made = kept.rotated(clock.now_ns())
    return _keep(secrets, made.without_past() if at_once else made)


def _keep(secrets: Secrets, keys: SigningKeys) -> SigningKeys:
    secrets.set(SECRET_NAME, keys.encoded())
    return keys
