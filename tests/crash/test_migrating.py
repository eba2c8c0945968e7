"""A start that dies at any step of a migration leaves the old journal or the new one, whole."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.documented import ROOT


@pytest.mark.pty
@pytest.mark.parametrize("way", ["exchange", "no-exchange"])
def test_a_start_that_is_killed_at_any_step_leaves_one_whole_journal(tmp_path: Path, way: str) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.crash.migrating",
            str(tmp_path),
            *(["--no-exchange"] if way != "exchange" else []),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert not done.returncode, done.stderr
    told = json.loads(done.stdout)
    assert told["wrong"] == 0
    assert told["died"] > 50
    assert told["old"]
    assert told["new"]
    assert bool(told["between"]) == (way == "no-exchange")
