"""`touchline report` sums up what an account did, from what it left behind."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from engine.clock import NS_PER_S
from engine.duties.keeper import Keeper
from engine.folders import Folders, standard_folders
from engine.messages.health_views import HealthState
from engine.model.ranks import nearest_rank
from engine.observe.logs import NAME
from engine.observe.timeline import NAME as TIMELINE
from engine.observe.timeline import Turn
from engine.rooms import Rooms
from engine.shell.account_report import QUERIES, account_report
from engine.shell.past import answers
from engine.store.schema import TABLES
from terminal.__main__ import BAD_INPUT, main
from tests.engine_rooms import ABC, NOON_NS, XYZ, buying, composed, passes
from tests.waiting import wait_until

TEN_YEARS = ("--since", "3650d")
LINES = (
    {"level": "warning", "component": "alerts", "event": "alert", "source": "feed", "text": "gone"},
    {"level": "info", "component": "venue", "event": "venue call", "venue": "kraken", "ms": 10.0},
    {"level": "warning", "component": "venue", "event": "venue call", "venue": "kraken", "ms": 90.0, "failure": "late"},
    {"level": "info", "component": "gateway", "event": "request", "status": 200, "ms": 1.0},
    {"level": "info", "component": "gateway", "event": "request", "status": 422, "ms": 2.0},
    {"level": "info", "component": "gateway", "event": "request", "status": 503, "ms": 3.0},
    {"level": "warning", "component": "log", "event": "lines left out", "of": "alert", "count": 40},
)  # fmt: skip


def projected(rooms: Rooms) -> None:
    """Have the history of what the journal says."""
    journal, database = rooms.journal, standard_folders().data / "sim.sqlite3"
    keeper = Keeper(journal.disk, database, "USD", 1_000, lambda: journal.sequence, journal.sequence)
    keeper.start()
    wait_until(lambda: keeper.sequence == journal.sequence)
    keeper.stop()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have an account that bought, has an order working, was denied once, and whose first session had no end."""
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path))
    with composed(tmp_path) as rooms:
        rooms.orders.submit(buying(rooms, 10).request)
        passes(rooms, 60.0)
    with composed(tmp_path, later_s=7_200.0) as rooms:
        rooms.orders.submit(buying(rooms, 5, 10_000, XYZ).request)
        huge = buying(rooms, 10_000_000, 10_000, ABC).request
        rooms.orders.submit(replace(huge, strategy="meanrev"))
        passes(rooms, 60.0)
        projected(rooms)
    began_ns = NOON_NS + 60 * NS_PER_S
    turns = [
        Turn(NOON_NS, "sim"),
        Turn(began_ns, "sim", "feed", "Feed", HealthState.DOWN, "gone"),
        Turn(began_ns + 90 * NS_PER_S, "sim", "feed", "Feed", HealthState.OK),
    ]
    (tmp_path / "data" / TIMELINE).write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in turns))
    (tmp_path / "logs").mkdir(exist_ok=True)
    lines = (json.dumps({"at": "2026-01-15T08:00:00.000Z", **line}) for line in LINES)
    (tmp_path / "logs" / NAME).write_text("".join(f"{line}\n" for line in lines))
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *more: str) -> Any:
    assert main(["report", "--json", *TEN_YEARS, *more]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("home")
def test_it_counts_what_the_journal_and_the_log_hold(capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys)
    account, log = found["account"], found["log"]
    assert (account["orders"]["submitted"], account["orders"]["denied"]) == (2, 1)
    assert (account["fills"], account["answered"]["count"]) == (1, 2)
    assert account["denials"]
    assert set(account["denials"].values()) == {1}
    assert account["sessions"]["began"] == 2
    assert account["sessions"]["not_ended"] == 1
    assert log["alerts"] == {"warning feed": 1}
    assert log["venues"]["kraken"] == {"count": 2, "failed": 1, "refused": 0, "p50_ms": 10.0, "p99_ms": 90.0}
    assert log["programs"] == {"count": 3, "failed": 1, "refused": 1, "p50_ms": 2.0, "p99_ms": 3.0}
    assert log["left_out"] == 40


@pytest.mark.usefixtures("home")
def test_a_person_reads_it_as_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", *TEN_YEARS]) == 0
    text = capsys.readouterr().out
    for line in (
        "orders     2 submitted, 1 denied",
        "fills      1\n",
        "1 session had no end",
        "incidents        1  Feed, 90 s together",
        "40 more were left out",
    ):
        assert line in text
    assert main(["report", "--since", "1h"]) == 0
    text = capsys.readouterr().out
    assert "to 2024-08-08 14:00, by the clock of the simulated market" in text
    assert "orders     1 submitted, 1 denied" in text, "the first session is longer ago by that clock"
    assert "log        has no line" in text
    assert "incidents  none" in text


@pytest.mark.parametrize("span", ["", "7", "0d", "-1d", "7w", "99999d", "\u0667d"])
def test_what_is_no_span_is_refused(span: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["report", f"--since={span}"])
    assert ended.value.code == BAD_INPUT
    assert "expected a span as" in capsys.readouterr().err


def test_without_an_account_it_says_what_makes_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path))
    assert main(["report"]) == BAD_INPUT
    assert "`touchline` opens one" in capsys.readouterr().err


BEGAN, ENDED, OTHER = "SessionBegan", "SessionEnded", "AcceptReport"


@pytest.mark.parametrize(
    ("records", "began", "not_ended", "up_s"),
    [
        pytest.param([(BEGAN, 10), (ENDED, 40)], 1, 0, 30, id="in-order"),
        pytest.param([(BEGAN, 10), (OTHER, 30)], 1, 0, 20, id="still-runs"),
        pytest.param([(BEGAN, 10), (OTHER, 30), (BEGAN, 50), (ENDED, 60)], 2, 1, 30, id="one-had-no-end"),
        pytest.param([(OTHER, 10), (ENDED, 40)], 0, 0, 40, id="began-before"),
        pytest.param([(OTHER, 10), (OTHER, 40)], 0, 0, 40, id="ran-all-the-time"),
        pytest.param([], 0, 0, 0, id="nothing"),
    ],
)
def test_the_time_it_ran_is_counted_from_what_is_certain(
    records: list[tuple[str, int]], began: int, not_ended: int, up_s: int, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    with closing(sqlite3.connect(tmp_path / "data" / "sim.sqlite3", isolation_level=None)) as connection:
        connection.executescript(TABLES)
        rows = [(number, second * NS_PER_S, kind, "{}") for number, (kind, second) in enumerate(records, 1)]
        connection.executemany("INSERT INTO audit (sequence, time_ns, kind, body) VALUES (?, ?, ?, ?)", rows)
    folders = Folders(tmp_path / "config", tmp_path / "data", tmp_path / "cache", tmp_path / "logs")
    found = answers(folders, QUERIES, (0,))
    sessions = account_report(found, 0).sessions
    assert (sessions.began, sessions.not_ended, sessions.up_s) == (began, not_ended, up_s)


def test_a_percentile_is_one_of_the_values() -> None:
    assert [nearest_rank([1.0, 2.0, 3.0, 4.0], percent) for percent in (0, 25, 50, 99, 100)] == [
        1,
        1,
        2,
        4,
        4,
    ]
    assert nearest_rank([], 50) == 0
