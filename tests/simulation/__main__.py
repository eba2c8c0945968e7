"""`python -m tests.simulation --seeds N --from K`: runs seeds, names those that failed; the last line sums up.

The seeds that once failed come first, and are not counted among the seeds. With `--every-byte` one short life is cut off
in every byte that it writes instead, and with `--every-call` before and after every call of the broker.
"""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from engine.store.journal import Durability
from tests.simulation.corpus import ONCE_FAILED
from tests.simulation.one_run import ACTS, run_seed
from tests.simulation.scripted import SIDES, calls, cut_off, cuts, ended_at_call
from tests.simulation.world import DURABILITIES


def main() -> int:
    parser = argparse.ArgumentParser(prog="simulation")
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--from", type=int, default=1, dest="first")
    parser.add_argument("--acts", type=int, default=ACTS, help="how many things are done in a run")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--every-byte", action="store_true")
    parser.add_argument("--every-call", action="store_true")
    options = parser.parse_args()
    if options.every_byte:
        return every_byte(options.jobs)
    if options.every_call:
        return every_call(options.jobs)
    seeds = range(options.first, options.first + options.seeds)
    with ProcessPoolExecutor(options.jobs) as pool:
        known = _run(pool, tuple(ONCE_FAILED), options.acts)
        print(f"{len(ONCE_FAILED)} that once failed, {known} failed", flush=True)
        failed = _run(pool, seeds, options.acts)
    print(f"{options.seeds} seeds, {failed} failed")
    return 1 if failed or known else 0


def _run(pool: ProcessPoolExecutor, seeds: Sequence[int], acts: int) -> int:
    """Run seeds; name those that failed, and return how many did."""
    failed = 0
    for seed, wrong in zip(seeds, pool.map(partial(verdict, acts=acts), seeds, chunksize=4), strict=True):
        if wrong:
            failed += 1
            print(f"seed {seed}: {wrong[0]}", *wrong[1:6], sep="\n    ", flush=True)
    return failed


def every_call(jobs: int) -> int:
    """End the scripted life before and after every call of the broker, on a calm day and in a storm."""
    ends = [
        (durability, number, side, stormy)
        for durability in DURABILITIES
        for stormy in (False, True)
        for number in range(1, calls(durability, stormy=stormy) + 1)
        for side in SIDES
    ]
    failed = 0
    with ProcessPoolExecutor(jobs) as pool:
        for end, wrong in zip(ends, pool.map(_ended, ends, chunksize=4), strict=True):
            if wrong:
                failed += 1
                print(f"{end}: {wrong[0]}", flush=True)
    print(f"{len(ends)} ends, {failed} failed")
    return 1 if failed else 0


def _ended(end: tuple[Durability, int, str, bool]) -> list[str]:
    durability, number, side, stormy = end
    return ended_at_call(durability, number, side, stormy=stormy)


def every_byte(jobs: int) -> int:
    """Cut the scripted life off at every step, and in every byte of every write."""
    ends = [(durability, *cut) for durability in DURABILITIES for cut in cuts(durability)]
    failed = 0
    with ProcessPoolExecutor(jobs) as pool:
        done = pool.map(cut_off, *zip(*ends, strict=True), chunksize=16)
        for number, (end, wrong) in enumerate(zip(ends, done, strict=True), 1):
            if wrong:
                failed += 1
                print(f"{end}: {wrong[0]}", flush=True)
            if number % 1000 == 0:
                print(f"{number:,} of {len(ends):,}", file=sys.stderr, flush=True)
    print(f"{len(ends)} cuts, {failed} failed")
    return 1 if failed else 0


def verdict(seed: int, acts: int) -> list[str]:
    """Run one seed; what it raises is a finding too."""
    try:
        return run_seed(seed, acts)
    except Exception:  # noqa: BLE001  # whatever it is, the seed is to be named
        return traceback.format_exc().splitlines()[-6:]


if __name__ == "__main__":
    sys.exit(main())
