"""`touchline backup`, `restore` and `drill`: what they do, what they print, and sentences for what can't be."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from engine.account.journal_cipher import journal_cipher
from engine.clock import SystemClock
from engine.config import load_settings
from engine.folders import standard_folders
from engine.replica import standalone
from engine.security.audit.log import entries_in
from engine.security.vault.key_file import KeyFile
from engine.shell import backups
from engine.store.backup.folder import BackupFolder
from engine.store.backup.keys import load_keys
from engine.store.backup.take import Account, Policy, take
from engine.store.disk import FolderDisk
from engine.store.journal import open_journal
from engine.store.snapshots import Snapshots
from terminal.__main__ import main
from terminal.shell import backup_commands
from tests.documented import blocks, code, page, rows, section
from tests.unit.engine.backup_bench import traded
from tests.unit.engine.store_bench import entries, write

KEYS = ("--key-file", "touchline.keys")
RECORDS = 81


@pytest.fixture(autouse=True)
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the journal of an account that has traded; all files are in a folder of the test's."""
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    folder = standard_folders().data / "journal" / "sim"
    write(folder, traded(20))
    assert len(entries(folder)) == RECORDS
    return folder


class Said:
    """What a command printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def by(self, *arguments: str) -> str:
        """Run a command that must do what it was told; return what it printed."""
        assert main([*arguments]) == 0
        told = self._capsys.readouterr()
        assert not told.err
        return told.out

    def json_by(self, *arguments: str) -> Any:
        """Return what a command printed as JSON."""
        return json.loads(self.by(*arguments, "--json"))

    def refusal_of(self, *arguments: str) -> str:
        """Run a command that can't be done; return its one sentence."""
        assert main([*arguments]) == 2
        told = self._capsys.readouterr()
        assert told.err.startswith("touchline: ")
        assert len(told.err.splitlines()) == 1
        return told.err


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    """Return what runs commands and reads what they print."""
    return Said(capsys)


def test_every_command_of_the_page_works_one_after_the_other(said: Said) -> None:
    lines = [line for block in blocks(page("docs/backups.md"), "sh") for line in block.splitlines()]
    assert len(lines) > 8
    for line in lines:
        program, *arguments = shlex.split(line)
        assert program == "touchline"
        assert said.by(*arguments)


def test_the_same_is_told_as_json(said: Said, journal: Path) -> None:
    assert said.json_by("backup", *KEYS)["piece"] == "00000001.base"
    assert said.json_by("backup", *KEYS)["piece"] is None
    for _ in range(4):
        told = said.json_by("backup", "--base", *KEYS)
    assert told["removed"] == ["00000001.base"]
    write(journal, list(traded(21))[81:])
    assert "Pieces no longer kept: 1" in said.by("backup", "--base", *KEYS)


def test_settings_of_another_file_must_be_there(said: Said) -> None:
    assert "no.toml: there is no such file" in said.refusal_of("backup", "--config", "no.toml", *KEYS)


def test_a_damaged_piece_is_listed_and_passed_over(said: Said) -> None:
    for _ in range(2):
        said.by("backup", "--base", *KEYS)
    backup = standard_folders().data / "backups" / "sim"
    content = (backup / "00000002.base").read_bytes()
    (backup / "00000002.base").write_bytes(content[:-40] + bytes(40))
    told = said.by("restore", "--to", "50", *KEYS)
    assert "Passed over:" in told
    (backup / "00000002.base").write_bytes(content[:-40])
    assert "its manifest says" in said.by("backup", "--list", *KEYS)


def test_long_work_tells_how_far_it_is(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup_commands, "_TELL_FROM_BYTES", 1)
    assert "backing up: 100% of 0 MB\n" in said.by("backup", *KEYS)
    assert "restoring: 100% of 0 MB\n" in said.by("restore", "--to", "newest", *KEYS)


def test_the_first_backup_is_a_base_and_says_that_the_key_is_new(said: Said, tmp_path: Path) -> None:
    told = said.by("backup", *KEYS)
    assert "Made the first key, in the key file touchline.keys" in told
    assert f"sim: 00000001.base, {RECORDS} records up to {RECORDS}" in told
    assert (tmp_path / "home" / "data" / "backups" / "sim" / "00000001.base").exists()
    assert "nothing new since record 81" in said.by("backup", *KEYS)


def test_an_increment_and_the_list(said: Said, journal: Path) -> None:
    said.by("backup", *KEYS)
    write(journal, list(traded(21))[81:])
    assert "sim: 00000002.increment, 4 records up to 85" in said.by("backup", *KEYS)
    listed = said.json_by("backup", "--list", *KEYS)
    assert [(row["piece"], row["records"]) for row in listed["sim"]] == [
        ("00000001.base", "1-81"),
        ("00000002.increment", "82-85"),
    ]
    assert "00000002.increment" in said.by("backup", "--list", *KEYS)


