"""The real program on a disk that runs full: what is denied, what still works, and that it goes on by itself."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from engine.control.client import NoDeskError, SilentDeskError, ask
from engine.control.requests import TellStatus
from engine.control.status import Summary
from engine.messages.events import AmendDenied, Denial
from engine.store.journal import open_journal
from engine.store.segment import RECORD_BYTES_MAX, SEGMENT_BYTES
from tests.pty_desk import ROOT, PtyDesk, environment
from tests.small_disk import small_disk
from tests.waiting import wait_until

pytestmark = pytest.mark.pty

SIZE = "14m"
"""Two segments of the journal, the database, and less than a third segment that the ballast takes."""
STEPS = (1 << 16, 1 << 12)
NO_ROOM, FULL = "no room for another", "disk is full"
PATIENCE_S = 50.0
"""How long the desk may take to prove that what was asked is done."""
WAIT = ("--wait", f"{PATIENCE_S:g}")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a small file system of its own."""
    with small_disk(tmp_path / "small", SIZE) as folder:
        (folder / "config").mkdir()
        (folder / "config" / "config.toml").write_text("[metrics]\nenabled = false\n", encoding="utf-8")
        yield folder


class Shell:
    """Another shell beside the desk."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def says(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "terminal", *arguments]
        return subprocess.run(
            command, check=False, capture_output=True, text=True, env=environment(self._home), cwd=ROOT
        )

    def proves(self, *arguments: str) -> None:
        """Have something done, and its proof."""
        done = self.says(*arguments, *WAIT)
        assert done.returncode == 0, done

    def until(self, is_so: Callable[[Summary], bool]) -> Summary:
        """Ask the desk how it is until something is so, and return it."""
        told: list[Summary] = []

        def asked() -> bool:
            with suppress(NoDeskError, SilentDeskError):
                answer = ask(self._home / "data", TellStatus(), PATIENCE_S)
                told[:] = [answer.status] if answer.status is not None else []
            return bool(told) and is_so(told[0])

        wait_until(asked, PATIENCE_S)
        return told[0]

    def works(self, count: int) -> Summary:
        """Wait until so many orders work."""
        return self.until(lambda status: status.working.count == count)

    def status(self) -> dict[str, Any]:
        """Return what the command prints, once the desk is not too busy to answer."""
        printed: list[str] = [""]

        def is_printed() -> bool:
            printed.append(self.says("status", "--json").stdout)
            return bool(printed[-1])

        wait_until(is_printed, PATIENCE_S)
        status: dict[str, Any] = json.loads(printed[-1])
        return status

    def history_lags(self) -> bool:
        return "not in the history yet" in self.says("history").stderr


def details(status: Summary, name: str) -> str:
    """Return what the status says of a component that is not well; empty while it is."""
    return next((each.detail for each in status.unwell if each.name == name), "")


def fill(ballast: Path) -> None:
    """Write until not a page is left."""
    with ballast.open("ab", buffering=0) as file:
        for step in STEPS:
            while True:
                try:
                    file.write(bytes(step))
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    break


def has_room_for(orders: int, status: Summary) -> bool:
    """Tell that so many orders work, or that no more may."""
    return status.working.count == orders or bool(status.journal.refusal)


def use_up(folder: Path, left_bytes: int) -> None:
    """Write what changes nothing into an account's journal, until only so much of its first segment is left."""
    with closing(open_journal(folder, "process")) as journal:
        while (room := SEGMENT_BYTES - journal.size_bytes - left_bytes) > left_bytes:
            text = "x" * min(RECORD_BYTES_MAX // 2, room - left_bytes // 2)
            journal.append(AmendDenied("an older one", (Denial("state", text),), 1), 1)


def test_a_running_desk_that_uses_up_its_room_denies_orders_and_still_takes_everything_back(
    home: Path,
) -> None:
    shell, ballast = Shell(home), home / "ballast"
    with PtyDesk(["demo"], environment(home)) as desk:
        desk.until("NYSE")
        desk.send("b 100 AAPL mkt")
        shell.until(lambda status: status.positions == {"AAPL": "100"})
        os.kill(desk.pid, signal.SIGKILL)
        desk.exit_code()
    use_up(home / "data" / "journal" / "sim", left_bytes=4096)
    with PtyDesk(["demo"], environment(home)) as desk:
        desk.until("After the crash")
        desk.press_until("\x1b", lambda: "After the crash" not in desk.text)
        assert not shell.until(lambda status: not status.working.count).journal.refusal
        fill(ballast)
        for sent in range(1, 40):
            desk.send(f"b {sent} MSFT bid-300t gtc")
            if shell.until(partial(has_room_for, sent)).journal.refusal:
                break
        desk.until(lambda: NO_ROOM in desk.row_with("journal"))
        before = len(desk.raw)
        desk.send("b 50 MSFT bid-300t gtc")
        denied = f"BUY MSFT denied: {NO_ROOM}".encode()
        desk.until(lambda: denied in desk.raw[before:])  # of a halt the market may tell a moment later
        shell.proves("cancel-all")
        shell.proves("flatten", "--yes")
        after = shell.works(0)
        assert after.positions == {}
        assert NO_ROOM in after.journal.refusal, "it was full all the while"


def test_a_desk_whose_disk_runs_full_trades_on_in_the_room_that_was_taken_ahead(home: Path) -> None:
    shell, ballast = Shell(home), home / "ballast"
    with PtyDesk(["demo"], environment(home)) as desk:
        desk.until("NYSE")
        desk.send("b 100 AAPL mkt")
        desk.send("b 10 MSFT bid-200t gtc")
        shell.works(1)
        fill(ballast)
        desk.send("b 5 MSFT bid-300t gtc")
        desk.until(lambda: desk.row_with("projection", "database or disk"))
        shell.works(2)
        assert any(
            FULL in each["detail"] for each in shell.status()["unwell"] if each["name"] == "projection"
        )
        assert shell.history_lags()
        shell.proves("cancel-all")
        assert shell.works(0).positions == {"AAPL": "100"}
        shell.proves("flatten", "--yes")
        assert shell.works(0).positions == {}
        ballast.unlink()
        wait_until(lambda: not shell.history_lags(), PATIENCE_S)
        shell.until(lambda status: not details(status, "projection"))
        orders = json.loads(shell.says("history", "--json").stdout)
        assert [(each["side"], each["status"]) for each in orders] == [
            ("sell", "filled"),
            ("buy", "canceled"),
            ("buy", "canceled"),
            ("buy", "filled"),
        ]


def test_a_desk_opened_on_a_full_disk_denies_orders_lets_the_ways_out_go_and_trades_once_there_is_room(
    home: Path,
) -> None:
    shell, ballast = Shell(home), home / "ballast"
    with PtyDesk(["demo"], environment(home)) as desk:
        desk.until("NYSE")
        desk.send("b 100 AAPL mkt")
        desk.send("b 10 MSFT bid-200t gtc")
        shell.works(1)
        os.kill(desk.pid, signal.SIGKILL)
        desk.exit_code()
    (home / "data" / "journal" / "sim" / "00000002.tlj").unlink()  # lay ready: no room was left for it
    fill(ballast)
    with PtyDesk(["demo"], environment(home)) as desk:
        desk.until("After the crash")
        desk.press_until("\x1b", lambda: "After the crash" not in desk.text)
        desk.until(lambda: NO_ROOM in desk.row_with("journal"))
        shell.works(1)
        told = shell.status()
        assert NO_ROOM in told["journal"]["refusal"]
        assert "new orders are denied" in told["journal"]["refusal"]
        assert any(NO_ROOM in each["detail"] for each in told["unwell"] if each["name"] == "journal")
        desk.send("b 5 MSFT bid-300t gtc")
        desk.until(  # an alert of the same disk may take the place of its sentence
            lambda: f"BUY MSFT denied: {NO_ROOM}" in desk.text or bool(desk.row_with("MSFT", "✗ DENY"))
        )
        shell.proves("cancel-all")
        assert shell.works(0).positions == {"AAPL": "100"}
        shell.proves("flatten", "--yes")
        after = shell.works(0)
        assert after.positions == {}
        assert NO_ROOM in after.journal.refusal, "it was full all the while"
        ballast.unlink()
        shell.until(lambda status: not status.journal.refusal)
        desk.send("b 5 MSFT bid-300t gtc")
        shell.works(1)
        wait_until(lambda: not shell.history_lags(), PATIENCE_S)
