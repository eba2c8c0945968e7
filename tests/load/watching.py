"""What a process uses, seen from outside while it works; and whether that stays flat."""

from __future__ import annotations

import asyncio
import re
import resource
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.load.served_program import OPENS_S, ServedProgram


class Sample(NamedTuple):
    """One look."""

    memory_mb: float
    descriptors: float
    threads: float
    tasks: float
    loop_lag_ms: float
    read_p50_ms: float
    read_p99_ms: float


class Flat(NamedTuple):
    """How a figure may grow from the first quarter of what is compared to the last one."""

    ratio: float
    least: float
    """What it may grow by in any case, in its own unit."""

    def holds(self, before: float, after: float) -> bool:
        """Tell whether it stayed."""
        return after <= max(before * self.ratio, before + self.least)


GOALS = {
    "memory_mb": Flat(1.10, 8.0),
    "descriptors": Flat(1.0, 3.0),
    "threads": Flat(1.0, 2.0),
    "tasks": Flat(1.0, 3.0),
    "loop_lag_ms": Flat(2.0, 50.0),
    "read_p50_ms": Flat(1.5, 10.0),
    "read_p99_ms": Flat(2.0, 100.0),
}


class Verdict(NamedTuple):
    """One figure over a run."""

    name: str
    before: float
    after: float
    is_flat: bool


def verdicts(samples: Sequence[Sample]) -> list[Verdict]:
    """Compare the last quarter of the samples with the first one, by their medians: they begin after the warm-up."""
    quarter = max(1, len(samples) // 4)
    early, late = samples[:quarter], samples[-quarter:]
    found = []
    for name, goal in GOALS.items():
        before, after = (statistics.median(getattr(each, name) for each in part) for part in (early, late))
        found.append(Verdict(name, before, after, goal.holds(before, after)))
    return found


async def look(served: ServedProgram, read_p50_ms: float, read_p99_ms: float) -> Sample:
    """Look at the process and at what it says of itself."""
    told = Path(f"/proc/{served.process.pid}")
    pages = int((told / "statm").read_text(encoding="ascii").split()[1])
    page = await _exported(served.exporter_port)
    return Sample(
        memory_mb=pages * resource.getpagesize() / 1e6,
        descriptors=len(list((told / "fd").iterdir())),
        threads=len(list((told / "task").iterdir())),
        tasks=value_of(page, "touchline_tasks"),
        loop_lag_ms=1_000 * value_of(page, 'touchline_loop_lag_seconds{quantile="0.99"}'),
        read_p50_ms=read_p50_ms,
        read_p99_ms=read_p99_ms,
    )


def value_of(page: str, name: str) -> float:
    """Return a sample of the exporter's page.

    Raises:
        ValueError: there is none.
    """
    found = re.search(rf"^{re.escape(name)} (\S+)$", page, re.MULTILINE)
    if found is None:
        raise ValueError(f"the exporter has no {name}")
    return float(found[1])


async def ready(served: ServedProgram) -> None:
    """Wait until the exporter answers: it opens a moment after the gateway.

    Raises:
        TimeoutError: it does not.
    """
    async with asyncio.timeout(OPENS_S):
        while True:
            try:
                await _exported(served.exporter_port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                return


async def _exported(port: int) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /metrics HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    try:
        return (await reader.read()).decode()
    finally:
        writer.close()
        await writer.wait_closed()
