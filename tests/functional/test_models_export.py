"""`touchline models export`: what a person says, and what is answered."""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from engine.folders import standard_folders
from engine.security.audit.log import entries_in
from tests.model_bench import boosted, put_source
from tests.model_shell import Says, shell


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Says:
    """Return what says a command about models, and returns what it prints."""
    return shell(tmp_path, monkeypatch, capsys, "models")


@pytest.fixture
def version(says: Says, tmp_path: Path) -> str:
    """Return a version of trees that was registered."""
    source = put_source(tmp_path / "source", boosted())
    found: str = json.loads(says("add", str(source), "--name", "daily", "--json"))["version"]
    return found


def needs_onnx() -> None:
    pytest.importorskip("onnx", reason="needs touchline[onnx]")
    pytest.importorskip("onnxruntime", reason="needs touchline[onnx]")


def test_a_version_is_written_twice_with_the_same_bytes_and_the_audit_log_knows(
    says: Says, version: str, tmp_path: Path
) -> None:
    needs_onnx()
    told = says("export", "daily", version[:6], "--onnx", "daily.onnx")
    assert told.startswith(f"daily {version} is in daily.onnx: ")
    assert "as this program does, to " in told
    found = json.loads(says("export", "daily", version, "--onnx", "again.onnx", "--json"))
    content = (tmp_path / "daily.onnx").read_bytes()
    assert (tmp_path / "again.onnx").read_bytes() == content
    assert (found["sha256"], found["size_bytes"]) == (sha256(content).hexdigest(), len(content))
    assert found["agreed"]["apart_max"] < 1e-14
    noted = [e for e in entries_in(standard_folders().data / "audit.log") if e.what == "model-exported"]
    assert [each.subject for each in noted] == [f"daily {version}"] * 2
    assert noted[1].after == f"again.onnx, SHA-256 {found['sha256']}"


def test_a_changed_and_a_quarantined_version_are_not_written(
    says: Says, version: str, tmp_path: Path
) -> None:
    needs_onnx()
    path = standard_folders().data / "models" / "daily" / version / "model.json"
    whole = path.read_bytes()
    path.write_bytes(whole + b" ")
    assert "changed since it was registered" in says("export", "daily", version, "--onnx", "a.onnx", code=2)
    path.write_bytes(whole)
    says("quarantine", "daily", version, "--reason", "a leak")
    assert "is quarantined" in says("export", "daily", version, "--onnx", "a.onnx", code=2)
    assert not list(tmp_path.glob("*.onnx*"))


@pytest.mark.parametrize(
    ("file", "said"),
    [
        pytest.param("keys", "--onnx: keys is there already; expected the name of a new file", id="there"),
        pytest.param("no/daily.onnx", "--onnx: no/daily.onnx: No such file or directory", id="no-folder"),
        pytest.param(f"{'x' * 300}.onnx", "File name too long", id="too-long"),
    ],
)
def test_a_file_that_cant_be_written_is_said(says: Says, version: str, file: str, said: str) -> None:
    needs_onnx()
    assert said in says("export", "daily", version, "--onnx", file, code=2)


@pytest.mark.parametrize("missing", ["onnx", "onnxruntime"])
def test_without_the_extra_it_says_how_to_have_it(
    says: Says, version: str, missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("onnx_file", "onnx_graph", "onnx_trial"):
        monkeypatch.delitem(sys.modules, f"engine.signals.exporting.{module}", raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    told = says("export", "daily", version, "--onnx", "daily.onnx", code=2)
    assert "ONNX is an extra that is not installed: pip install 'touchline[onnx]'" in told
    assert not (tmp_path / "daily.onnx").exists()
