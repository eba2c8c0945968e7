"""Play many days: `python -m tests.drift --seeds 200`. Ends with 1 where a level came late or a rate is passed."""

from __future__ import annotations

import argparse
import sys

from engine.signals.statistics.levels import Level
from tests.drift.days import SCENARIOS, play, quiet
from tests.drift.promises import alarm_after

FALSE_ALARMS_MAX = {0.0: 0.02, 0.9: 0.02}
"""The share of quiet days with an alarm, by how much a row remembers of the one before."""

PROMISES_MAX = 0.02
"""The share of days on which a model that does as its card says is found wanting."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.drift")
    parser.add_argument("--seeds", type=int, default=200)
    seeds = range(parser.parse_args().seeds)
    failed = 0
    for name, scenario in SCENARIOS.items():
        days = [play(name, seed) for seed in seeds]
        delays = sorted(day.delay for day in days if day.delay is not None)
        late = sum(day.delay is None or day.delay > scenario.bars_max for day in days)
        failed += late
        middle, last = (delays[len(delays) // 2], delays[-1]) if delays else ("-", "-")
        print(
            f"{name:10} {scenario.level.name:10} median {middle} last {last} bars, late {late} of {len(days)}"
        )
    for memory, rate_max in FALSE_ALARMS_MAX.items():
        found = [quiet(seed, memory) for seed in seeds]
        for side, levels in zip(("data", "performance"), zip(*found, strict=True), strict=True):
            watches = sum(finding.level >= Level.WATCH for finding in levels)
            alarms = sum(finding.level >= Level.ALARM for finding in levels)
            failed += alarms > rate_max * len(found)
            print(f"quiet, memory {memory}: {side} watch {watches}, alarm {alarms} of {len(found)} days")
    honest = [alarm_after(seed, knows=1.0) for seed in seeds]
    alarms = sum(after is not None for after in honest)
    failed += alarms > PROMISES_MAX * len(honest)
    print(f"against the card, as it says: alarm {alarms} of {len(honest)} days")
    for what, knows in (("knows nothing", 0.0), ("turned round", -1.0)):
        told = [after for seed in seeds if (after := alarm_after(seed, knows=knows)) is not None]
        print(f"against the card, {what}: alarm {len(told)} of {len(seeds)} days")
    return min(1, failed)


if __name__ == "__main__":
    sys.exit(main())
