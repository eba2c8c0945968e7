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
from tests.load.traffic import Tally, flood, steady, trades
from tests.load.watching import Sample, Verdict, look, ready, verdicts

NAMES = [f"trader{number}" for number in range(10)]
ERRORS_PCT_MAX = 0.1
LASTS_S = {False: 30.0, True: 600.0}
"""How long a load, and a soak, has to last for its figures to be kept."""
LOOKS = 40
"""How often a soak looks at the process, once it is warm."""
WARM_UP_MIN = 30.0
"""How long what has an end may take to have it, at the pace of these clients; a shorter run is warm after half of it."""


def main(arguments: list[str] | None = None) -> int:
    """Run, print the figures and write them; return 1 where a goal is missed."""
    asked = asked_for(arguments)
    with tempfile.TemporaryDirectory(prefix="touchline-load-") as home, serving(Path(home), NAMES) as served:
        calm, rushed, found = asyncio.run(
            _run(served, asked.seconds, asked.warm_up * 60 if asked.soak else None)
        )
    lines = [*_told("within the quotas", calm, asked.seconds), *_watched(found, asked.warm_up)]
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


async def _run(
    served: ServedProgram, seconds: float, warm_up_s: float | None
) -> tuple[Tally, Tally, list[Verdict]]:
    """Ask, and watch where there is a warm-up."""
    calm, rushed, samples = Tally(), Tally(), list[Sample]()
    if warm_up_s is not None:
        await ready(served)
    await trades(served, NAMES[0])
    clients = asyncio.gather(*(steady(served, name, seconds, calm) for name in NAMES))
    if warm_up_s is not None:
        await asyncio.sleep(warm_up_s)
        await _watch(served, seconds - warm_up_s, calm, samples)
    await clients
    if warm_up_s is None:
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


def _watched(found: list[Verdict], warm_up_min: float) -> list[str]:
    if not found:
        return []
    return [f"  compared after a warm-up of {warm_up_min:g} minutes:"] + [
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


def asked_for(arguments: list[str] | None) -> argparse.Namespace:
    """Read what is asked for; says what a warm-up may be."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if asked.warm_up is None:
        asked.warm_up = min(WARM_UP_MIN, asked.seconds / 120)
    if not 0 <= asked.warm_up * 60 < asked.seconds:
        parser.error(
            f"--warm-up: expected 0 to less than the {asked.seconds / 60:g} minutes of the run, found {asked.warm_up:g}"
        )
    return asked


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="load")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--soak", action="store_true", help="watch the process in place of the flood")
    parser.add_argument(
        "--warm-up",
        type=float,
        metavar="MIN",
        help=f"minutes of a soak before anything is compared: {WARM_UP_MIN:g}, and half of a shorter run",
    )
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "load.json")
    return parser


if __name__ == "__main__":
    sys.exit(main())
