"""The page about deployment, followed on loopback: afterwards nothing fails that a program can look at."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.config import load_settings
from engine.folders import standard_folders
from engine.journal_cipher import journal_cipher
from engine.model.account import AccountMode
from tests.documented import blocks, page
from tests.engine_rooms import ABC, buying, composed
from tests.preflight_home import PASSWORD, REDIS_LINES, REDIS_PASSWORD, passphrase
from tests.redis_server import RedisServer, needs_redis
from tests.tls_pair import Pair
from tests.vault_shell import VaultShell

DEPLOYMENT = page("docs/deployment.md")
LINES = [line for block in blocks(DEPLOYMENT, "sh") for line in block.splitlines()]
GIVEN = {"password": f"{PASSWORD}\n", "redis-user": f"desk\n{REDIS_PASSWORD}\n"}


def settings_of_the_page(root: Path, redis: str) -> str:
    """Return the settings as the page has them, in folders of the test's."""
    (told,) = blocks(DEPLOYMENT, "toml")
    told = told.replace("/srv/touchline", str(root)).replace("/srv/backups/touchline", str(root / "backups"))
    told = told.replace("tls:redis.example:6380", redis).replace("passphrase_descriptor = 3\n", "")
    return told.replace("[redis]\n", "[redis]\ntimeout_ms = 5000\n")


def words_of(line: str) -> tuple[list[str], str]:
    """Return what a line of the page says to the program, and what it gives it in the pipe."""
    said, _, pipe = line.partition(" < ")
    assert "3< passphrase" in said
    return shlex.split(said.replace("3< passphrase", ""))[1:], GIVEN[pipe] if pipe else ""


@needs_redis
def test_the_page_leads_to_a_place_where_nothing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.chdir(tmp_path)
    shell = VaultShell(tmp_path)
    shell.make_cheap()
    Pair(tmp_path).authorised(now_ns=SystemClock().now_ns())
    (tmp_path / "gateway.pem").rename(tmp_path / "fullchain.pem")
    (tmp_path / "gateway.key").rename(tmp_path / "privkey.pem")
    with RedisServer(tmp_path / "r", *REDIS_LINES) as server:
        with server.own() as own:
            own.acl_setuser("desk", enabled=True, passwords=[f"+{REDIS_PASSWORD}"])
            own.acl_setuser("default", enabled=False)
        redis = f"unix:{server.socket}"
        shell.settings.write_text(settings_of_the_page(tmp_path, redis), encoding="utf-8")

        def say(*words: str, given: str = "") -> str:
            code = shell.say(*words, given=given)
            told = capsys.readouterr()
            assert code == 0, f"{words}\n{told.out[-2_000:]}{told.err}"
            return told.out

        for line in LINES:
            words, given = words_of(line)
            if words == ["backup"]:
                has_traded(tmp_path / "home")
            say(*words, given=given)
        found = json.loads(say("preflight", "--json"))
    assert found["signature"]
    rows = [row for row in found["rows"] if row["section"] != "tests"]  # what a checkout's own run left
    red = {row["id"]: row["evidence"] for row in rows if row["status"] == "fail"}
    assert red == {}
    waits = {row["id"] for row in found["rows"] if row["blocks"] and row["status"] == "waits for a person"}
    assert waits <= {"MD-1", "OMS-1", "OMS-3", "PF-1", "PF-2", "PF-3", "PF-4"}, "the tests alone prove these"


def has_traded(home: Path) -> None:
    """Let the account have a sealed journal, as an engine on a live market leaves it."""
    cipher = journal_cipher(load_settings(standard_folders().settings), passphrase)
    with composed(home, mode=AccountMode.PAPER, cipher=cipher) as rooms:
        rooms.orders.submit(buying(rooms, 5, symbol=ABC).request)
