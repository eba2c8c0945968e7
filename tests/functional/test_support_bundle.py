"""`touchline support-bundle`: what it holds is listed first, and none of the secrets that were planted is in it."""

from __future__ import annotations

import json
import stat
import tarfile
from pathlib import Path

import pytest

from engine.engine import Engine
from engine.observe.logs import NAME
from terminal.__main__ import BAD_INPUT, main
from tests.documented import blocks, page
from tests.engine_rooms import buying, composed
from tests.model_bench import Bench

PLANTED = (
    "hunter2-of-redis",
    "several words of passphrase",
    "alone-in-the-environment",
    "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ0b20ifQ.c2lnbmF0dXJl",
    "bearer-aa11bb22cc33",
    "inside-the-vault",
    "inside-the-audit-log",
    "inside-the-operators",
    "inside-a-backup",
    "inside-a-broken-file",
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC",
)
SETTINGS = f"""\
[account]
name = "PAPER-7"

[redis]
address = "rediss://desk:{PLANTED[0]}@cache.example:6380"
passphrase = '''
{PLANTED[1]}'''
"""
LINES = (
    {"at": "2027-01-15T08:00:00.000Z", "level": "info", "component": "venue", "event": "venue call", "failure": f"sent {PLANTED[2]}"},
    {"at": "2027-01-15T08:00:01.000Z", "level": "info", "component": "venue", "event": "alert", "text": f"Authorization: Bearer {PLANTED[4]}"},
    {"at": "2027-01-15T08:00:02.000Z", "level": "info", "component": "gateway", "event": "fault", "text": f"token {PLANTED[3]}"},
)  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have an account with a journal, and secrets in every place that a person or a library may leave one."""
    root = tmp_path / "home"
    monkeypatch.setenv("TOUCHLINE_HOME", str(root))
    monkeypatch.setenv("SOME_TOKEN", PLANTED[2])
    with composed(root) as rooms:
        rooms.orders.submit(buying(rooms, 10).request)
    for folder in ("config", "logs", "data/backups"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "config" / "config.toml").write_text(SETTINGS)
    (root / "config" / "alerts.toml").write_text(f'secret = "{PLANTED[9]}"\n[')
    (root / "config" / "desk.pem").write_text(f"-----BEGIN PRIVATE KEY-----\n{PLANTED[10]}\n")
    (root / "logs" / NAME).write_text("".join(f"{json.dumps(line)}\n" for line in LINES))
    (root / "logs" / "gateway.log").write_text(f"torn {PLANTED[3]}\n")
    (root / "logs" / "fault.txt").write_text(
        f"ValueError: password={PLANTED[0]}\n-----BEGIN RSA PRIVATE KEY-----\n{PLANTED[10]}"
    )
    for name, secret in (("vault", 5), ("audit.log", 6), ("operators.sqlite3", 7), ("backups/base.tlb", 8)):
        (root / "data" / name).write_text(PLANTED[secret])
    return root


def test_versions_of_models_are_named_and_nothing_of_the_models_is_in_it(home: Path, tmp_path: Path) -> None:
    bench = Bench(home)
    version = bench.shadow()
    assert main(["support-bundle", str(tmp_path / "b.tar.gz")]) == 0
    files = held(tmp_path / "b.tar.gz")
    assert json.loads(files["touchline-support/models.json"]) == {"daily": {version: "shadow"}}
    assert not [name for name in files if "model.json" in name or "card" in name]
    (home / "data" / "models.sqlite3").write_bytes(b"no registry")
    assert main(["support-bundle", str(tmp_path / "c.tar.gz")]) == 0
    assert b"left out  models.json: " in held(tmp_path / "c.tar.gz")["touchline-support/CONTENTS.txt"]


def held(path: Path) -> dict[str, bytes]:
    """Return each file of an archive."""
    with tarfile.open(path) as archive:
        members = {each.name: archive.extractfile(each) for each in archive.getmembers()}
        return {name: file.read() for name, file in members.items() if file is not None}


@pytest.mark.parametrize("more", [(), ("--journal",)], ids=["plain", "with-journal"])
@pytest.mark.usefixtures("home")
def test_no_secret_that_was_planted_is_in_it(
    more: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bundle.tar.gz"
    assert main(["support-bundle", str(path), *more]) == 0
    files = held(path)
    told = capsys.readouterr().out
    for secret in PLANTED:
        assert not [name for name, data in files.items() if secret.encode() in data], secret
        assert secret not in told
    assert b"PAPER-7" in files["touchline-support/config/config.toml"]
    assert b"cache.example:6380" in files["touchline-support/config/config.toml"]
    lines = files["touchline-support/logs/touchline.log"].splitlines()
    assert [b"(hidden)" in line for line in lines] == [True] * len(LINES)
    assert bool([name for name in files if "/journal/" in name]) is bool(more)


@pytest.mark.usefixtures("home")
def test_what_is_in_it_is_what_was_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["support-bundle", "--journal"]) == 0
    listed = capsys.readouterr().out
    assert "nothing was written" in listed
    assert not list(tmp_path.glob("*.tar.gz"))
    path = tmp_path / "bundle.tar.gz"
    assert main(["support-bundle", "--journal", str(path)]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines() if " B  " in line]
    files = held(path)
    contents = files.pop("touchline-support/CONTENTS.txt").decode()
    assert {f"touchline-support/{row[2]}": int(row[0].replace(",", "")) for row in rows} == {
        name: len(data) for name, data in files.items()
    }
    for text in (listed, contents):
        assert "config/alerts.toml: it can't be read" in text
        assert "no desk runs here" in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(files["touchline-support/about.json"])["settings"] != "read", "the settings are refused"


@pytest.mark.usefixtures("home")
def test_a_file_that_is_there_is_never_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bundle.tar.gz"
    path.write_text("mine")
    assert main(["support-bundle", str(path)]) == BAD_INPUT
    assert "such a file already" in capsys.readouterr().err
    assert path.read_text() == "mine"
    assert main(["support-bundle", str(tmp_path / "nowhere" / "b.tar.gz")]) == BAD_INPUT
    assert "nothing was written" in capsys.readouterr().err


def test_the_page_s_lines_do_what_it_says(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(home)
    lines = [line for block in blocks(page("docs/support.md"), "sh") for line in block.splitlines()]
    for line in lines:
        assert main(line.split()[1:]) == 0
        assert "about.json" in capsys.readouterr().out
    assert (home / "bundle.tar.gz").exists()


def test_how_a_running_desk_is_goes_in_too(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bundle.tar.gz"
    with composed(home, later_s=60.0) as rooms:
        engine = Engine(rooms)
        engine.start()
        try:
            assert main(["support-bundle", str(path)]) == 0
        finally:
            engine.stop()
    assert "status.json  (of the desk that runs)" in capsys.readouterr().out
    status = json.loads(held(path)["touchline-support/status.json"])
    assert status["account"]


@pytest.mark.parametrize("name", ["logs/fault.txt", "logs/touchline.log", "config/config.toml"])
def test_a_folder_where_a_file_should_be_is_said_or_left_out_and_stops_nothing(
    name: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / name).unlink()
    (home / name).mkdir()
    assert main(["support-bundle"]) == 0
    told = capsys.readouterr().out
    assert "about.json" in told
    assert f"B  {name}" not in told
