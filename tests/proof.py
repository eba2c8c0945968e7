"""Keeps what a whole run of the tests proved, for the preflight: `python -m tests.proof build/tests-*.xml`."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec

from engine.clock import SystemClock
from engine.files import whole_file
from engine.preflight.proof import PLACE, Outcome, Proof, room_hashes
from engine.version import program_version
from tests.coverage_floors import measured

ROOT = Path(__file__).resolve().parents[1]


def outcomes(reports: Iterable[Path]) -> dict[str, Outcome]:
    """Sum up pytest's reports by module."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for report in reports:
        for case in ET.parse(report).getroot().iter("testcase"):
            kinds = {child.tag for child in case}
            at = 1 if kinds & {"failure", "error"} else 2 if "skipped" in kinds else 0
            sums[module_of(case.get("classname", ""))][at] += 1
    return {name: Outcome(*counts) for name, counts in sorted(sums.items())}


def module_of(classname: str) -> str:
    """Return the module of a test, without the class that it may be in."""
    parts = classname.split(".")
    last = next((index for index, part in enumerate(parts) if part.startswith("test_")), len(parts) - 1)
    return ".".join(parts[: last + 1])


def kept(root: Path, modules: Mapping[str, Outcome], coverage: Mapping[str, float]) -> Path:
    """Write the proof of a checkout; return where."""
    proof = Proof(
        version=program_version(),
        made_ns=SystemClock().now_ns(),
        rooms=room_hashes(root),
        modules=modules,
        coverage=coverage,
    )
    path = root / PLACE
    path.parent.mkdir(exist_ok=True)
    with whole_file(path) as file:
        file.write(msgspec.json.format(msgspec.json.encode(proof)))
    return path


def main(reports: list[str]) -> int:
    """Keep it; return 1 where there is nothing to keep."""
    modules = outcomes(Path(each) for each in reports)
    if not modules:
        print("no test ran: nothing is proven", file=sys.stderr)
        return 1
    path = kept(ROOT, modules, {room.room: round(room.percent, 1) for room in measured()})
    print(f"{path.relative_to(ROOT)}: {sum(each.passed for each in modules.values()):,} tests held")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