def test_a_restore_puts_back_the_records_up_to_the_point(said: Said, journal: Path) -> None:
    before = entries(journal)
    said.by("backup", *KEYS)
    told = said.by("restore", "--to", "40", *KEYS)
    assert "The sim account is back at record 40" in told
    assert "The journal that was there is now" in told
    assert "the desk opens halted" in told
    assert entries(journal) == before[:40]


def test_a_lost_account_is_restored_with_its_settings_from_another_disk(
    said: Said, journal: Path, tmp_path: Path
) -> None:
    config = standard_folders().config
    config.mkdir(parents=True)
    (config / "limits.toml").write_text("# mine\n", encoding="utf-8")
    before = entries(journal)
    said.by("backup", "--to", "disk", *KEYS)
    (tmp_path / "home").rename(tmp_path / "lost")
    found = said.json_by("restore", "--from", "disk", "--to", "newest", *KEYS)
    assert (found["last_sequence"], found["moved_aside"]) == (RECORDS, None)
    assert entries(journal) == before
    assert (config / "limits.toml").read_text(encoding="utf-8") == "# mine\n"


def test_a_drill_tells_what_the_page_says_and_touches_nothing(said: Said, journal: Path) -> None:
    said.by("backup", *KEYS)
    write(journal, list(traded(21))[81:])
    before = sorted(path for path in journal.rglob("*") if path.is_file())
    found = said.json_by("drill", *KEYS)
    fields = (
        name for row in rows(section(page("docs/backups.md"), "## Drill")) for name in row[0].split(", ")
    )
    assert [code(name) for name in fields] == sorted(found, key=list(found).index)
    assert (found["mode"], found["last_sequence"], found["records_behind"]) == ("sim", RECORDS, 4)
    assert found["recovery_time_s"] > 0
    assert len(found["state"]) == 64
    assert sorted(path for path in journal.rglob("*") if path.is_file()) == before
    assert f"state           {found['state']}" in said.by("drill", *KEYS)


def test_equal_accounts_have_equal_hashes_and_others_have_others(said: Said, journal: Path) -> None:
    said.by("backup", *KEYS)
    state = said.json_by("drill", *KEYS)["state"]
    said.by("backup", "--to", "again", *KEYS)
    assert said.json_by("drill", "--from", "again", *KEYS)["state"] == state
    write(journal, list(traded(21))[81:])
    said.by("backup", *KEYS)
    assert said.json_by("drill", *KEYS)["state"] != state


def test_a_journal_that_can_not_be_replayed_fails_the_drill(said: Said, journal: Path) -> None:
    journal.rename(journal.with_name("away"))
    write(journal, list(traded(1))[1:])
    said.by("backup", *KEYS)
    assert "what it holds can't be replayed" in said.refusal_of("drill", *KEYS)


def test_a_wrong_key_says_so(said: Said) -> None:
    said.by("backup", *KEYS)
    said.by("backup", "--to", "other", "--key-file", "other.keys")
    told = said.refusal_of("drill", "--key-file", "other.keys")
    assert "that sealed it is not in the key file other.keys" in told
    told = said.refusal_of("drill", "--key-file", "none.keys")
    assert "the key file none.keys holds no backup key" in told


def test_a_key_file_that_others_may_read_is_refused(said: Said) -> None:
    said.by("backup", *KEYS)
    Path("touchline.keys").chmod(0o644)
    assert "chmod 600 touchline.keys" in said.refusal_of("backup", *KEYS)


def test_rotated_and_copied_keys_open_what_was_sealed_before(said: Said, journal: Path) -> None:
    said.by("backup", *KEYS)
    write(journal, list(traded(21))[81:])
    said.by("backup", "--rotate-key", *KEYS)
    assert "copy.keys has every key of" in said.by("backup", "--copy-key", "copy.keys", *KEYS)
    rotated, copied = entries_in(standard_folders().data / "audit.log")
    assert (rotated.what, copied.what, copied.after.endswith("copy.keys")) == (
        "key-rotated",
        "key-copied",
        True,
    )
    assert rotated.before != rotated.after
    Path("touchline.keys").unlink()
    assert said.json_by("drill", "--key-file", "copy.keys")["last_sequence"] == 85


def test_no_journal_says_that_there_is_nothing(said: Said, journal: Path) -> None:
    journal.rename(journal.with_name("away"))
    assert "there is no journal yet, so nothing to back up" in said.refusal_of("backup", *KEYS)
    write(journal, [])
    assert "holds no record yet: there is nothing to back up" in said.refusal_of("backup", *KEYS)


@pytest.mark.parametrize("command", [("drill",), ("restore", "--to", "newest"), ("backup", "--list")])
def test_no_backup_says_so(said: Said, command: tuple[str, ...]) -> None:
    assert "holds no backup; touchline backup makes one" in said.refusal_of(*command, *KEYS)


def test_a_journal_in_use_is_not_replaced(said: Said, journal: Path) -> None:
    said.by("backup", *KEYS)
    desk = FolderDisk(journal)
    desk.hold()
    try:
        assert "another Touchline uses this journal" in said.refusal_of("restore", "--to", "5", *KEYS)
    finally:
        desk.release()
    assert len(entries(journal)) == RECORDS


