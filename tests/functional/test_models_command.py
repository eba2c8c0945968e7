"""`touchline models`: what a person says about models, and what is answered."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.clock import SystemClock
from engine.config import Settings
from engine.duties.model_moves import audited_registry
from engine.duties.model_sign_offs import ModelSignOffs, told_sign_offs
from engine.folders import standard_folders
from engine.security.audit.heads import head_in
from engine.security.audit.log import entries_in
from engine.security.model_keys import load_model_keys
from engine.security.vault.key_file import KeyFile
from engine.shell.operators import Operators, Role
from engine.signals.kept_path import SUFFIX
from engine.signals.serving.kept import encoded
from engine.signals.serving.tally import KeptOutcome, Tally
from terminal.__main__ import main
from tests.model_bench import good, linear, put_source
from tests.model_shell import Says, shell
from tests.signed_in import CHEAP, GOOD


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Says:
    """Return what says a command about models, and returns what it prints."""
    return shell(tmp_path, monkeypatch, capsys, "models")


def registered(says: Says, tmp_path: Path, intercept: float = 0.1, **changes: Any) -> str:
    source = put_source(tmp_path / f"source-{intercept}", linear(intercept), **changes)
    found: dict[str, str] = json.loads(says("add", str(source), "--name", "daily", "--json"))
    assert found["stage"] == "candidate"
    return found["version"]


def promoted(says: Says, tmp_path: Path, intercept: float) -> str:
    """Return a version that was said to become champion."""
    version = registered(says, tmp_path, intercept)
    says("promote", "daily", version, "--reason", "try", "--confirm", "daily")
    figures = tmp_path / "figures.json"
    figures.write_bytes(msgspec.json.encode(good(version)))
    says("promote", "daily", version, "--reason", "did well", "--figures", str(figures), given="daily\n")
    return version


def test_a_model_goes_all_the_way_and_back_and_each_step_is_in_the_audit_log(
    says: Says, tmp_path: Path
) -> None:
    assert "There are no models yet" in says("list")
    first = promoted(says, tmp_path, 0.1)
    second = promoted(says, tmp_path, 0.2)
    assert says("list").splitlines() == [
        f"daily            {first}  retired",
        f"daily            {second}  champion",
    ]
    told = says("rollback", "daily", first[:6], "--reason", "worse", "--confirm", "daily")
    assert told == f"daily {first} is champion now; {second} is retired.\n"
    told = says("quarantine", "daily", second, "--reason", "a leak", "--json")
    assert json.loads(told)["stage"] == "quarantined"
    noted = [(e.what, e.subject, e.after) for e in entries_in(standard_folders().data / "audit.log")]
    assert [what for what, _, _ in noted] == [
        "key-made", "model-added", "model-promote", "model-promote",
        "model-added", "model-promote", "model-promote", "model-roll-back", "model-quarantine",
    ]  # fmt: skip
    about, after = noted[7][1:]
    assert re.fullmatch(f"daily {first}, event 7 [0-9a-f]{{16}}", about)
    assert after == f"champion, in place of {second}: worse"


def test_a_closed_gate_is_shown_and_nothing_moves(says: Says, tmp_path: Path) -> None:
    version = registered(says, tmp_path, metrics={})
    told = says("promote", "daily", version, "--reason", "now", "--confirm", "daily", code=1)
    assert "closed  metrics           no metric out of sample is on the card" in told
    assert f"daily {version} may not become shadow yet." in told
    found = json.loads(says("promote", "daily", version, "--reason", "now", "--json", code=1))
    assert [gate["name"] for gate in found["gates"] if not gate["passed"]] == ["metrics"]
    assert json.loads(says("list", "--json")) == [{"name": "daily", "version": version, "stage": "candidate"}]


def test_what_a_version_is_can_be_read_and_a_changed_one_says_so(says: Says, tmp_path: Path) -> None:
    version = registered(says, tmp_path)
    shown = says("show", "daily", version)
    assert "about       next bar up or down" in shown
    assert "auc         0.517 [0.501, 0.532]" in shown
    assert "register by" in shown
    assert "verifies: signature, hashes and golden rows" in says("verify", "daily", version)
    path = standard_folders().data / "models" / "daily" / version / "model.json"
    path.write_bytes(path.read_bytes() + b" ")
    assert "does not verify" in says("verify", "daily", version, code=1)
    assert json.loads(says("verify", "daily", version, "--json", code=1))["verified"] is False
    assert json.loads(says("show", "daily", version, "--json"))["why_not"].endswith("since it was registered")
    assert "does not verify" in says("show", "daily", version)
    assert "changed since" in says(
        "promote", "daily", version, "--reason", "now", "--confirm", "daily", code=2
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["show", "other", "0"], "there is no model 'other'", id="no-model"),
        pytest.param(["show", "daily", "zz"], "daily has no version that begin with 'zz'", id="no-version"),
        pytest.param(["promote", "daily", "", "--reason", " ", "--confirm", "daily"], "expected why", id="no-reason"),
        pytest.param(["promote", "daily", "", "--reason", "x", "--confirm", "dayly"], "confirmation", id="mistyped"),
        pytest.param(["promote", "daily", "", "--reason", "x"], "confirmation", id="not-typed"),
        pytest.param(["rollback", "daily", "", "--reason", "x", "--confirm", "daily"], "never champion", id="never"),
        pytest.param(["add", "nowhere", "--name", "daily"], "nowhere: No such file", id="no-folder"),
        pytest.param(
            ["promote", "daily", "", "--reason", "x", "--figures", "source-0.1/card.json"],
            "card.json: ", id="no-figures",
        ),
        pytest.param(["promote", "daily", "", "--reason", "x", "--config", "no.toml"], "no such file", id="config"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_said_and_changes_nothing(
    says: Says, tmp_path: Path, arguments: list[str], said: str
) -> None:
    registered(says, tmp_path)
    before = says("list")
    assert said in says(*arguments, code=2)
    assert says("list") == before


def test_without_the_key_nothing_is_believed(says: Says, tmp_path: Path) -> None:
    registered(says, tmp_path)
    (tmp_path / "keys").unlink()
    assert "holds no model key to judge by" in says("list", code=2)


@pytest.mark.parametrize(("role", "code"), [(Role.TRADER, 2), (Role.RISK, 0), (Role.ADMIN, 0)])
def test_where_there_are_operators_risk_and_admin_decide(
    says: Says, tmp_path: Path, role: Role, code: int
) -> None:
    version = registered(says, tmp_path)
    operators = Operators(
        standard_folders(), Settings(), SystemClock(), key_file=tmp_path / "keys", cost=CHEAP
    )
    operators.add("root", Role.ADMIN, GOOD)
    operators.add("ann", role, GOOD)
    promote = ("promote", "daily", version, "--reason", "x", "--confirm", "daily", "--operator", "ann")
    told = says(*promote, given=f"{GOOD}\n", code=code)
    assert ("a trader does not promote models; risk and admin do" in told) == (role is Role.TRADER)
    stage = json.loads(says("list", "--json"))[0]["stage"]
    assert stage == ("candidate" if role is Role.TRADER else "shadow")
    if role is Role.RISK:
        assert "promote by ann: x" in says("show", "daily", version)


def test_a_new_model_key_signs_and_the_one_before_still_verifies(
    says: Says, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = ["--key-file", str(tmp_path / "keys")]
    assert main(["keys", "rotate", "model", *keys]) == 2
    assert "holds no model key; touchline models add makes the first" in capsys.readouterr().err
    version = registered(says, tmp_path)
    assert main(["keys", "rotate", "model", *keys]) == 0
    assert main(["keys", "list", *keys]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [row[2] for row in rows if row[0] == "model"] == ["signs", "verifies"]
    assert "verifies" in says("verify", "daily", version)
    assert main(["keys", "rotate", "model", "--at-once", *keys]) == 2
    assert "--at-once is for the signing key" in capsys.readouterr().err


def test_what_desks_measured_is_what_the_gates_read_and_what_a_person_is_shown(
    says: Says, tmp_path: Path
) -> None:
    version = registered(says, tmp_path)
    says("promote", "daily", version, "--reason", "try", "--confirm", "daily")
    assert "it has not predicted at a desk yet" in says("show", "daily", version)
    data = standard_folders().data
    path = kept(data, "sim", Tally("daily", version, matured=900))
    told = says("promote", "daily", version, "--reason", "x", "--confirm", "other", code=2)
    assert "open    matured outcomes  900 of 300, on the simulated market" in told
    kept(
        data,
        "paper",
        Tally("daily", version, matured=120, drift_alarm=True),
        Tally("other", version, matured=999),
    )
    told = says("promote", "daily", version, "--reason", "x", code=1)
    assert "closed  matured outcomes  120 of 300, on the market of account paper" in told
    assert "closed  drift             an alarm is active, on the market of account paper" in told
    figures = tmp_path / "figures.json"
    figures.write_bytes(msgspec.json.encode(good(version)))
    told = says("promote", "daily", version, "--reason", "x", "--figures", str(figures), code=2)
    assert "was measured on the market of account paper: 120 outcomes; leave --figures out" in told
    outcomes = [KeptOutcome(0.6, 0.01 if bar % 3 else -0.01, 0.5) for bar in range(300)]
    good_one = Tally("daily", version, bars=400, said=300, matured=300, pnl_bps=12.5, outcomes=outcomes)
    kept(data, "paper", good_one)
    told = says("show", "daily", version)
    assert "here        on the market of account paper: 300 outcomes, something said at 75% of bars" in told
    assert "hit_rate    0.6667 [0.6115, 0.7176] of 300" in told
    assert "after cost  +12.5 bps, of one unit each time" in told
    assert json.loads(says("show", "daily", version, "--json"))["here"]["matured"] == 300
    says("promote", "daily", version, "--reason", "did well", "--confirm", "daily")
    gates = json.loads(says("show", "daily", version, "--json"))["events"][-1]["gates"]
    assert gates["matured outcomes"] == "300 of 300, on the market of account paper"
    path.write_text("{", encoding="utf-8")
    assert "300 outcomes" in says("show", "daily", version), "one file that can't be read hides no other"


def kept(data: Path, account: str, *tallies: Tally) -> Path:
    """Keep how versions did, as a desk does beside the account's journal."""
    path = data / "journal" / f"{account}{SUFFIX}"
    (path.parent / account).mkdir(parents=True, exist_ok=True)
    path.write_bytes(encoded(tallies))
    return path


