"""`touchline models accept`: a registry that is older than the audit log tells, taken as it stands."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.config import Settings
from engine.folders import standard_folders
from engine.security.audit.log import entries_in
from engine.shell.operators import Operators, Role
from tests.model_bench import linear, put_source
from tests.model_shell import Says, shell
from tests.signed_in import CHEAP, GOOD
from tests.unit.engine.backup_bench import traded
from tests.unit.engine.store_bench import write

MOVE = ("--reason", "try", "--confirm", "daily")


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Says:
    """Return what says a command, and returns what it prints."""
    return shell(tmp_path, monkeypatch, capsys)


@pytest.fixture
def cut_off(says: Says, tmp_path: Path) -> str:
    """Quarantine a version, put the registry of before in its place, and return the version."""
    source = put_source(tmp_path / "source", linear())
    version: str = json.loads(says("models", "add", str(source), "--name", "daily", "--json"))["version"]
    says("models", "promote", "daily", version, *MOVE)
    registry = standard_folders().data / "models.sqlite3"
    shutil.copy(registry, tmp_path / "older")
    says("models", "quarantine", "daily", version, "--reason", "a leak")
    shutil.copy(registry, tmp_path / "newer")
    shutil.copy(tmp_path / "older", registry)
    return version


def test_a_registry_that_lost_a_move_is_refused_until_a_person_has_seen_what_is_missing(
    says: Says, cut_off: str
) -> None:
    for errand in (["list"], ["verify", "daily", cut_off], ["promote", "daily", cut_off, *MOVE]):
        assert "ends at event 2, and the audit log tells of event 3" in says("models", *errand, code=2)
    told = says("models", "accept", "--reason", "an old disk", given="yes\n", code=2)
    assert "model-quarantine by " in told
    assert f"daily {cut_off}, event 3" in told
    assert "As it stands no model has a champion." in told
    assert "expected accept as a confirmation; nothing was changed" in told
    found = json.loads(says("models", "accept", "--reason", "an old disk", "--confirm", "accept", "--json"))
    assert [each["what"] for each in found["missing"]] == ["model-quarantine"]
    newest = list(entries_in(standard_folders().data / "audit.log"))[-1]
    assert (newest.what, newest.before, newest.after) == (
        "models-accepted", "1 moves are missing", "an old disk",
    )  # fmt: skip
    assert "shadow" in says("models", "list")
    again = says("models", "accept", "--reason", "again", "--confirm", "accept", code=2)
    assert "there is nothing to accept" in again
    says("models", "quarantine", "daily", cut_off, "--reason", "a leak, as before")
    shutil.copy("older", standard_folders().data / "models.sqlite3")
    assert "tells of event 3" in says("models", "list", code=2)


def test_the_whole_registry_put_back_needs_no_acceptance(says: Says, cut_off: str) -> None:
    shutil.copy("newer", standard_folders().data / "models.sqlite3")
    assert f"{cut_off}  quarantined" in says("models", "list")


@pytest.mark.usefixtures("cut_off")
@pytest.mark.parametrize(("role", "code"), [(Role.TRADER, 2), (Role.RISK, 0)])
def test_where_there_are_operators_risk_and_admin_accept(
    says: Says, tmp_path: Path, role: Role, code: int
) -> None:
    folders = standard_folders()
    operators = Operators(folders, Settings(), SystemClock(), key_file=tmp_path / "keys", cost=CHEAP)
    operators.add("ann", Role.ADMIN, GOOD)
    operators.add("bob", role, GOOD)
    accept = ("models", "accept", "--reason", "an old disk", "--confirm", "accept", "--operator", "bob")
    says(*accept, given=f"{GOOD}\n", code=code)
    newest = list(entries_in(folders.data / "audit.log"))[-1]
    assert (newest.what == "models-accepted") == (not code)
    assert code or newest.who == "bob"


@pytest.mark.usefixtures("cut_off")
def test_a_registry_that_was_cut_is_not_backed_up(says: Says) -> None:
    write(standard_folders().data / "journal" / "sim", traded(2))
    told = says("backup", code=2)
    assert "tells of event 3" in told
    assert "the accounts are backed up, models are not" in told
