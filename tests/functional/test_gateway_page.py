"""The real program without a desk, asked as its page says, and told to end."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.errors import ConfigError
from engine.security.operators.database import OperatorFile
from engine.security.operators.register import Register
from engine.security.operators.roles import Role
from engine.security.signing import load_or_make_signing_keys
from engine.security.vault.key_file import KeyFile
from terminal.cli import parse_args
from terminal.commands import run
from tests.documented import ROOT, blocks, page
from tests.pty_desk import PROGRAM, environment

PASSWORD = "fjord-Lantern-62-quince"
SERVED = re.compile(r"touchline: PAPER-1 is served at (http://127\.0\.0\.1:\d+)\n")
LINES = [line for block in blocks(page("docs/gateway.md"), "sh") for line in block.splitlines()]


def made_home(home: Path, *, operator: bool = True, key: bool = True) -> Path:
    (home / "config").mkdir(parents=True)
    (home / "data").mkdir(mode=0o700)
    (home / "config" / "config.toml").write_text(
        f'[metrics]\nport = 0\n[gateway]\nlisten = "127.0.0.1:0"\n[credentials]\nkey_file = "{home}/keys"\n',
        encoding="utf-8",
    )
    if operator:
        register = Register(OperatorFile(home / "data" / "operators.sqlite3"), SystemClock(), cost=4)
        register.add("ann", Role.ADMIN, PASSWORD)
    if key:
        load_or_make_signing_keys(KeyFile(home / "keys"))
    return home


@contextmanager
def serving(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `touchline serve`; yield its process and where it listens."""
    process = subprocess.Popen(
        [*PROGRAM, "serve"],
        cwd=ROOT,
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        found = SERVED.fullmatch(process.stdout.readline())
        assert found is not None
        yield process, found[1]
    finally:
        process.kill()
        process.communicate()


@pytest.mark.pty
def test_every_command_of_the_page_is_answered_and_the_end_is_in_order(tmp_path: Path) -> None:
    home, place = made_home(tmp_path / "home"), tmp_path / "place"
    place.mkdir()
    (place / "sign-in.json").write_text(json.dumps({"name": "ann", "password": PASSWORD}), encoding="utf-8")
    assert LINES[0] == "touchline serve"
    with serving(home) as (process, where):
        for line in LINES[1:]:
            done = said(place, line.replace("http://127.0.0.1:8730", where))
            assert done.returncode == 0, done.stderr
            assert "error" not in done.stdout, line
            assert done.stdout or ">" in line
        unproven, proven = (resumed(home, typed) for typed in ("", f"ann\n{PASSWORD}\n\n"))
        assert (unproven.returncode, proven.returncode) == (1, 0)
        assert unproven.stdout.endswith("to loosen that takes the password of an operator\n")
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=60)
        assert process.returncode == 128 + signal.SIGTERM
        assert told == "touchline: told to end (SIGTERM)\n"
    log = (home / "logs" / "gateway.log").read_text(encoding="utf-8")
    assert log.count('"status": 200') == len(LINES) - 2, "each but the line that runs Python"
    token = (place / "token.txt").read_text(encoding="utf-8").split()[-1]
    everything = [path for path in home.rglob("*") if path.is_file() and path.name != "keys"]
    assert not [path for path in everything if PASSWORD.encode() in path.read_bytes()]
    assert not [path for path in everything if token.encode() in path.read_bytes()]


@pytest.mark.parametrize(("operator", "key"), [(False, True), (True, False)])
def test_without_operators_or_keys_it_says_what_makes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, operator: bool, key: bool
) -> None:
    monkeypatch.setenv("TOUCHLINE_HOME", str(made_home(tmp_path / "home", operator=operator, key=key)))
    with pytest.raises(ConfigError, match="touchline setup makes the keys and asks for the first operator"):
        run(parse_args(["serve"]))


def test_a_desk_is_served_where_that_is_said() -> None:
    assert parse_args(["--serve"]).serve
    assert parse_args(["live", "kraken", "BTC/USD", "--serve"]).serve
    assert not parse_args(["demo"]).serve
    assert parse_args(["serve", "--seed", "7"]).seed == 7
    assert parse_args(["serve", "live", "kraken", "BTC/USD"]).symbols == ["BTC/USD"]


def resumed(home: Path, typed: str) -> subprocess.CompletedProcess[str]:
    """Let every desk go on from another shell, and answer what it asks in a pipe."""
    return subprocess.run(
        [*PROGRAM, "resume", "--firm"],
        cwd=ROOT,
        env=environment(home),
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )


def said(place: Path, line: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", line], cwd=place, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
