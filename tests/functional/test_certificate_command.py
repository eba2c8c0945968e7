"""`touchline cert`: makes one for development, keeps what was there, and says what there is."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.security.audit.log import entries_in
from engine.security.tls.certificate import check_pair
from terminal.__main__ import main

Says = Callable[..., tuple[int, str]]


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Says:
    """Return what says the command, and returns its exit code and what it prints; no key is among it."""
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path / "home"))

    def say(*arguments: str) -> tuple[int, str]:
        code = main(["cert", *arguments])
        told = capsys.readouterr()
        assert "PRIVATE" not in told.out + told.err
        return code, told.out + told.err

    return say


def fingerprint(told: str) -> str:
    found = re.search(r"^fingerprint +(\S+)$", told, re.MULTILINE)
    assert found is not None
    return found[1]


def test_it_makes_one_that_a_listener_may_show_and_says_how(says: Says, tmp_path: Path) -> None:
    data = tmp_path / "home" / "data"
    code, told = says("--name", "desk.example", "--name", "192.0.2.7")
    assert code == 0
    assert "names        localhost desk.example 127.0.0.1 ::1 192.0.2.7\n" in told
    assert "89 days left\nfor          development alone\n" in told
    lines = told[told.index("[gateway]") :]
    config = tmp_path / "config.toml"
    config.write_text(lines, encoding="utf-8")
    assert says("show", "--config", str(config))[1] == told[: told.index("\nThe gateway")]
    check_pair(data / "gateway.pem", data / "gateway.key", SystemClock().now_ns(), is_production=False)
    assert {stat.S_IMODE(path.stat().st_mode) for path in data.iterdir()} == {0o600}
    (entry,) = entries_in(data / "audit.log")
    assert (entry.what, entry.after) == ("certificate-made", fingerprint(told))


def test_what_is_there_is_replaced_only_by_force_and_kept(says: Says, tmp_path: Path) -> None:
    data = tmp_path / "home" / "data"
    before = says()[1]
    pair = {path.suffix: path.read_bytes() for path in data.glob("gateway.*")}
    code, told = says()
    assert (code, "it is there already; --force" in told) == (2, True)
    assert {path.suffix: path.read_bytes() for path in data.glob("gateway.*")} == pair
    after = says("--force")[1]
    assert fingerprint(after) != fingerprint(before)
    kept = {path.suffix: path.read_bytes() for path in data.glob("gateway.until-*")}
    assert kept == pair
    assert fingerprint(says("show")[1]) == fingerprint(after)


def test_production_gets_none(says: Says, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    code, told = says()
    assert (code, "not for production" in told) == (2, True)
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["show"], "there is no such certificate; touchline cert makes one"),
        (["--name", "a b"], "expected a host such as desk.example, or an address, found 'a b'"),
        (["--config", "none.toml"], "there is no such file"),
    ],
)
def test_what_can_not_be_done_is_a_sentence(says: Says, arguments: list[str], sentence: str) -> None:
    code, told = says(*arguments)
    assert (code, sentence in told) == (2, True)
