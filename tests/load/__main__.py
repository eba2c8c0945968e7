"""`python -m tests.load`: clients at a gateway's quotas and beyond; with --soak, for long, while the process is watched."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from engine.preflight.operation_facts import Figure
from tests.documented import ROOT
from tests.kept_figures import keep
from tests.load.served_program import ServedProgram, serving
from tests.load.traffic import Tally, flood, steady
from tests.load.watching import Sample, Verdict, look, ready, verdicts

NAMES = [f"trader{number}" for number in range(10)]
ERRORS_PCT_MAX = 0.1
LASTS_S = {False: 30.0, True: 600.0}
"""How long a load, and a soak, has to last for its figures to be kept."""
LOOKS = 40
"""How often a soak looks at the process."""


def main(arguments: list[str] | None = None) -> int:
    """Run, print the figures and write them; return 1 where a goal is missed."""
    asked = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="touchline-load-") as home, serving(Path(home), NAMES) as served:
        calm, rushed, found = asyncio.run(_run(served, asked.seconds, soak=asked.soak))
    lines = [*_told("within the quotas", calm, asked.seconds), *_watched(found)]
    if rushed.count:
        lines += _told("as fast as it goes", rushed, asked.seconds / 2)
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    _write(asked.json, calm, rushed, found)
    if asked.seconds >= LASTS_S[asked.soak]:
        keep(asked.json, "soak" if asked.soak else "load", _figures(calm, rushed, found))
    missed = [each.name for each in found if not each.is_flat]
    missed += [
        f"errors, {tally.errors_pct:.3f} %"
        for tally in (calm, rushed)
        if tally.count and tally.errors_pct > ERRORS_PCT_MAX
    ]
    sys.stdout.write(f"missed: {', '.join(missed)}\n" if missed else "every goal is met\n")
    return 1 if missed else 0


async def _run(served: ServedProgram, seconds: float, *, soak: bool) -> tuple[Tally, Tally, list[Verdict]]:
    calm, rushed, samples = Tally(), Tally(), list[Sample]()
    if soak:
        await ready(served)
    clients = asyncio.gather(*(steady(served, name, seconds, calm) for name in NAMES))
    if soak:
        await _watch(served, seconds, calm, samples)
    await clients
    if not soak:
        await asyncio.gather(*(flood(served, name, seconds / 2, rushed) for name in NAMES))
    return calm, rushed, verdicts(samples) if samples else []


async def _watch(served: ServedProgram, seconds: float, tally: Tally, samples: list[Sample]) -> None:
    """Look at the process again and again; the latencies are those since the last look."""
    for _ in range(LOOKS):
        seen = len(tally.took_ms["read"])
        await asyncio.sleep(seconds / LOOKS)
        fresh = Tally()
        fresh.took_ms["read"] = tally.took_ms["read"][seen:]
        p50_ms, p99_ms = (fresh.percentile_ms("read", percent) for percent in (50, 99))
        samples.append(await look(served, p50_ms, p99_ms))


def _told(title: str, tally: Tally, seconds: float) -> list[str]:
    lines = [
        f"{title}: {tally.count:,} requests, {tally.count / seconds:,.0f} a second, errors {tally.errors_pct:.3f} %"
    ]
    for what, took in tally.took_ms.items():
        p50, p99 = tally.percentile_ms(what, 50), tally.percentile_ms(what, 99)
        lines.append(f"  {what:8} {len(took):>9,}  p50 {p50:7.1f} ms  p99 {p99:7.1f} ms")
    if tally.held_back:
        lines.append(f"  {tally.held_back:,} were told to ask later")
    return [*lines, *(f"  {count:,} times {what}" for what, count in tally.wrong.most_common(5))]


def _watched(found: list[Verdict]) -> list[str]:
    return [
        f"  {each.name:12} {each.before:8.1f} to {each.after:8.1f}  {'flat' if each.is_flat else 'GROWS'}"
        for each in found
    ]


def _write(path: Path, calm: Tally, rushed: Tally, found: list[Verdict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    told = {
        name: {
            "requests": tally.count,
            "errors_pct": tally.errors_pct,
            "held_back": tally.held_back,
            "p99_ms": {what: tally.percentile_ms(what, 99) for what in list(tally.took_ms)},
        }
        for name, tally in (("within", calm), ("beyond", rushed))
    }
    path.write_text(
        json.dumps({**told, "flat": [each._asdict() for each in found]}, indent=2) + "\n", encoding="utf-8"
    )


def _figures(calm: Tally, rushed: Tally, found: list[Verdict]) -> Iterator[Figure]:
    for name, tally in (("errors within the quotas", calm), ("errors beyond them", rushed)):
        if tally.count:
            well = tally.errors_pct <= ERRORS_PCT_MAX
            goal = f"<= {ERRORS_PCT_MAX} %"
            yield Figure(name=name, value=tally.errors_pct, unit="%", goal=goal, met=well)
    for each in found:
        goal = f"flat from {each.before:,.1f}"
        yield Figure(name=each.name, value=each.after, unit="", goal=goal, met=each.is_flat)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="load")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--soak", action="store_true", help="watch the process in place of the flood")
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "load.json")
    return parser


if __name__ == "__main__":
    sys.exit(main())
