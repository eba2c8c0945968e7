"""`python -m tests.benchmarks`: measures the fast paths against their peers in one run."""

from __future__ import annotations

import argparse
import importlib
import sys
import timeit
from pathlib import Path

from engine.compiled import state
from engine.preflight.operation_facts import Figure
from tests.benchmarks.options import ROOT, Options, PeerFailed
from tests.benchmarks.row import Row, table, write
from tests.kept_figures import keep

GROUPS = (
    "ingest",
    "venue_feeds",
    "venue_orders",
    "gate",
    "predict",
    "route",
    "journal",
    "journal_load",
    "reopen",
    "replay",
    "market",
    "panes",
    "search",
    "rates",
    "sharing",
    "firm",
    "gateway",
    "stream",
    "metrics",
    "signals",
    "training",
    "serving",
    "first_paint",
    "desk",
)
"""Each is `bench_NAME.py` with `rows(options)`."""


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the table and write the file; return 1 where a peer failed, whose group has no rows then."""
    asked = _parser().parse_args(arguments)
    options = Options(asked.peers, asked.quick)
    rows: list[Row] = []
    failed = 0
    for name in asked.only or GROUPS:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        try:
            found = importlib.import_module(f"tests.benchmarks.bench_{name}").rows(options)
        except PeerFailed as error:
            failed = 1
            print(f"{name} is left out: {error}", file=sys.stderr, flush=True)
            continue
        rows += found
        if not asked.quick:
            keep(asked.json, f"bench {name}", map(_figure, found))
    print(f"the engine is {state()}; this machine's Python adds in {addition_ns():.0f} ns")
    print(table(rows))
    write(rows, asked.json)
    return failed


def _figure(row: Row) -> Figure:
    goal = f"{row.goal} x {row.against}"
    return Figure(name=row.name, value=row.value, unit=row.unit, goal=goal, met=row.met)


def addition_ns() -> float:
    """Return what one addition in a loop costs here, in nanoseconds, the least of several: how fast the machine is."""
    loops = timeit.repeat("x += 1", "x = 0", repeat=5, number=200_000)
    return min(loops) / 200_000 * 1e9


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=GROUPS, metavar="NAME", help=f"one of {', '.join(GROUPS)}"
    )
    parser.add_argument("--peers", type=Path, metavar="PYTHON", help="the interpreter that has the peers")
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "bench.json", metavar="PATH")
    parser.add_argument("--quick", action="store_true", help="one short round of each")
    return parser


if __name__ == "__main__":
    sys.exit(main())
