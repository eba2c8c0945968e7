"""Models are backed up with the accounts, and come back without anything being lost."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.folders import standard_folders
from engine.security.model_keys import ModelKeys
from engine.signals.registry.registry import Registry
from engine.signals.serving.kept import encoded
from engine.signals.serving.tally import Tally
from terminal.__main__ import main
from tests.model_bench import KEY, Bench
from tests.unit.engine.backup_bench import traded
from tests.unit.engine.store_bench import write

KEYS = ("--key-file", "touchline.keys")


class Shell:
    """A home with an account and models, and what says commands to it."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.data = standard_folders().data
        write(self.data / "journal" / "sim", traded(2))
        self.data.chmod(0o700)
        self.bench = Bench(root, SystemClock())
        self.bench.data = self.data
        self.bench.registry = self.bench.another()
        self._capsys = capsys

    def by(self, *arguments: str, code: int = 0) -> str:
        assert main([*arguments, *KEYS]) == code
        told = self._capsys.readouterr()
        return told.out + told.err

    def registry(self) -> Registry:
        return Registry(self.data, ModelKeys(KEY), SystemClock())

    def archives(self) -> list[Path]:
        return sorted((self.data / "backups" / "models").glob("*.archive"))


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return Shell(tmp_path, capsys)


def test_a_lost_disk_costs_no_model(shell: Shell) -> None:
    version = shell.bench.champion()
    told = shell.by("backup", "--to", "elsewhere")
    assert "models: 00000001.archive, 1 version and how they stand." in told
    assert "models: nothing new, 1 version." in shell.by("backup", "--to", "elsewhere")
    assert "models          5 files, whole, of 00000001.archive" in shell.by("drill", "--from", "elsewhere")
    shutil.rmtree(shell.data)
    told = shell.by("restore", "--to", "newest", "--from", "elsewhere")
    assert f"Models: put back daily {version}." in told
    assert "Models: how they stand is that of 00000001.archive." in told
    assert shell.registry().standing("daily").champion == version
    assert shell.registry().load("daily", version).version == version


def test_what_happened_to_models_since_stays_and_a_damaged_version_is_put_right(shell: Shell) -> None:
    first = shell.bench.champion()
    shell.by("backup")
    second = shell.bench.champion()
    file = shell.bench.file(first, "model.json")
    sound = file.read_bytes()
    file.write_bytes(sound.replace(b"0", b"1", 1))
    told = shell.by("restore", "--to", "newest")
    assert f"Models: put back daily {first}." in told
    (aside,) = shell.data.glob("models.before-restore-*")
    assert f"what was there instead is now in {aside}." in told
    assert (aside / "models" / "daily" / first / "model.json").exists()
    assert file.read_bytes() == sound
    assert shell.registry().standing("daily").champion == second
    assert json.loads(shell.by("restore", "--to", "newest", "--json"))["models"]["versions"] == []
    assert "Models: all of them are there" in shell.by("restore", "--to", "newest")


def test_events_of_another_registry_go_aside_for_those_that_were_backed_up(shell: Shell) -> None:
    shell.bench.champion()
    shell.by("backup")
    (shell.data / "models.sqlite3").write_bytes(b"no registry")
    told = shell.by("restore", "--to", "newest")
    assert "Models: how they stand is that of 00000001.archive." in told
    (aside,) = shell.data.glob("models.before-restore-*")
    assert (aside / "models.sqlite3").read_bytes() == b"no registry"
    assert shell.registry().standing("daily").champion


def test_a_changed_version_is_left_out_and_an_archive_that_has_it_is_kept(shell: Shell) -> None:
    first = shell.bench.champion()
    shell.by("backup")
    shell.bench.file(first, "card.json").write_bytes(b"{}")
    for _ in range(5):
        shell.bench.candidate()
        told = shell.by("backup")
    assert f"models: left out is daily {first}: " in told
    assert "card.json: it was changed since it was registered; archives that have it are kept" in told
    assert [path.name for path in shell.archives()] == [f"0000000{n}.archive" for n in (1, 3, 4, 5, 6)]


def test_a_damaged_archive_fails_the_drill_and_is_passed_over_by_a_restore(shell: Shell) -> None:
    shell.bench.champion()
    shell.by("backup")
    shell.bench.candidate()
    shell.by("backup")
    newest = shell.archives()[-1]
    content = bytearray(newest.read_bytes())
    content[-1] ^= 1
    newest.write_bytes(content)
    assert f"{newest}: it was changed or cut short" in shell.by("drill", code=2)
    told = shell.by("restore", "--to", "newest")
    assert f"Passed over: {newest}: it was changed or cut short" in told
    assert "Models: all of them are there" in told
    for path in shell.archives():
        path.write_bytes(b"x")
    assert "it is not a sealed file" in shell.by("restore", "--to", "newest", code=2)


def test_how_models_did_here_comes_back_where_it_is_missing_or_broken_and_is_left_alone_else(
    shell: Shell,
) -> None:
    version = shell.bench.champion()
    kept = shell.data / "journal" / "sim.signals.json"
    content = encoded((Tally("daily", version, matured=412),))
    kept.write_bytes(content)
    kept.with_name("sim-until-x.signals.json").write_bytes(content)
    assert "1 version and how they stand, and how they did here." in shell.by("backup")
    kept.unlink()
    assert "Models: put back how they did, sim.signals.json." in shell.by("restore", "--to", "newest")
    assert (kept.read_bytes(), kept.stat().st_mode & 0o777) == (content, 0o600)
    kept.write_bytes(b"{")
    told = json.loads(shell.by("restore", "--to", "newest", "--json"))
    assert told["models"]["figures"] == ["sim.signals.json"]
    (aside,) = shell.data.glob("models.before-restore-*")
    assert (aside / "figures" / "sim.signals.json").read_bytes() == b"{"
    newer = encoded((Tally("daily", version, matured=500),))
    kept.write_bytes(newer)
    assert "Models: all of them are there" in shell.by("restore", "--to", "newest")
    assert kept.read_bytes() == newer
    kept.write_bytes(b"{")
    assert "1 version and how they stand." in shell.by("backup"), "what can't be read is no backup"


def test_a_home_without_models_has_no_archive(shell: Shell) -> None:
    assert "models:" not in shell.by("backup")
    assert shell.archives() == []
    assert "models          none backed up" in shell.by("drill")
    assert "Models" not in shell.by("restore", "--to", "newest")
