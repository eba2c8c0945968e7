"""A small file system of its own, to run full."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """Mount a file system of a size on a new folder, or skip the test where this user may not."""
    folder.mkdir()
    options = f"size={size},mode=0700,uid={os.getuid()}"
    try:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "none", folder], check=False, capture_output=True
        )
    except FileNotFoundError:
        pytest.skip("this system has no mount")
    if done.returncode:
        pytest.skip(f"this user may mount nothing: {done.stderr.decode(errors='replace').strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
