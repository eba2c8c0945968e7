"""The terminal is closed, or the program told to end: the desk ends in order, and a venue elsewhere is the judge."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.pty_desk import PtyDesk, environment
from tests.unit.engine.bridge_bench import VenueProcess
from tests.waiting import wait_until

pytestmark = pytest.mark.pty

HUNG_UP, TERMINATED = 128 + signal.SIGHUP, 128 + signal.SIGTERM
UNPROVEN = 1
BEGINS = b"\x1b[?1049h"
"""What a program writes first that takes the whole terminal."""


@pytest.fixture
def venue() -> Iterator[VenueProcess]:
    made = VenueProcess().start()
    made.ask("quote", symbol="AAPL", bid="228.50", ask="228.55", bid_size="1000", ask_size="1000")
    yield made
    made.remove()


def desk(home: Path, venue: VenueProcess, *, dead_man_s: float = 0.0) -> PtyDesk:
    """Start the real program with the venue as its broker."""
    config = home / "config" / "config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(
        f'[broker]\nkind = "bridge"\naddress = "{venue.address}"\n[safety]\ndead_man_s = {dead_man_s}\n'
        '[journal]\ndurability = "process"\n[metrics]\nenabled = false\n',
        encoding="utf-8",
    )
    return PtyDesk(["demo"], environment(home), size=(120, 36))


def with_an_order(started: PtyDesk, venue: VenueProcess) -> None:
    """Have one order work, far from the market."""
    started.until("AAPL")
    started.until(lambda: "stock" in {each["type"] for each in heard(venue)})
    started.send("b 10 AAPL 222 gtc")
    started.until(lambda: statuses(venue) == ["working"])
    started.press("\x1b")


def heard(venue: VenueProcess) -> list[dict[str, Any]]:
    return [each["message"] for each in venue.evidence().entries if each["what"] == "received"]


def statuses(venue: VenueProcess) -> list[str]:
    return [order["status"] for order in venue.ask("state")["orders"].values()]


def resume(home: Path) -> dict[str, Any]:
    (path,) = (home / "data").glob("*.resume.json")
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


def starts_without_a_crash(home: Path, venue: VenueProcess) -> None:
    """Start again, and see that the comparison is done and nothing is told of a crash."""
    before = len([each for each in heard(venue) if each["type"] == "stock"])
    with desk(home, venue) as again:
        again.until("AAPL")
        again.until(lambda: len([each for each in heard(venue) if each["type"] == "stock"]) > before)
        again.idle(1.0)
        assert "After the crash" not in again.text
        os.kill(again.pid, signal.SIGTERM)
        assert again.exit_code() == TERMINATED


def test_a_window_that_is_closed_keeps_orders_and_ends_the_session_in_order(
    tmp_path: Path, venue: VenueProcess
) -> None:
    with desk(tmp_path, venue) as started:
        with_an_order(started, venue)
        started.close_window()
        assert started.exit_code() == HUNG_UP
    assert statuses(venue) == ["working"]
    left = resume(tmp_path)
    assert (left["choice"], left["reason"]) == ("keep", "the terminal was closed")
    assert [order["limit"] for order in left["orders"]] == ["222.0000"]
    starts_without_a_crash(tmp_path, venue)


def test_with_a_dead_man_the_engine_outlives_its_window_until_the_cancels_are_proven(
    tmp_path: Path, venue: VenueProcess
) -> None:
    with desk(tmp_path, venue, dead_man_s=600) as started:
        with_an_order(started, venue)
        venue.ask("faults", delay_ms=500)
        started.close_window()
        assert started.exit_code() == HUNG_UP
    assert statuses(venue) == ["canceled"]
    left = resume(tmp_path)
    assert (left["choice"], left["orders"]) == ("cancel", [])
    starts_without_a_crash(tmp_path, venue)


def test_told_to_end_it_gives_the_terminal_back_and_says_why(tmp_path: Path, venue: VenueProcess) -> None:
    started = desk(tmp_path, venue, dead_man_s=600)
    before = started.mode()
    with started:
        with_an_order(started, venue)
        assert started.mode() != before
        os.kill(started.pid, signal.SIGTERM)
        assert started.exit_code() == TERMINATED
        assert started.mode() == before
        assert "told to end (SIGTERM)" in started.text
    assert statuses(venue) == ["canceled"]
    assert resume(tmp_path)["reason"] == "told to end (SIGTERM)"


@pytest.mark.parametrize("dead_man_s", [0, 600])
def test_a_frozen_screen_is_no_reason_not_to_end(
    tmp_path: Path, venue: VenueProcess, dead_man_s: int
) -> None:
    started = desk(tmp_path, venue, dead_man_s=dead_man_s)
    before = started.mode()
    with started:
        with_an_order(started, venue)
        started.freeze()
        os.kill(started.pid, signal.SIGTERM)
        assert started.exit_code_unread() == TERMINATED
        assert started.mode() == before
    assert statuses(venue) == ["canceled" if dead_man_s else "working"]
    assert resume(tmp_path)["choice"] == ("cancel" if dead_man_s else "keep")
    starts_without_a_crash(tmp_path, venue)


def test_a_frozen_screen_whose_window_is_closed_ends_too(tmp_path: Path, venue: VenueProcess) -> None:
    with desk(tmp_path, venue) as started:
        with_an_order(started, venue)
        started.freeze()
        started.close_window()
        assert started.exit_code() == HUNG_UP
    assert resume(tmp_path)["choice"] == "keep"


def test_to_go_on_without_having_stopped_begins_nothing_anew(tmp_path: Path, venue: VenueProcess) -> None:
    """A closed window says so too, and threads that nobody knows of would keep the program from ending."""
    with desk(tmp_path, venue) as started:
        started.until("AAPL")
        for _ in range(3):
            os.kill(started.pid, signal.SIGCONT)
            started.idle(0.3)
        assert started.raw.count(BEGINS) == 1
        os.kill(started.pid, signal.SIGTERM)
        assert started.exit_code() == TERMINATED


def test_cancels_that_nobody_answers_are_waited_for_for_a_stated_time_and_the_exit_code_says_so(
    tmp_path: Path, venue: VenueProcess
) -> None:
    with desk(tmp_path, venue, dead_man_s=600) as started:
        with_an_order(started, venue)
        venue.ask("faults", deaf=1)
        started.close_window()
        wait_until(lambda: "cancel" in {each["type"] for each in heard(venue)})
        assert started.exit_code() == UNPROVEN
    left = resume(tmp_path)
    assert left["choice"] == "cancel"
    assert len(left["orders"]) == 1
