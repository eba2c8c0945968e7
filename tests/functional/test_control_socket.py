"""The real desk in a real terminal, and the way out said to it from another process."""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import termios
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.pty_desk import PROGRAM, ROOT, PtyDesk, environment
from tests.recordings import write_quotes
from tests.waiting import wait_until

pytestmark = pytest.mark.pty

QUIT = "\x11"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home whose exporter takes any free port."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text("[metrics]\nport = 0\n", encoding="utf-8")
    return tmp_path


def desk_in(home: Path) -> PtyDesk:
    return PtyDesk((), environment(home))


def says(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Say something to the desk from another process."""
    return subprocess.run(
        [*PROGRAM, *arguments],
        cwd=ROOT,
        env=environment(home),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )


def status(home: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(says(home, "status", "--json").stdout)
    return told


def lives(desk: PtyDesk) -> None:
    """Wait until quotes of the simulated market are shown."""
    desk.until(lambda: re.search(r"NVDA +\d+\.\d\d", desk.text))


def works_an_order(desk: PtyDesk) -> None:
    desk.send("b 100 NVDA bid-50t")
    desk.until(lambda: desk.row_with("NVDA", "BUY", "● WORK"))


def stands_still(desk: PtyDesk) -> bool:
    """Tell whether what the desk wrote fills its terminal, and nothing more gets in."""
    before = unread(desk)
    time.sleep(0.5)
    return before > 0 and unread(desk) == before


def unread(desk: PtyDesk) -> int:
    size = fcntl.ioctl(desk._fd, termios.FIONREAD, bytes(4))
    return int.from_bytes(size, sys.byteorder)


def test_a_halt_from_another_shell_is_loud_on_the_screen_until_it_is_lifted(home: Path) -> None:
    with desk_in(home) as desk:
        lives(desk)
        halted = says(home, "halt", "--reason", "fire drill")
        assert (halted.returncode, halted.stdout) == (0, "everything is halted: fire drill\n"), halted.stderr
        desk.until("HALTED")
        desk.until("fire drill")
        told = status(home)
        assert (told["mode"], told["trading"]["everything"]["reason"]) == ("sim", "fire drill")
        assert told["pid"] == desk.pid
        resumed = says(home, "resume")
        assert (resumed.returncode, resumed.stdout) == (0, "everything is active\n")
        desk.until(lambda: "HALTED" not in desk.lines[0])
        desk.press(QUIT)
        assert desk.exit_code() == 0


def test_orders_are_taken_back_and_positions_closed_from_another_shell(home: Path) -> None:
    with desk_in(home) as desk:
        lives(desk)
        works_an_order(desk)
        cancelled = says(home, "cancel-all")
        assert (cancelled.returncode, cancelled.stdout) == (0, "1 cancel asked; 0 still working\n")
        desk.until(lambda: desk.row_with("NVDA", "BUY", "CXL"))
        desk.send("b 200 NVDA mkt")
        desk.until(lambda: re.search(r"NVDA +BUY +200 +200 .*✓ FILL", desk.text))
        assert says(home, "flatten").returncode == 2
        assert status(home)["positions"] == {"NVDA": "200"}
        flattened = says(home, "flatten", "--yes", "--wait", "60")
        assert flattened.returncode == 0, flattened.stdout
        assert flattened.stdout == "flatten asked for 1 position; nothing is held, 0 still working\n"
        assert status(home)["positions"] == {}


def test_a_halt_reaches_a_desk_whose_screen_nobody_reads(home: Path) -> None:
    """A terminal that takes nothing more holds whoever writes to it: the screen stands still."""
    with desk_in(home) as desk:
        lives(desk)
        works_an_order(desk)
        wait_until(partial(stands_still, desk))
        assert says(home, "halt").returncode == 0
        assert says(home, "cancel-all").stdout == "1 cancel asked; 0 still working\n"
        desk.until("HALTED")


def test_a_halt_outlives_a_killed_desk(home: Path) -> None:
    with desk_in(home) as desk:
        lives(desk)
        assert says(home, "halt", "--reason", "fire drill").returncode == 0
        os.kill(desk.pid, signal.SIGKILL)
        desk.exit_code()
    assert says(home, "status").returncode == 3
    with desk_in(home) as desk:
        lives(desk)
        desk.until("HALTED")
        assert status(home)["trading"]["everything"]["reason"] == "fire drill"


def test_of_two_desks_in_one_place_the_first_is_reached(home: Path) -> None:
    with desk_in(home) as first:
        lives(first)
        recording = write_quotes(home / "quotes.parquet")
        with PtyDesk(("replay", str(recording)), environment(home)) as second:
            second.until(lambda: "another desk" in " ".join(second.text.split()))
        assert status(home)["pid"] == first.pid