def objection(root: Path, version: str) -> str:
    """Return what a live desk that starts now has against a version."""
    data, secrets = standard_folders().data, KeyFile(root / "keys")
    keys = load_model_keys(secrets)
    assert keys is not None
    registry = audited_registry(data, keys, SystemClock())
    desk = ModelSignOffs(data / "audit.log", head_in("", data), lambda: secrets, lambda: registry)
    desk.look()
    return desk.objection("daily", version)


@pytest.mark.parametrize(("role", "code"), [(Role.RISK, 0), (Role.TRADER, 2), (Role.ADMIN, 2)])
def test_only_risk_signs_for_a_version_on_live_accounts(
    says: Says, tmp_path: Path, role: Role, code: int
) -> None:
    version = registered(says, tmp_path)
    sign = ("sign-off", "daily", version, "--reason", "looked at", "--confirm", "daily")
    assert "a sign-off is an operator's of the role risk" in says(*sign, code=2)
    operators = Operators(
        standard_folders(), Settings(), SystemClock(), key_file=tmp_path / "keys", cost=CHEAP
    )
    operators.add("root", Role.ADMIN, GOOD)
    operators.add("ann", role, GOOD)
    told = says(*sign, "--operator", "ann", given=f"{GOOD}\n", code=code)
    log = standard_folders().data / "audit.log"
    assert list(told_sign_offs(entries_in(log))) == ([f"daily {version}"] if role is Role.RISK else [])
    if role is Role.RISK:
        assert told == f"ann signed for daily {version} on live accounts.\n"
        assert objection(tmp_path, version) == ""
        assert "took back" in says(*sign, "--operator", "ann", "--withdraw", given=f"{GOOD}\n")
        assert told_sign_offs(entries_in(log)) == {}
        assert "nobody of the risk role signed for it" in objection(tmp_path, version)
        assert "withdraw sign-off by ann: looked at" in says("show", "daily", version)
    else:
        assert f"a {role.value} does not sign for models" in told
