"""`touchline redis`, against real servers that are set up well, badly, and not at all."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from terminal.__main__ import main
from tests.redis_server import PASSWORD, RedisServer, free_port, needs_redis

pytestmark = needs_redis
GOOD = ("save 900 1", "appendonly yes", "maxmemory 64mb", "maxmemory-policy noeviction")
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs the command against an address, with what a pipe gives it; returns exit code and output."""
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path / "home"))

    def call(errand: str, address: str, given: str = "") -> tuple[int, str]:
        config = tmp_path / "config.toml"
        config.write_text(f'[redis]\naddress = "{address}"\ntimeout_ms = 5000\n', encoding="utf-8")
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        keys = str(tmp_path / "keys")
        words = errand.split() if errand.startswith("desks") else ["redis", errand]
        code = main([*words, "--config", str(config), "--key-file", keys])
        told = capsys.readouterr()
        return code, told.out + told.err

    return call


def verdicts(told: str) -> dict[str, str]:
    return {line[9:26].strip(): line[:8].strip() for line in told.splitlines()}


def closed(server: RedisServer) -> None:
    """Turn the default user off, as the page has it."""
    with server.own() as own:
        own.acl_setuser("default", enabled=False)


def test_a_server_set_up_as_the_page_says_needs_no_change(tmp_path: Path, run: Run) -> None:
    with RedisServer(tmp_path / "r", *GOOD) as server:
        closed(server)
        address = f"unix:{server.socket}"
        assert run("add", address, f"desk\n{PASSWORD}\n")[0] == 0
        code, told = run("check", address)
    assert code == 0
    assert "may not read CONFIG" in told
    assert verdicts(told) == {
        "answer": "ok",
        "password": "ok",
        "user": "ok",
        "role": "ok",
        "append-only file": "ok",
        "last write": "ok",
        "memory limit": "ok",
        "when full": "ok",
        "snapshots": "unknown",
        "encryption": "unknown",
    }
    assert PASSWORD not in told


def test_a_server_as_it_comes_has_a_line_for_everything(tmp_path: Path, run: Run) -> None:
    port = free_port()
    bare = ('save ""', "protected-mode no", "maxmemory-policy allkeys-lru", "bind 0.0.0.0")
    with RedisServer(tmp_path / "r", *bare, port=port, has_users=False):
        code, told = run("check", f"tcp:127.0.0.1:{port}")
    assert code == 1
    changed = {name for name, verdict in verdicts(told).items() if verdict == "change"}
    assert changed == {
        "password",
        "user",
        "append-only file",
        "memory limit",
        "when full",
        "snapshots",
        "encryption",
    }
    for line in (
        "user default off",
        "user desk on >PASSWORD resetchannels &desk:* ~desk:* +@all -@dangerous -@admin +info",
        "appendonly yes",
        "maxmemory 64mb",
        "maxmemory-policy noeviction",
        "save 900 1",
        "port 0",
    ):
        assert f": {line}\n" in told


def test_a_wrong_password_is_the_one_thing_that_is_told(tmp_path: Path, run: Run) -> None:
    with RedisServer(tmp_path / "r") as server:
        address = f"unix:{server.socket}"
        run("add", address, "desk\nnot-the-one\n")
        code, told = run("check", address)
    assert code == 1
    assert verdicts(told) == {"answer": "change"}
    assert "not-the-one" not in told


def test_without_a_server_or_a_setting_a_sentence_says_so(tmp_path: Path, run: Run) -> None:
    code, told = run("check", f"unix:{tmp_path / 'none'}")
    assert (code, verdicts(told)) == (1, {"answer": "change"})
    code, told = run("check", "")
    assert code == 2
    assert "redis.address: no Redis is named" in told
    code, told = run("check", "tcp:redis.example:6379")
    assert code == 2
    assert "tls:host:port" in told


def test_the_password_is_kept_and_forgotten(run: Run) -> None:
    assert run("remove", "")[1].startswith("The password of Redis was not in")
    run("add", "", f"desk\n{PASSWORD}\n")
    assert run("remove", "")[1].startswith("The password of Redis is no longer in")


def test_the_desks_are_a_table_and_one_that_is_not_known_cannot_be_forgotten(
    tmp_path: Path, run: Run
) -> None:
    with RedisServer(tmp_path / "r") as server:
        address = f"unix:{server.socket}"
        assert run("add", address, f"desk\n{PASSWORD}\n")[0] == 0
        assert run("desks", address) == (0, "no desk is there\n")
        code, told = run("desks --forget tower", address)
    assert code == 2
    assert "there is no desk 'tower'" in told
