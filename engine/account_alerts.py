"""Gives an account's alerts a place to be kept and somebody to tell them to, and lets its disk be known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine.alerts.kept import alarms_path
from engine.alerts.messenger import messenger_of
from engine.clock import SystemClock
from engine.observe.disk import DiskWatch
from engine.ports.secrets import Credential
from engine.rooms import Rooms


def look_after(rooms: Rooms, journal: Path, read_credential: Callable[[str], Credential | None]) -> None:
    """Keep the alerts beside the journal, tell of them where the settings say, and know the disk.

    Raises:
        ConfigError: an address is wrong, or there is no secret to sign with.
        SecretsError: the place that keeps the secret can't be asked.
    """
    settings, clock, account = rooms.settings, SystemClock(), rooms.account
    about = {"account": account.name, "mode": account.mode.value, "run": rooms.ids.run}
    rooms.alarms_file = alarms_path(journal)
    rooms.messenger = messenger_of(settings.alerts, read_credential, clock, about)
    where = settings.backup.folder
    backups = Path(where).expanduser() if where else rooms.folders.data / "backups"
    rooms.disk = DiskWatch(rooms.folders.data, backups / journal.name, clock.now_ns)
