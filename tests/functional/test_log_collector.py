"""A real rsyslog follows both logs by the configuration in `docs/`: every line once, over rotations and restarts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from engine.clock import SystemClock
from engine.observe.logs import GATEWAY_NAME, NAME, EventLog
from engine.observe.rotating_file import RotatingFile
from tests.documented import ROOT
from tests.waiting import wait_until

CONFIGURATION = ROOT / "docs" / "collectors" / "rsyslog.conf"

needs_rsyslog = pytest.mark.skipif(not shutil.which("rsyslogd"), reason="needs the package rsyslog")


@contextmanager
def collecting(folder: Path) -> Iterator[None]:
    """Run rsyslog over the logs in a folder; what it prints is added to `read` and `torn` beside it."""
    state = folder / "state"
    state.mkdir(exist_ok=True)
    env = {**os.environ, "TOUCHLINE_LOGS": str(folder), "TOUCHLINE_READ": str(state)}
    command = [shutil.which("rsyslogd") or "", "-n", "-f", str(CONFIGURATION), "-i", str(state / "pid")]
    with (folder / "read").open("ab") as read, (folder / "torn").open("ab") as torn:
        process = subprocess.Popen(command, env=env, stdout=read, stderr=torn)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def read_lines(folder: Path) -> list[dict[str, Any]]:
    text = (folder / "read").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.endswith("}")]


def numbers(folder: Path) -> Counter[int]:
    return Counter(line["number"] for line in read_lines(folder) if line["event"] == "counted")


@needs_rsyslog
def test_every_line_is_read_once_over_rotations_and_restarts_with_what_is_in_it(tmp_path: Path) -> None:
    logs = [EventLog(tmp_path, SystemClock().now_ns, name) for name in (NAME, GATEWAY_NAME)]
    for log in logs:
        log._file = RotatingFile(log._file.path, bytes_max=2_000, files_max=5)
        log.open()

    def write(wanted: range) -> None:
        for number in wanted:
            log = logs[number % 2]
            log.note("critical", "counted", "log", number=number, text='é "quoted" \\ {brace}')
            log.flush()

    def is_read(wanted: range) -> bool:
        return set(wanted) <= set(numbers(tmp_path))

    for begun in (0, 60):
        with collecting(tmp_path):
            for wanted in (
                range(begun, begun + 2),
                range(begun + 2, begun + 32),
                range(begun + 32, begun + 60),
            ):
                write(wanted)
                wait_until(partial(is_read, wanted))
    assert set(numbers(tmp_path).values()) == {1}
    assert set(numbers(tmp_path)) == set(range(120))
    assert (tmp_path / f"{NAME}.1").exists()
    line = next(each for each in read_lines(tmp_path) if each.get("number") == 118)
    written = json.loads((tmp_path / NAME).read_text(encoding="utf-8").splitlines()[-1])
    assert line == {**written, "log": "touchline"}
    for log in logs:
        log.close()


@needs_rsyslog
def test_a_line_that_is_none_is_kept_apart(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text('{"event": "whole"}\n{"event": "to\n', encoding="utf-8")
    with collecting(tmp_path):
        wait_until(
            lambda: '{"torn": "{\\"event\\": \\"to"}' in (tmp_path / "torn").read_text(encoding="utf-8")
        )
    assert [line["event"] for line in read_lines(tmp_path)] == ["whole"]
