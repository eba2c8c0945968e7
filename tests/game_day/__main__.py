"""`python -m tests.game_day`: every fault is played on an engine that runs, and the table of docs/game-day.md is made."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.game_day import page
from tests.game_day.fault import WITHIN_S, Fault
from tests.game_day.faults import FAULTS
from tests.game_day.stage import Seen, Stage


def main(arguments: list[str] | None = None) -> int:
    """Play what is asked for, or all of it; return 1 where a fault was not seen, told or mended as it is to be."""
    parser = argparse.ArgumentParser(prog="python -m tests.game_day", description=__doc__)
    parser.add_argument("--only", choices=[fault.name for fault in FAULTS], help="one fault; writes nothing")
    only = parser.parse_args(arguments).only
    days: dict[Fault, Seen] = {}
    missed = [fault.name for fault in FAULTS if only in {None, fault.name} and not _played(fault, days)]
    if only is None and not missed:
        page.write(days)
    late = {fault.name: said for fault, seen in days.items() if (said := page.breaches(fault, seen))}
    sys.stdout.write(f"missed: {', '.join(missed)}\n" if missed else f"{len(days)} seen, told and mended\n")
    for name, said in late.items():
        sys.stdout.write(f"{name}: later than {WITHIN_S:g} s: {said}\n")
    return 1 if missed or late else 0


def _played(fault: Fault, days: dict[Fault, Seen]) -> bool:
    with tempfile.TemporaryDirectory(prefix="touchline-day-") as folder:
        stage = Stage(Path(folder), fault)
        try:
            fault.play(stage)
        except AssertionError as error:
            sys.stdout.write(f"{fault.name}: {error}\n")
            return False
    days[fault] = stage.seen
    sys.stdout.write(page.table({fault: stage.seen}).splitlines()[-1] + "\n")
    sys.stdout.flush()
    return True


if __name__ == "__main__":
    raise SystemExit(main())
