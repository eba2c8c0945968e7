"""Kills a promotion, a rollback and a demotion at each of their steps: `python -m tests.crash.promoter STRIDE`.

A step is a call of the operating system or of SQLite. After each death another process looks: there is one champion, or none where it was demoted, it loads, and
what was broken off can be done. The move is told in the audit log, which the registry is held against: a death between the two refuses nothing. Prints how many deaths
there were, and what was found.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from engine.clock import SimulatedClock
from engine.duties.model_moves import audited_registry, moved_subject
from engine.security.audit.log import NAME as AUDIT
from engine.security.audit.log import AuditLog
from engine.security.audit.who import at_shell
from engine.security.model_keys import ModelKeys
from engine.signals.registry.registry import Moved, Registry
from engine.signals.registry.stages import Stage
from tests.model_bench import KEY, NOW_NS, Bench, good

STEPS = frozenset({"posix", "_io", "fcntl"})
"""Modules whose calls are steps; those of SQLite's objects are told by their type."""
Move = Callable[[Registry], Moved]
NONE = ""
"""The champion after a demotion."""


def main(stride: int) -> None:
    """Kill each at every `stride`th step, and print what was found."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        bench = Bench(root)
        first, second = bench.champion(), bench.champion()
        third = bench.shadow()
        moves: dict[str, Move] = {
            third: lambda registry: registry.promote("daily", third, "ann", "better", good(third)),
            first: lambda registry: registry.roll_back("daily", first, "ann", "worse"),
            NONE: lambda registry: registry.demote("daily", second, "touchline", "it drifted"),
        }
        deaths, findings = 0, list[str]()
        for target, move in moves.items():
            for step in range(1, 10_000, stride):
                data = root / "copy"
                shutil.rmtree(data, ignore_errors=True)
                shutil.copytree(bench.data, data)
                if not dies(data, move, step):
                    break
                deaths += 1
                findings += [f"step {step}: {each}" for each in wrong(data, second, target, move)]
    print(json.dumps({"deaths": deaths, "findings": findings}))


def dies(data: Path, move: Move, step: int) -> bool:
    """Move in another process that is killed at a step; tell whether it got there."""
    child = os.fork()
    if not child:
        registry, log = opened(data), AuditLog(data / AUDIT, SimulatedClock(NOW_NS))
        sys.setprofile(killer(step))
        log.write(at_shell("model-moved", moved_subject(move(registry).event)))
        sys.setprofile(None)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or not status, f"step {step} ended with {status}"
    return os.WIFSIGNALED(status)


def killer(step: int) -> Callable[[FrameType, str, object], None]:
    """Return what counts the steps and kills at one."""
    count = 0

    def look(_frame: FrameType, event: str, called: object) -> None:
        nonlocal count
        if event in {"c_call", "c_return"} and is_step(called):
            count += 1
            if count == step:
                os.kill(os.getpid(), signal.SIGKILL)

    return look


def is_step(called: object) -> bool:
    """Tell whether a function asks the operating system or SQLite for something."""
    owner = type(getattr(called, "__self__", None)).__module__
    return getattr(called, "__module__", None) in STEPS or owner == "sqlite3"


def wrong(data: Path, before: str, target: str, move: Move) -> Iterator[str]:
    """Yield what is wrong after a death."""
    registry = opened(data)
    standing = registry.standing("daily")
    champions = [version for version, stage in standing.stages.items() if stage is Stage.CHAMPION]
    if champions not in ([before], [target] if target != NONE else []):
        yield f"the champions are {champions}"
        return
    for version in champions:
        registry.load("daily", version)
    if champions == [before]:
        move(registry)
        if registry.standing("daily").champion != target:
            yield "what was broken off could not be done"


def opened(data: Path) -> Registry:
    """Return the registry as a process that starts has it."""
    return audited_registry(data, ModelKeys(KEY), SimulatedClock(NOW_NS, steady_is_own=True))


if __name__ == "__main__":
    main(int(sys.argv[1]))
