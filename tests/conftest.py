"""What holds for every test."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Trace no test of the real program: that runs in a process of its own, and only the test itself would be slow."""
    for item in items:
        if item.get_closest_marker("pty"):
            item.add_marker(pytest.mark.no_cover)
