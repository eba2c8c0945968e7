"""A local venue that runs beside what is measured."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.benchmarks.options import ROOT

Addresses = dict[str, str]


@contextmanager
def running(name: str) -> Iterator[Addresses]:
    """Run a venue in a process of its own; give its addresses."""
    command = [sys.executable, "-m", "tests.benchmarks.venue_process", name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()
