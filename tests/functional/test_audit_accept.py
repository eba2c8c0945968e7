"""`touchline audit accept`: a log that does not go on from the signed head, as on a machine that took over from a lost one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.config import Settings
from engine.folders import standard_folders
from engine.security.audit.entry import Entry
from engine.security.audit.log import entries_in
from engine.shell.operators import Operators, Role
from tests.model_shell import Says, shell
from tests.signed_in import CHEAP, GOOD
from tests.unit.engine.backup_bench import traded
from tests.unit.engine.store_bench import write

LOST = ("--reason", "the disk was lost")
ACCEPT = ("audit", "accept", *LOST, "--confirm", "accept")


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Says:
    """Return what says a command in a home that has an account, acts and a backup elsewhere."""
    says = shell(tmp_path, monkeypatch, capsys)
    home = standard_folders()
    home.config.mkdir(parents=True)
    home.settings.write_text(f'[backup]\nfolder = "{tmp_path / "elsewhere"}"\n', encoding="utf-8")
    write(home.data / "journal" / "sim", traded(2))
    for _ in range(3):
        says("backup", "--rotate-key", "--base")
    return says


def acts() -> list[Entry]:
    return list(entries_in(standard_folders().data / "audit.log"))


def lose_the_data(*, new_key: bool) -> None:
    """Leave what a lost machine leaves: the backups, and the keys that open them, the key of the audit log perhaps not among these."""
    shutil.rmtree(standard_folders().data)
    if new_key:
        keys = Path("keys")
        lines = keys.read_text(encoding="ascii").splitlines(keepends=True)
        keys.write_text("".join(line for line in lines if "audit-key" not in line), encoding="ascii")


@pytest.mark.parametrize("new_key", [False, True], ids=["same-key", "new-key"])
def test_a_restore_on_a_new_machine_is_told_and_the_log_begins_anew(
    says: Says, tmp_path: Path, *, new_key: bool
) -> None:
    head = tmp_path / "elsewhere" / "audit.head"
    before = head.read_bytes()
    lose_the_data(new_key=new_key)
    told = says("restore", "--to", "newest")
    assert "The audit log here is not the one that was signed: " in told
    assert ("holds no audit key to judge it by" if new_key else "cut off") in told
    assert f"touchline audit accept --head {head} --reason TEXT" in told
    (restored,) = acts()
    assert (restored.what, restored.subject) == ("restored", "sim")
    assert restored.after == "record 9, of 00000003.base"
    told = says("backup", code=2)
    assert "what was backed up is, and the audit log is not signed" in told
    assert head.read_bytes() == before

    told = says("audit", "accept", *LOST, given="accept\n")
    assert "By itself the log that is here is whole, up to entry 1." in told
    assert "signed up to entry 2." in told
    (aside,) = head.parent.glob("audit.head.before-*")
    assert aside.read_bytes() == before
    accepted = acts()[-1]
    assert (accepted.what, accepted.after) == ("audit-accepted", "the disk was lost")
    assert accepted.before.startswith("entry 3 ")
    assert "Signed up to entry 2" in says("audit", "verify")
    says("backup")
    assert "the one that was signed; there is nothing to accept" in says(*ACCEPT, code=2)
    assert "there is no signed head" in says(*ACCEPT, "--head", "none", code=2)
    assert json.loads(says("restore", "--to", "newest", "--json"))["audit"] == []


def test_a_log_that_was_cut_is_accepted_by_a_word_alone_and_nothing_else_is_changed(
    says: Says, tmp_path: Path
) -> None:
    log, head = standard_folders().data / "audit.log", tmp_path / "elsewhere" / "audit.head"
    log.write_bytes(log.read_bytes().splitlines(keepends=True)[0])
    kept = log.read_bytes(), head.read_bytes()
    told = says("audit", "accept", *LOST, given="yes\n", code=2)
    assert "the log ends at entry 1" in told
    assert "expected accept as a confirmation; nothing was changed" in told
    log.write_bytes(kept[0].replace(b"key", b"kez"))
    assert "entry 1 was changed" in says(*ACCEPT, code=2)
    log.write_bytes(kept[0])
    head.write_bytes(b"{}")
    assert "it is no signed head" in json.loads(says(*ACCEPT, "--json"))["why"]
    assert acts()[-1].before == "a head that is none"


@pytest.mark.parametrize(("role", "code"), [(Role.TRADER, 2), (Role.RISK, 0)])
def test_where_there_are_operators_risk_and_admin_accept(
    says: Says, tmp_path: Path, role: Role, code: int
) -> None:
    lose_the_data(new_key=False)
    operators = Operators(
        standard_folders(), Settings(), SystemClock(), key_file=tmp_path / "keys", cost=CHEAP
    )
    operators.add("ann", Role.ADMIN, GOOD)
    operators.add("bob", role, GOOD)
    told = says(*ACCEPT, "--operator", "bob", given=f"{GOOD}\n", code=code)
    assert ("a trader does not take an audit log as it stands" in told) == (code == 2)
    assert (acts()[-1].what == "audit-accepted") == (code == 0)
    assert code or acts()[-1].who == "bob"
