"""`python -m tests.crash --cycles N --seed K`; the last line sums up."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.crash.loop import CrashLoop

SETTLE_EVERY = 20


def main() -> int:
    parser = argparse.ArgumentParser(prog="crash")
    parser.add_argument("--cycles", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    found = 0
    with tempfile.TemporaryDirectory(prefix="touchline-crash-") as home:
        loop = CrashLoop(Path(home), options.seed)
        try:
            for cycle in range(1, options.cycles + 1):
                loop.live_and_die()
                if cycle % SETTLE_EVERY == 0 or cycle == options.cycles:
                    wrong = loop.settle()
                    found += len(wrong)
                    print(
                        f"{cycle} cycles, {len(loop.venue.evidence().submits())} orders",
                        *wrong[:5],
                        flush=True,
                    )
        finally:
            loop.close()
    print(f"{options.cycles} cycles, {found} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
