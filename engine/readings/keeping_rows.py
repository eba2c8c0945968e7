"""The rows of what keeps things: the disk, the place of the secrets, the backup. They are looked at seldom, in a thread."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final

from engine.clock import NS_PER_S
from engine.errors import EngineError
from engine.messages.views import HealthState
from engine.model.account import AccountMode
from engine.observe.health import Reading
from engine.observe.storage import Storage
from engine.rooms import Rooms
from engine.security.vault.choice import secrets_in
from engine.security.vault.standing import standing_of

LOOK_S: Final = 2.0
"""A look is cheap: what it finds is told within five seconds."""
SAMPLE_NS: Final = 30 * NS_PER_S
"""How often the free room is noted, of which the days that are left are made."""
GIGABYTE: Final = 1 << 30
FREE_BAD: Final = 64 << 20
"""Two segments of a journal. With less a disk is as good as full, in bytes."""
FREE_LOW: Final = GIGABYTE // 2
DAYS_LOW: Final = 7.0
FILLING_OVER_NS: Final = 600 * NS_PER_S
"""Over how long a disk must have filled before days are told of it."""
SAMPLES: Final = 2_880
"""A day of notes."""
HOUR_NS: Final = 3_600 * NS_PER_S
AHEAD_NS: Final = 24 * HOUR_NS
"""So far after now a backup may be dated: clocks differ, and are set."""
BACKUP_LATE_NS: Final = 26 * HOUR_NS
"""A daily backup that is this old was missed."""
BACKUP_BAD_NS: Final = 7 * 24 * HOUR_NS
_STARTING: Final = Reading(HealthState.OFF, "not looked at yet")
_REPLAY: Final = Reading(HealthState.OFF, "not kept", "a replay keeps nothing")


class KeepingRows:
    """Looks at what keeps things while it runs, and tells what was seen last."""

    def __init__(self, rooms: Rooms, wall_ns: Callable[[], int]) -> None:
        settings, self._keeps = rooms.settings, rooms.account.mode is not AccountMode.REPLAY
        self._rooms = rooms
        self._wall_ns = wall_ns
        kept_in = settings.backup.folder
        backups = Path(kept_in).expanduser() if kept_in else rooms.folders.data / "backups"
        self._backups = backups / Path(rooms.journal.disk.where).name
        folders = rooms.folders
        self.storage = Storage({"data": folders.data, "logs": folders.logs}, self._backups)
        """What was found at the last look; the exporter reads it too."""
        self._free: deque[tuple[int, int]] = deque(maxlen=SAMPLES)
        """Noted now and then: steady time, and the bytes that were free."""
        self._had_secrets = False
        """Whether the place of the secrets answered once: only then it can be gone."""
        self._disk = self._vault = self._backup = _STARTING

    def register(self) -> None:
        """Put the rows on the board."""
        board = self._rooms.health
        board.register("disk", "disk", lambda: self._disk)
        board.register("vault", "secrets", lambda: self._vault)
        board.register("backup", "backup", lambda: self._backup, needs=("disk", "vault"))

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch(self.look, 0.0))
            group.create_task(self._watch(self.look_at_secrets, LOOK_S))

    def look(self) -> None:
        """Look at the disk and the backup; may wait for the disk."""
        self.storage.look()
        self._disk = self._look_at_disk()
        self._backup = self._look_at_backup() if self._keeps else _REPLAY

    def look_at_secrets(self) -> None:
        """Look at the place of the secrets; waits for a keyring that is silent, so nothing else waits here."""
        self._vault = self._secrets()

    async def _watch(self, look: Callable[[], None], after_s: float) -> None:
        """Look again and again; not at the start where what a look needs is slow to load."""
        await asyncio.sleep(after_s)
        while True:
            await asyncio.to_thread(look)
            await asyncio.sleep(LOOK_S)

    def _look_at_disk(self) -> Reading:
        folder = self._rooms.folders.data
        free = next((disk.free_bytes for disk in self.storage.disks if disk.folder == "data"), None)
        if free is None:
            return Reading(HealthState.DOWN, "not readable", f"the disk of {folder} can't be looked at")
        days = self._days_left(free)
        filling = "it is not filling" if days is None else f"{days:,.0f} days left as it fills now"
        value, number = f"{_size(free)} free", round(free / GIGABYTE, 1)
        if free < FREE_BAD:
            return Reading(HealthState.DOWN, value, f"make room on the disk of {folder}", number)
        if free < FREE_LOW or (days is not None and days < DAYS_LOW):
            return Reading(
                HealthState.DEGRADED, value, f"{filling}: make room on the disk of {folder}", number
            )
        return Reading(HealthState.OK, value, filling, number)

    def _days_left(self, free: int) -> float | None:
        """Return how long the room lasts if it goes on as it did in the last day; None where it does not shrink."""
        now_ns = self._rooms.clock.monotonic_ns()
        if not self._free or now_ns - self._free[-1][0] >= SAMPLE_NS:
            self._free.append((now_ns, free))
        then_ns, before = self._free[0]
        passed_ns = now_ns - then_ns
        if passed_ns < FILLING_OVER_NS or before <= free:
            return None
        return free * passed_ns / (before - free) / (24 * HOUR_NS)

    def _look_at_backup(self) -> Reading:
        taken_ns = self.storage.backup_ns
        if taken_ns is None:
            return Reading(HealthState.OFF, "none yet", "touchline backup takes one")
        age_ns = self._wall_ns() - taken_ns
        if age_ns < -AHEAD_NS:
            value = f"dated {-age_ns // (24 * HOUR_NS):,} days after now"
            told = f"a clock was wrong: touchline backup --base, and move what is dated so out of {self._backups}"
            return Reading(HealthState.DEGRADED, value, told)
        age_ns = max(0, age_ns)
        hours = age_ns // HOUR_NS
        value = f"{hours // 24:,} days old" if hours >= 48 else f"{hours:,} h old"
        if age_ns > BACKUP_LATE_NS:
            state = HealthState.DOWN if age_ns > BACKUP_BAD_NS else HealthState.DEGRADED
            return Reading(state, value, "take one: touchline backup", hours)
        return Reading(HealthState.OK, value, str(self._backups), hours)

    def _secrets(self) -> Reading:
        settings = self._rooms.settings
        try:
            found = Reading(*standing_of(secrets_in(settings.vault, settings.credentials.key_file)))
        except EngineError as error:
            return Reading(HealthState.DOWN, "not to be had", str(error))
        if found.state is HealthState.OFF and self._had_secrets:
            return Reading(HealthState.DOWN, "gone", found.detail)
        self._had_secrets |= found.state is not HealthState.OFF
        return found


def _size(size: int) -> str:
    return f"{size / GIGABYTE:,.1f} GB" if size >= GIGABYTE else f"{size >> 20:,} MB"