def test_a_point_that_is_not_there_says_what_is(said: Said) -> None:
    said.by("backup", *KEYS)
    told = said.refusal_of("restore", "--to", "1900-01-01", *KEYS)
    assert "no such point: it goes from record 1 (1970-01-01T00:00:00Z) to record 81" in told


def test_several_accounts_must_be_told_apart(said: Said, journal: Path) -> None:
    write(journal.with_name("paper"), traded(2))
    assert "paper: 00000001.base" in said.by("backup", *KEYS)
    assert "say --mode sim or paper" in said.refusal_of("drill", *KEYS)
    assert said.json_by("drill", "--mode", "paper", *KEYS)["last_sequence"] == 9


@pytest.mark.parametrize("text", ["soon", "0", "-5", "1e3", "٣", "2026-13-01", "9" * 30])
def test_a_point_that_means_nothing_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["restore", f"--to={text}"])
    assert ended.value.code == 2
    assert "expected a record's number, a time such as" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "last"),
    [("1970-01-01T01:00:00+01:00", None), ("1767700800000000000", 81), ("2026-01-06T12:00", 81)],
)
def test_times_are_utc_or_say_otherwise_or_are_ns(said: Said, text: str, last: int | None) -> None:
    said.by("backup", *KEYS)
    if last is None:
        assert "no such point" in said.refusal_of("restore", "--to", text, *KEYS)
    else:
        assert said.json_by("restore", "--to", text, *KEYS)["last_sequence"] == last


def test_a_session_without_a_keyring_points_to_the_key_file(
    said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={Path.cwd()}/none")
    monkeypatch.setattr("sys.platform", "linux")
    told = said.refusal_of("backup")
    assert told.startswith("touchline: the keyring is not to be had")
    assert "--key-file FILE" in told


def test_a_drill_proves_the_state_that_was_backed_up(said: Said, journal: Path) -> None:
    said.by("backup", *KEYS)
    write(journal, list(traded(21))[81:])
    said.by("backup", *KEYS)
    assert said.json_by("drill", *KEYS)["proven"] is True


def test_records_that_lead_to_another_state_than_was_backed_up_fail_the_drill(
    said: Said, journal: Path
) -> None:
    """Whoever has the key can seal other records, all whole; the state that was noted is not theirs."""
    said.by("backup", *KEYS)
    backup, keys = BackupFolder(standard_folders().data / "backups", "sim"), load_keys(KeyFile(Path(KEYS[1])))
    noted = backup.read(1, keys).manifest.proof
    assert len(noted.digest) == 64
    journal.rename(journal.with_name("away"))
    write(journal, traded(20, price=101))
    account = Account(journal, standard_folders().config, lambda _: noted)
    take(account, backup, keys, SystemClock(), Policy(), lambda _done, _total: None, base=True)
    assert f"but the account was {noted.digest}" in said.refusal_of("drill", *KEYS)


def test_a_state_that_another_version_noted_is_not_compared(
    said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    said.by("backup", *KEYS)
    monkeypatch.setattr(backups, "program_version", lambda: "0.0.9")
    assert said.json_by("drill", *KEYS)["proven"] is False
    assert "another version" in said.by("drill", *KEYS)


def test_a_state_from_a_snapshot_that_does_not_follow_from_the_records_fails_the_drill(
    said: Said, journal: Path
) -> None:
    """The account's files disagree with each other: the backup alone would never show it."""
    disk = FolderDisk(journal)
    wrong = standalone("USD")
    for number, record in enumerate(traded(20, price=101), 1):
        wrong.apply(record, number, number)
    Snapshots(disk).write(wrong.capture())
    said.by("backup", *KEYS)
    assert "its records lead to the state" in said.refusal_of("drill", *KEYS)


def test_a_sealed_account_is_backed_up_proven_restored_and_told_of_and_without_its_setting_refused(
    said: Said, journal: Path
) -> None:
    settings = Path("sealed.toml")
    settings.write_text('[journal]\nencrypt = true\n[backup]\nkey_file = "touchline.keys"\n')
    sealed = ("--config", str(settings))
    said.by("backup", *KEYS)
    cipher = journal_cipher(load_settings(settings))
    assert cipher is not None
    with_journal = open_journal(journal, cipher=cipher)
    for record in list(traded(25))[RECORDS:]:
        with_journal.append(record, with_journal.sequence + 1)
    with_journal.close()
    last = f"up to {with_journal.sequence}"
    assert last in said.by("backup", *sealed)
    drilled = said.json_by("drill", *sealed)
    assert drilled["proven"]
    told = said.json_by("history", "fills", "--limit", "100", *sealed)
    assert len(told) == 50
    assert "it is encrypted: set [journal] encrypt = true" in said.refusal_of("drill", *KEYS)
    assert "the sim account is back" in said.by("restore", "--to", "newest", *sealed).lower()
    assert said.json_by("history", "fills", "--limit", "100", *sealed) == told
