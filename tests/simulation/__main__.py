"""`python -m tests.simulation --seeds N --from K`: runs seeds, names those that failed; the last line sums up.

With `--every-byte` one short life is cut off in every byte that it writes instead.
"""

from __future__ import annotations

import argparse
import sys
import traceback
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from tests.simulation.one_run import ACTS, run_seed
from tests.simulation.scripted import RECORD_MAX, cut_off, steps
from tests.simulation.world import DURABILITIES


def main() -> int:
    parser = argparse.ArgumentParser(prog="simulation")
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--from", type=int, default=1, dest="first")
    parser.add_argument("--acts", type=int, default=ACTS, help="how many things are done in a run")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--every-byte", action="store_true")
    options = parser.parse_args()
    if options.every_byte:
        return every_byte(options.jobs)
    seeds = range(options.first, options.first + options.seeds)
    failed = 0
    with ProcessPoolExecutor(options.jobs) as pool:
        for seed, wrong in zip(
            seeds, pool.map(partial(verdict, acts=options.acts), seeds, chunksize=4), strict=True
        ):
            if wrong:
                failed += 1
                print(f"seed {seed}: {wrong[0]}", *wrong[1:6], sep="\n    ", flush=True)
    print(f"{options.seeds} seeds, {failed} failed")
    return 1 if failed else 0


def every_byte(jobs: int) -> int:
    """Cut the scripted life off at every step, and in every byte of every write."""
    cuts = [
        (durability, step, cut)
        for durability in DURABILITIES
        for step in range(1, steps(durability) + 1)
        for cut in range(RECORD_MAX)
    ]
    failed = 0
    with ProcessPoolExecutor(jobs) as pool:
        for cut, wrong in zip(cuts, pool.map(cut_off, *zip(*cuts, strict=True), chunksize=16), strict=True):
            if wrong:
                failed += 1
                print(f"{cut}: {wrong[0]}", flush=True)
    print(f"{len(cuts)} cuts, {failed} failed")
    return 1 if failed else 0


def verdict(seed: int, acts: int) -> list[str]:
    """Run one seed; what it raises is a finding too."""
    try:
        return run_seed(seed, acts)
    except Exception:  # noqa: BLE001  # whatever it is, the seed is to be named
        return traceback.format_exc().splitlines()[-6:]


if __name__ == "__main__":
    sys.exit(main())
