"""`touchline history` tells what an account did, while its desk runs and afterwards."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from engine.duties.keeper import Keeper
from engine.folders import standard_folders
from terminal.__main__ import main
from tests.engine_rooms import ABC, XYZ, buying, composed, passes
from tests.waiting import wait_until


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have an account that bought ABC and has an order for XYZ working."""
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path))
    with composed(tmp_path) as rooms:
        rooms.orders.submit(buying(rooms, 10).request)
        second = buying(rooms, 5, 9_950, XYZ).request
        rooms.orders.submit(replace(second, strategy="meanrev", origin="leg"))
        passes(rooms, 0.1)
        journal, database = rooms.journal, standard_folders().data / "sim.sqlite3"
        keeper = Keeper(journal.disk, database, "USD", 1_000, lambda: journal.sequence, journal.sequence)
        keeper.start()
        wait_until(lambda: keeper.sequence == journal.sequence)
        keeper.stop()
    return tmp_path


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("arguments", "symbols"),
    [
        (("orders",), [XYZ, ABC]),
        (("orders", "--symbol", "ABC"), [ABC]),
        (("orders", "--limit", "1"), [XYZ]),
        (("fills",), [ABC]),
        (("fills", "--symbol", "XYZ"), []),
        (("fills", "--symbol", "' OR 1 --"), []),
    ],
)
def test_it_prints_what_is_asked_for(
    arguments: tuple[str, ...], symbols: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["history", *arguments, "--json"]) == 0
    rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    assert [row["symbol"] for row in rows] == symbols


@pytest.mark.usefixtures("home")
def test_a_person_reads_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history"]) == 0
    head, working, filled = capsys.readouterr().out.splitlines()
    assert head.startswith("time (UTC)")
    assert "99.50" in working
    assert "working" in working
    assert "filled" in filled


@pytest.mark.usefixtures("home")
def test_it_says_whose_each_order_was_and_where_it_came_from(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", "--json"]) == 0
    rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    assert [(row["strategy"], row["origin"]) for row in rows] == [("meanrev", "leg"), ("", "desk")]
    assert main(["history"]) == 0
    head, leg, desk = capsys.readouterr().out.splitlines()
    for name, of_leg, of_desk in (("strategy", "meanrev", "-"), ("origin", "leg", "desk")):
        at = head.index(name)
        assert (leg[at:].split()[0], desk[at:].split()[0]) == (of_leg, of_desk)


@pytest.mark.usefixtures("home")
def test_the_audit_trail_has_every_record(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", "audit", "--limit", "100", "--json"]) == 0
    kinds = [row["kind"] for row in json.loads(capsys.readouterr().out)]
    assert {"SessionBegan", "OrderSubmitted", "FillReport"} <= set(kinds)


def test_without_a_history_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path))
    assert main(["history"]) != 0
    assert "`touchline` opens one" in capsys.readouterr().err


def test_of_two_accounts_one_must_be_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "data" / "paper.sqlite3").touch()
    assert main(["history"]) != 0
    assert "--mode paper or sim" in capsys.readouterr().err
    assert main(["history", "--mode", "sim"]) == 0


def test_it_says_how_many_records_are_not_in_it_yet(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history"]) == 0
    assert not capsys.readouterr().err
    with composed(home) as rooms:
        rooms.orders.submit(buying(rooms, 10).request)
        last = rooms.journal.sequence
    with closing(sqlite3.connect(standard_folders().data / "sim.sqlite3")) as connection:
        (shown,) = connection.execute("SELECT sequence FROM projected").fetchone()
    assert main(["history", "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)
    assert f"the last {last - shown} records are not in the history yet" in told.err


@pytest.mark.parametrize("command", ["history", "report"])
def test_settings_that_are_not_there_are_said_and_not_passed_over(
    command: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--config", str(home / "mine.toml")]) == 2
    assert "mine.toml: there is no such file" in capsys.readouterr().err
