"""Stands by for the engine that has an account: follows its journal, and has the account once nobody writes there any more."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import islice
from typing import NamedTuple

from engine.account.journal import journal_folder, open_account
from engine.config import Settings
from engine.errors import EngineError, JournalInUse
from engine.folders import Folders
from engine.model.account import AccountMode
from engine.replica import Replica, standalone
from engine.store.cipher import Cipher
from engine.store.disk import FolderDisk
from engine.store.journal import SegmentJournal
from engine.store.reading import JournalFollower
from engine.store.snapshots import Snapshots

LOOK_EVERY_S = 0.1
_BATCH = 5_000
"""Records between two looks at whether it is to end."""


class Opened(NamedTuple):
    """A journal that is ours to write, and the account as it was followed there."""

    journal: SegmentJournal
    followed: Replica | None = None
    """None where nothing was followed: the account is read from the files."""


class StandBy:
    """Follows one account's journal in the thread that waits for it."""

    def __init__(
        self, settings: Settings, folders: Folders, mode: AccountMode, cipher: Cipher | None = None
    ) -> None:
        assert mode is not AccountMode.REPLAY, "every replay begins an account of its own"
        self._settings = settings.journal
        self._disk = FolderDisk(journal_folder(settings, folders, mode, run=""), cipher)
        self._base_currency = settings.account.base_currency
        self._follower: JournalFollower | None = None
        self.replica = standalone(self._base_currency)
        """The account as its journal tells it so far."""
        self.trouble = ""
        """Why it can't be followed now; it is tried again, and read whole once it is ours."""
        self.stands_by: Callable[[], None] = lambda: None
        """Told once, when another engine has the account and its journal was read."""

    def wait(self, stopping: threading.Event) -> Opened | None:
        """Return the account's journal once it is ours; None where it is to end before that.

        Raises:
            JournalError: it can't be opened for another reason; the message says what to do.
        """
        told = False
        while not stopping.is_set():
            self._follow(stopping)
            try:
                disk, settings = self._disk, self._settings
                return Opened(
                    open_account(settings, disk.path, strict=True, cipher=disk.cipher), self.replica
                )
            except JournalInUse:
                if not told:
                    told = True
                    self.stands_by()
            stopping.wait(LOOK_EVERY_S)
        return None

    def _follow(self, stopping: threading.Event) -> None:
        """Take in what was written since; what can't be followed is begun again."""
        try:
            follower = self._follower = self._follower or self._begin()
            while not stopping.is_set():
                entries = list(islice(follower.more(), _BATCH))
                for entry in entries:
                    self.replica.apply(entry.record, entry.sequence, entry.time_ns)
                if len(entries) < _BATCH:
                    break
            self.replica.history.blotter.take_changed()  # nobody asks for them here
            self.trouble = ""
        except (EngineError, FileNotFoundError) as error:
            self.trouble, self._follower = str(error), None

    def _begin(self) -> JournalFollower:
        self.replica = standalone(self._base_currency)
        found = Snapshots(self._disk).newest()
        if found is not None:
            self.replica.restore(*found)
        return JournalFollower(self._disk, after=self.replica.sequence)
