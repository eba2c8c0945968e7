"""Every account has a folder of its own, whatever it is called."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.account.journal import clean_name, journal_folder, open_account, set_aside
from engine.config import AccountSettings, BrokerSettings, JournalSettings, Settings
from engine.errors import JournalError
from engine.folders import Folders
from engine.model.account import AccountMode

FOLDERS = Folders(Path("config"), Path("data"), Path("cache"), Path("logs"))
BRIDGE = BrokerSettings(kind="bridge", address="unix:/gateway")


def folder_of(settings: Settings, mode: AccountMode = AccountMode.SIMULATED) -> str:
    return journal_folder(settings, FOLDERS, mode, "r1").name


def test_a_replay_begins_a_folder_of_its_own() -> None:
    assert folder_of(Settings(), AccountMode.REPLAY) == "replay-r1"


def test_a_gateways_account_is_not_the_paper_one() -> None:
    assert folder_of(Settings()) == "sim"
    assert folder_of(Settings(broker=BRIDGE)) == "sim-bridge-PAPER-1"


@given(st.text(max_size=80), st.text(max_size=80))
def test_two_names_never_share_a_folder(one: str, other: str) -> None:
    names = {clean_name(one), clean_name(other)}
    assert len(names) == len({one, other})


@given(st.text(max_size=80))
def test_no_name_leaves_the_folder(name: str) -> None:
    settings = Settings(broker=BRIDGE, account=replace(AccountSettings(), name=name))
    path = journal_folder(settings, FOLDERS, AccountMode.SIMULATED, "r1")
    assert path.parent == FOLDERS.data / "journal"
    assert "/" not in path.name
    assert path.name not in {".", ".."}


def test_an_account_that_begins_anew_keeps_its_old_journal_aside(tmp_path: Path) -> None:
    folder = tmp_path / "journal" / "sim"
    open_account(JournalSettings(), folder, strict=True).close()
    set_aside(folder, "r2")
    assert not folder.exists()
    assert (tmp_path / "journal" / "sim-until-r2").is_dir()
    set_aside(folder, "r3")


def test_a_place_where_no_folder_can_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("a file", encoding="utf-8")
    with pytest.raises(JournalError, match="the journal needs this folder"):
        open_account(JournalSettings(), tmp_path / "journal" / "sim" / "deeper", strict=True)
