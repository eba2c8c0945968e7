"""A promotion, a rollback and a demotion that die at some of their steps; `python -m tests.crash.promoter 1` takes every one."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.architecture.sources import ROOT


@pytest.mark.no_cover
def test_a_promotion_rollback_or_demotion_that_is_killed_leaves_one_champion_at_most() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.crash.promoter", "3"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["findings"] == []
    assert found["deaths"] > 20
