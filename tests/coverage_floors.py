"""Holds every room's coverage above its floor: `python -m tests.coverage_floors` after `pytest --cov`."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from coverage import Coverage
from coverage.exceptions import NoDataError

FLOORS: Mapping[str, int] = {
    "engine": 94,
    "engine/account": 95,  # what a real Redis proves of the fence is skipped where there is none
    "engine/adapter_contract": 90,  # the tracer loses some tests after the first call that runs a loop
    "engine/adapters": 94,
    "engine/adapters/alpaca": 94,
    "engine/adapters/binance": 94,
    "engine/adapters/bridge": 97,
    "engine/adapters/ccxt": 90,
    "engine/adapters/coinbase": 95,
    "engine/adapters/desks": 30,  # what a real Redis proves is skipped where there is none
    "engine/adapters/ib": 48,  # what its library calls is run where that is: make conformance
    "engine/adapters/kraken": 95,
    "engine/adapters/live": 95,
    "engine/adapters/paper": 98,
    "engine/adapters/replay": 96,
    "engine/adapters/rest": 93,
    "engine/adapters/simulated": 97,
    "engine/alerts": 97,
    "engine/compiled": 65,  # its build runs in a process of its own
    "engine/composition": 96,
    "engine/control": 97,
    "engine/desk": 30,  # what a real Redis proves is skipped where there is none
    "engine/duties": 95,
    "engine/execution": 96,
    "engine/frames": 98,
    "engine/gateway": 93,
    "engine/hours": 93,
    "engine/market": 97,
    "engine/messages": 99,
    "engine/migrations": 94,
    "engine/model": 96,
    "engine/observe": 96,
    "engine/portfolio": 94,
    "engine/ports": 99,
    "engine/preflight": 93,
    "engine/preflight/checks": 92,
    "engine/readings": 95,
    "engine/risk": 98,
    "engine/risk/controls": 98,
    "engine/security": 97,
    "engine/security/rates": 97,
    "engine/security/tokens": 97,
    "engine/security/audit": 97,
    "engine/security/operators": 97,
    "engine/security/tls": 95,
    "engine/security/vault": 70,  # what a real keyring proves is skipped where there is none
    "engine/settings": 97,
    "engine/shell": 94,
    "engine/shell/recorded": 97,
    "engine/shell/training": 50,  # the process that trains is one of its own
    "engine/signals/exporting": 97,
    "engine/signals/models": 98,
    "engine/signals/registry": 96,
    "engine/signals/serving": 95,
    "engine/signals": 98,
    "engine/signals/training": 60,  # what fits is run where the extra is, by tests that are not counted
    "engine/signals/features": 97,
    "engine/signals/statistics": 97,
    "engine/signals/trading": 97,
    "engine/signals/validation": 97,
    "engine/store": 97,
    "engine/transport": 97,
    "engine/store/backup": 97,
    "terminal": 91,
    "terminal/actions": 99,
    "terminal/entry": 89,
    "terminal/health": 97,
    "terminal/log": 97,
    "terminal/orderline": 92,
    "terminal/screens": 94,
    "terminal/shell": 94,
    "terminal/widgets": 93,
}
"""In percent of statements and branches, each a little under what is reached; a room is a folder's own files."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How much of one room was run."""

    room: str
    covered: int
    total: int

    @property
    def percent(self) -> float:
        """Return the share of statements and branches that were run."""
        return 100 * self.covered / self.total if self.total else 100.0

    @property
    def floor(self) -> int:
        """Return the least that is enough; a room that nobody named must be run whole."""
        return FLOORS.get(self.room, 100)

    @property
    def holds(self) -> bool:
        """Tell whether it is enough."""
        return self.percent >= self.floor


def rooms_of(files: Mapping[str, Mapping[str, Any]]) -> list[Reached]:
    """Sum up the files of coverage's JSON report by room."""
    sums: dict[str, tuple[int, int]] = {}
    for name, file in files.items():
        summary = file["summary"]
        room = Path(name).parent.as_posix()
        covered, total = sums.get(room, (0, 0))
        sums[room] = (
            covered + summary["covered_lines"] + summary.get("covered_branches", 0),
            total + summary["num_statements"] + summary.get("num_branches", 0),
        )
    return [Reached(room, covered, total) for room, (covered, total) in sorted(sums.items()) if total]


def measured() -> list[Reached]:
    """Read what the last run of the tests recorded.

    Raises:
        NoDataError: there is nothing to read.
    """
    coverage = Coverage()
    coverage.load()
    with TemporaryDirectory(prefix="coverage-") as scratch:
        report = Path(scratch) / "coverage.json"
        coverage.json_report(outfile=str(report))
        return rooms_of(json.loads(report.read_text(encoding="utf-8"))["files"])


def table(reached: Iterable[Reached]) -> str:
    """Write one row a room; what is below its floor is marked."""
    out = io.StringIO()
    out.write(f"{'room':28} {'reached':>8} {'floor':>6}\n")
    for room in reached:
        mark = "" if room.holds else "  below"
        out.write(f"{room.room:28} {room.percent:7.1f}% {room.floor:5}%{mark}\n")
    return out.getvalue()


def main() -> int:
    """Print the table; return 1 when a room is below its floor or was not measured."""
    try:
        reached = measured()
    except NoDataError:
        print("nothing was measured: run pytest --cov first", file=sys.stderr)
        return 1
    print(table(reached), end="")
    missing = sorted(set(FLOORS) - {room.room for room in reached})
    if missing:
        print(f"not measured: {', '.join(missing)}", file=sys.stderr)
    return 1 if missing or not all(room.holds for room in reached) else 0


if __name__ == "__main__":
    sys.exit(main())
