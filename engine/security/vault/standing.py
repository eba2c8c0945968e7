"""How the place that keeps the secrets is, without opening it and without asking anybody."""

from __future__ import annotations

from typing import NamedTuple

from engine.messages.health_views import HealthState
from engine.ports.secrets import Secrets, SecretsError
from engine.security.private_file import read_private
from engine.security.vault.file_vault import FileVault
from engine.security.vault.key_file import KeyFile
from engine.security.vault.keyring_vault import KeyringVault


class Standing(NamedTuple):
    """How it is; its fields are those of a row of the health board."""

    state: HealthState
    value: str
    detail: str = ""


def standing_of(secrets: Secrets) -> Standing:
    """Look at the place; may take seconds, so not on the engine's loop."""
    if isinstance(secrets, KeyringVault):
        return _keyring(secrets)
    if isinstance(secrets, FileVault):
        return _file("vault", secrets)
    if isinstance(secrets, KeyFile):
        return _file("key file", secrets)
    return Standing(HealthState.OFF, "not looked at", secrets.place)


def _keyring(keyring: KeyringVault) -> Standing:
    try:
        locked = keyring.is_locked()
    except SecretsError as error:
        return Standing(HealthState.OFF, "no keyring", str(error))
    if locked:
        return Standing(HealthState.DEGRADED, "locked", "the keyring wants its password: unlock it")
    return Standing(HealthState.OK, "keyring", "unlocked" if locked is False else "there")


def _file(what: str, place: FileVault | KeyFile) -> Standing:
    try:
        is_there = read_private(place.path) is not None
    except SecretsError as error:
        return Standing(HealthState.DOWN, "not to be used", str(error))
    if not is_there:
        return Standing(HealthState.OFF, "none yet", f"{place.path} is not there yet")
    return Standing(HealthState.OK, what, str(place.path))
