"""Credentials of venues, each one secret of its own: a key without its secret is never kept.

A keyring can't say what it holds, so nothing lists names: who wants to know asks for each venue there is.
"""

from __future__ import annotations

import json

from engine.ports.secrets import Credential, Secrets, SecretsError

__all__ = (
    "Credential",
    "CredentialUnreadable",
    "forget_credential",
    "keep_credential",
    "read_credential",
)


class CredentialUnreadable(SecretsError):
    """What is kept is no credential that was written here."""


def read_credential(secrets: Secrets, venue: str) -> Credential | None:
    """Return the credential of a venue, or None where there is none.

    Raises:
        CredentialUnreadable: something else is kept under its name.
        SecretsError: the place can't be asked.
    """
    kept = secrets.get(_name(venue))
    if kept is None:
        return None
    found = _decoded(kept)
    if found is None:
        raise CredentialUnreadable(
            f"{secrets.place} holds something under {_name(venue)} that is no credential; "
            f"touchline credentials remove {venue}, then add it again"
        )
    return found


def keep_credential(secrets: Secrets, venue: str, credential: Credential) -> None:
    """Keep the credential of a venue in place of the one before, and read it back.

    Raises:
        SecretsError: it could not be kept.
    """
    value = json.dumps([credential.key, credential.secret]).encode()
    secrets.set(_name(venue), value)
    if secrets.get(_name(venue)) != value:
        raise SecretsError(f"{secrets.place} did not keep {_name(venue)}")


def forget_credential(secrets: Secrets, venue: str) -> bool:
    """Forget the credential of a venue, readable or not; tell whether there was one.

    Raises:
        SecretsError: the place can't be asked, or still has it.
    """
    try:
        was_there = secrets.get(_name(venue)) is not None
    except SecretsError:
        was_there = True  # locked, then the next line says so; or not ours, then it is in the way
    secrets.delete(_name(venue))
    if secrets.get(_name(venue)) is not None:
        raise SecretsError(f"{secrets.place} still holds {_name(venue)}")
    return was_there


def _decoded(kept: bytes) -> Credential | None:
    try:
        match json.loads(kept):
            case [str(key), str(secret)]:
                return Credential(key, secret)
    except (ValueError, RecursionError):
        return None
    return None


def _name(venue: str) -> str:
    return f"venue-{venue}"
