"""A stand-by follows a journal that another engine writes, and goes on from there once that engine is gone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.account.journal import set_aside
from engine.account.recovery import read_back
from engine.account.stand_by import Opened, StandBy
from engine.config import JournalSettings, Settings
from engine.errors import JournalInUse
from engine.folders import Folders
from engine.messages.events import RateNoted, SessionBegan
from engine.model.account import AccountMode
from engine.replica import Replica, standalone
from engine.store.cipher import Cipher
from engine.store.journal import SegmentJournal, open_journal
from engine.store.key_ring import KEY_BYTES, Key, KeyRing
from tests.waiting import wait_until


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(*(tmp_path / name for name in ("config", "data", "cache", "logs")))


@pytest.fixture
def folder(folders: Folders) -> Path:
    return folders.data / "journal" / "sim"


@pytest.fixture
def holder(folder: Path) -> Iterator[SegmentJournal]:
    """Return the journal of the engine that has the account, with a session in it."""
    journal = open_journal(folder, "process")
    journal.append(SessionBegan("first", "1", 1), 1)
    yield journal
    journal.close()


class Standing:
    """A stand-by in its thread, and what became of it."""

    def __init__(self, folders: Folders) -> None:
        settings = Settings(journal=JournalSettings(durability="process"))
        self.waiting = StandBy(settings, folders, AccountMode.SIMULATED)
        self.told = 0
        self.waiting.stands_by = self._tell
        self.stopping = threading.Event()
        self.opened: Opened | None = None
        self._thread = threading.Thread(target=self._wait)
        self._thread.start()

    def _tell(self) -> None:
        self.told += 1

    def _wait(self) -> None:
        self.opened = self.waiting.wait(self.stopping)

    def ends(self) -> Opened | None:
        self._thread.join(10)
        assert not self._thread.is_alive()
        return self.opened


@pytest.fixture
def stand(folders: Folders) -> Iterator[Callable[[], Standing]]:
    there: list[Standing] = []

    def one() -> Standing:
        there.append(Standing(folders))
        return there[-1]

    yield one
    for each in there:
        each.stopping.set()
        opened = each.ends()
        if opened is not None:
            opened.journal.close()


def rated(journal: SegmentJournal, *rates: int) -> None:
    for rate in rates:
        journal.append(RateNoted("EUR", rate), 1_000 + rate)


def taken_up(opened: Opened | None) -> tuple[Replica, int]:
    """Return the account as an engine takes it up, and how many records it had to read for that."""
    assert opened is not None
    replica = standalone("USD")
    return replica, read_back(replica, opened.journal.disk, opened.followed)


def test_it_follows_what_is_written_and_takes_over_when_the_other_is_gone(
    holder: SegmentJournal, stand: Callable[[], Standing]
) -> None:
    standing = stand()
    wait_until(lambda: standing.told == 1)
    rated(holder, *range(1, 40))
    wait_until(lambda: standing.waiting.replica.sequence == 40)
    assert standing.opened is None
    holder.close()
    opened = standing.ends()
    replica, read = taken_up(opened)
    assert (replica.sequence, read) == (40, 0)
    assert replica.history.noted == {"EUR": 39}
    assert standing.told == 1


def test_what_it_had_not_read_yet_is_read_when_it_takes_over(
    holder: SegmentJournal, folders: Folders, folder: Path
) -> None:
    rated(holder, 1, 2)
    waiting = StandBy(Settings(), folders, AccountMode.SIMULATED)
    waiting._follow(threading.Event())
    rated(holder, 3)
    holder.close()
    journal = open_journal(folder, "process")
    replica, read = taken_up(Opened(journal, waiting.replica))
    journal.close()
    assert (read, replica.history.noted) == (1, {"EUR": 3})


def test_what_was_followed_of_another_journal_counts_for_nothing(
    holder: SegmentJournal, folders: Folders, folder: Path
) -> None:
    rated(holder, 1, 2, 3)
    waiting = StandBy(Settings(), folders, AccountMode.SIMULATED)
    waiting._follow(threading.Event())
    assert waiting.replica.sequence == 4
    holder.close()
    set_aside(folder, "later")
    for rates in ((7,), (7, 8, 9, 10)):  # shorter than what was followed, then longer
        journal = open_journal(folder, "process")
        rated(journal, *rates)
        replica, read = taken_up(Opened(journal, waiting.replica))
        journal.close()
        assert (replica.sequence, read) == (journal.sequence, journal.sequence)
        assert replica.history.noted == {"EUR": rates[-1]}


def test_a_sealed_journal_is_followed_with_its_key(folders: Folders, folder: Path) -> None:
    cipher = Cipher(KeyRing((Key(b"k" * KEY_BYTES),), "the vault"))
    holder = open_journal(folder, "process", cipher=cipher)
    rated(holder, 1, 2)
    waiting = StandBy(Settings(), folders, AccountMode.SIMULATED, cipher)
    waiting._follow(threading.Event())
    without = StandBy(Settings(), folders, AccountMode.SIMULATED)
    without._follow(threading.Event())
    holder.close()
    assert (waiting.replica.history.noted, waiting.trouble) == ({"EUR": 2}, "")
    assert (without.replica.sequence, bool(without.trouble)) == (0, True)


def test_one_that_is_told_to_end_leaves_the_account_alone(
    holder: SegmentJournal, stand: Callable[[], Standing], folder: Path
) -> None:
    standing = stand()
    wait_until(lambda: standing.told == 1)
    standing.stopping.set()
    assert standing.ends() is None
    holder.close()
    open_journal(folder, "process").close()


def test_of_two_that_stand_by_one_takes_over_and_the_other_stands_by_for_it(
    holder: SegmentJournal, stand: Callable[[], Standing], folder: Path
) -> None:
    both = [stand(), stand()]
    wait_until(lambda: all(each.told for each in both))
    holder.close()
    wait_until(lambda: any(each.opened for each in both))
    with pytest.raises(JournalInUse):
        open_journal(folder, "process")
    assert sum(each.opened is not None for each in both) == 1


def test_a_journal_that_nobody_writes_is_its_own_at_once(stand: Callable[[], Standing]) -> None:
    standing = stand()
    replica, read = taken_up(standing.ends())
    assert (replica.sequence, read, standing.told) == (0, 0, 0)
