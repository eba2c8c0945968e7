"""Finds the recorded market data and reference vectors that some tests read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def shared(name: str) -> Path:
    """Return the path of a shared file; skip the test where there is none, unless it is required."""
    path = SHARED / name
    if not path.exists():
        reason = f"needs ../shared/{name}, which comes apart from this repository"
        if os.environ.get("TOUCHLINE_REQUIRE_SHARED") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return path
