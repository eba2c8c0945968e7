"""A step of a rollback and a signature that die at any call of the operating system."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.architecture.sources import ROOT


@pytest.mark.no_cover
def test_a_rollback_and_a_signature_that_are_killed_anywhere_are_gone_on_with() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.crash.stepping"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["findings"] == []
    assert found["deaths"] > 60
