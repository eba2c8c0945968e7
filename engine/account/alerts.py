"""Gives an account's alerts a place to be kept, and somebody to tell them to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine.alerts.kept import alarms_path
from engine.alerts.messenger import messenger_of
from engine.clock import SystemClock
from engine.ports.secrets import Credential
from engine.rooms import Rooms


def look_after(rooms: Rooms, journal: Path, read_credential: Callable[[str], Credential | None]) -> None:
    """Keep the alerts beside the journal, and tell of them where the settings say.

    Raises:
        ConfigError: an address is wrong, or there is no secret to sign with.
        SecretsError: the place that keeps the secret can't be asked.
    """
    account = rooms.account
    about = {"account": account.name, "mode": account.mode.value, "run": rooms.ids.run}
    rooms.alarms_file = alarms_path(journal)
    rooms.messenger = messenger_of(rooms.settings.alerts, read_credential, SystemClock(), about)
