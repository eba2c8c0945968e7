"""How fast it is, and whether it grows: what runs measured, and what an engine that runs says of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from engine.preflight.checks.check import Check, Checks
from engine.preflight.checks.launch import ANSWER_MS_MAX, LAG_MS_MAX, MEMORY_MAX
from engine.preflight.facts import Facts, LiveFacts
from engine.preflight.found import Found, failed, passed, waits
from engine.preflight.operation_facts import Figures
from engine.preflight.proof import PROGRAM

FIGURES_DAYS_MAX: Final = 90.0
OPEN_FILES_MAX: Final = 0.5
"""Of those that may be open."""
_MIB: Final = 1 << 20
_STREAMS: Final = 'touchline_gateway_connections{kind="stream"}'
_LAG: Final = 'touchline_health_value{component="loop_lag"}'


class _Told:
    """What an engine that runs says."""

    def __init__(self, text: str = "", *, well: bool = True) -> None:
        self.text = text
        self.well = well


Live = Callable[[LiveFacts], _Told]


def _answers(live: LiveFacts) -> _Told:
    if not live.requests:
        return _Told("the gateway was asked nothing yet")
    told = f"of its newest {live.requests:,} answers 99 of 100 took at most {live.answer_p99_ms:.0f} ms"
    return _Told(told, well=live.answer_p99_ms <= ANSWER_MS_MAX)


def _streams(live: LiveFacts) -> _Told:
    lag_ms = live.metrics.get(_LAG)
    if lag_ms is None:
        return _Told()
    told = f"{live.metrics.get(_STREAMS, 0):.0f} streams are open, the loop wakes {lag_ms:.1f} ms late (p99)"
    return _Told(told, well=lag_ms <= LAG_MS_MAX)


def _journal(live: LiveFacts) -> _Told:
    waiting = live.metrics.get("touchline_journal_unwritten_records")
    if waiting is None:
        return _Told()
    failures = live.metrics.get("touchline_journal_failures_total", 0)
    told = f"{waiting:.0f} records wait for the disk, {failures:.0f} could not be written"
    return _Told(told, well=not waiting and not failures)


def _memory(live: LiveFacts) -> _Told:
    held = live.metrics.get("touchline_resident_memory_bytes")
    if held is None:
        return _Told()
    return _Told(f"{held / _MIB:,.0f} MiB are held", well=held <= MEMORY_MAX)


def _open(live: LiveFacts) -> _Told:
    files, most = (live.metrics.get(f"process_{name}_fds") for name in ("open", "max"))
    if files is None or not most:
        return _Told()
    threads, tasks = live.metrics.get("process_threads", 0), live.metrics.get("touchline_tasks", 0)
    told = f"{files:.0f} of {most:,.0f} files are open, {threads:.0f} threads, {tasks:.0f} tasks"
    return _Told(told, well=files <= OPEN_FILES_MAX * most)


def _of(runs: Mapping[str, str], room: str, live: Live) -> Check:
    """Return a check of what these runs measured of a room, each with the command that makes it anew."""

    def check(facts: Facts) -> Found:
        now = _Told() if facts.live is None or facts.live.trouble else live(facts.live)
        if not now.well:
            return failed(f"the engine that runs: {now.text}", "touchline status; touchline report")
        suffix = f"; the engine that runs: {now.text}" if now.text else ""
        basis = f"{', '.join(runs)}: source {room}@{facts.rooms.get(room, 'gone')}"
        how = " and ".join(dict.fromkeys(runs.values()))
        open_ones = {name: why for name in runs if (why := _stale(facts, name, room))}
        if open_ones:
            told = "; ".join(f"{name} {why}" for name, why in open_ones.items())
            remedy = f"{how}, in the checkout on this machine, or touchline signoff ID --as qa"
            return waits(f"{told}{suffix}", remedy, basis=basis)
        found = [(name, facts.figures[name]) for name in runs]
        missed = [f"{name}: {row}" for name, each in found for row in _rows(each, met=False)]
        if missed:
            return failed(f"missed: {'; '.join(missed[:3])}{suffix}", f"mend it, then {how}")
        told = "; ".join(_summary(facts, name, each) for name, each in found)
        return passed(f"{told}; {found[0][1].machine}{suffix}")

    return check


def _stale(facts: Facts, name: str, room: str) -> str:
    """Return why what a run measured says nothing of what is here now; empty where it does."""
    run = facts.figures.get(name)
    if run is None:
        return "was not measured here"
    when = f"was measured {facts.ago(run.made_ns)}"
    if run.version != facts.version:
        return f"{when}, of version {run.version}, which is not this one"
    if run.rooms.get(room) != facts.rooms.get(room):
        return f"{when}, of another source of {room}"
    if run.machine != facts.this_machine:
        return f"{when} on another machine ({run.machine})"
    if not facts.is_fresh(run.made_ns, FIGURES_DAYS_MAX):
        return f"{when}, at most {FIGURES_DAYS_MAX:.0f} are fresh"
    return "" if any(row.met is not None for row in run.rows) else f"{when} with nothing to hold it against"


def _summary(facts: Facts, name: str, run: Figures) -> str:
    first = next(iter(_rows(run, met=True)), "")
    count = sum(row.met is True for row in run.rows)
    return f"{name}, {facts.ago(run.made_ns)}: {count} goals met, {first}"


def _rows(run: Figures, *, met: bool) -> list[str]:
    return [f"{row.name} {row.value:,.3g} {row.unit} (goal {row.goal})" for row in run.rows if row.met is met]


CHECKS: Final[Checks] = {
    "PERF-1": _of({"load": "make load", "bench gateway": "make bench"}, "engine/gateway", _answers),
    "PERF-2": _of({"bench stream": "make bench"}, "engine/gateway", _streams),
    "PERF-3": _of(
        {"bench journal_load": "make bench", "bench reopen": "make bench"}, "engine/store", _journal
    ),
    "PERF-4": _of({"soak": "make soak"}, PROGRAM, _memory),
    "PERF-8": _of({"soak": "make soak"}, PROGRAM, _open),
}
