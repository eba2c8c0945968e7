"""What a run of the tests leaves behind, and what is made of it."""

from __future__ import annotations

import shutil
from pathlib import Path

from engine.preflight.proof import PLACE, PROGRAM, Outcome, read_proof, room_hashes
from tests.documented import ROOT
from tests.proof import kept, module_of, outcomes

REPORT = """\
<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite>
  <testcase classname="tests.unit.engine.test_a" name="test_x"/>
  <testcase classname="tests.unit.engine.test_a.TestOf" name="test_y"><failure message="no"/></testcase>
  <testcase classname="tests.unit.engine.test_b" name="test_z"><skipped message="none here"/></testcase>
  <testcase classname="tests.unit.engine.test_b" name="test_z"><error message="no"/></testcase>
</testsuite></testsuites>
"""


def test_reports_are_summed_up_by_module(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(REPORT, encoding="utf-8")
    assert outcomes([report, report]) == {
        "tests.unit.engine.test_a": Outcome(2, 2, 0),
        "tests.unit.engine.test_b": Outcome(0, 2, 2),
    }
    assert module_of("tests.functional.test_x.TestOf.Inner") == "tests.functional.test_x"


def test_what_is_kept_is_of_exactly_this_source(tmp_path: Path) -> None:
    for package in ("engine/clock.py", "engine/risk/arming.py", "terminal/cli.py"):
        (tmp_path / package).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / package, tmp_path / package)
    assert read_proof(tmp_path) is None
    assert kept(tmp_path, {"tests.x": Outcome(1)}, {"engine": 95.0}) == tmp_path / PLACE
    found = read_proof(tmp_path)
    assert found is not None
    assert found.modules == {"tests.x": Outcome(1)}
    assert found.rooms == room_hashes(tmp_path)
    with (tmp_path / "engine" / "risk" / "arming.py").open("a", encoding="utf-8") as file:
        file.write("# another\n")
    now = room_hashes(tmp_path)
    assert {room for room in now if now[room] != found.rooms[room]} == {"engine/risk", PROGRAM}


def test_what_can_not_be_read_proves_nothing(tmp_path: Path) -> None:
    (tmp_path / "build").mkdir()
    for content in (b"", b"{}", b"[" * 100_000, b"\xff"):
        (tmp_path / PLACE).write_bytes(content)
        assert read_proof(tmp_path) is None


def test_what_a_wheel_has_beside_the_source_is_no_other_program(tmp_path: Path) -> None:
    for name in ("engine/model", "terminal/widgets"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "one.py").write_text("ONE = 1\n", encoding="utf-8")
    checkout = room_hashes(tmp_path)
    (tmp_path / "terminal" / "themes").mkdir()
    (tmp_path / "terminal" / "themes" / "dark.toml").write_text("", encoding="utf-8")
    assert room_hashes(tmp_path) == checkout
