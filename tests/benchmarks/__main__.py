"""`python -m tests.benchmarks`: measures the fast paths against their peers in one run."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from engine.compiled import state
from tests.benchmarks.options import ROOT, Options
from tests.benchmarks.row import Row, table, write

GROUPS = ("ingest", "gate", "route", "journal", "reopen", "replay", "market", "panes", "first_paint", "desk")
"""Each is `bench_NAME.py` with `rows(options)`."""


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the table and write the file."""
    asked = _parser().parse_args(arguments)
    options = Options(asked.peers, asked.quick)
    rows: list[Row] = []
    for name in asked.only or GROUPS:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        rows += importlib.import_module(f"tests.benchmarks.bench_{name}").rows(options)
    print(f"the engine is {state()}")
    print(table(rows))
    write(rows, asked.json)
    return 0


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
