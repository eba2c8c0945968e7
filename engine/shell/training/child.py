"""`python -m engine.shell.training.child SPEC FOLDER`: trains out of the way, and says how far it is.

It is a process of its own that the scheduler runs only where nobody else wants to, with bounds on memory and
time. It is given no key, registers nothing, and writes into the folder that it was given.
"""

from __future__ import annotations

import contextlib
import os
import resource
import sys
from pathlib import Path
from typing import Final

from engine.clock import SystemClock
from engine.errors import DataError, EngineError
from engine.shell.training.told import Line, Outcome, Part, Progress, Refused, encode
from engine.signals.training.spec import Limits, Spec, files_of, read_spec

TRIED: Final = "tried.parquet"
"""A row for each prediction out of sample, for whoever wants to look further."""
THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS")
NOT_MAPPED: Final = "failed to map segment"
"""What the loader of libraries says where there is no room for one (glibc)."""
IDLE: Final = 19
"""The niceness from which on a process is run only where nobody else wants to."""
AUTOGROUP: Final = Path("/proc/self/autogroup")
_MAX_GRACE_S: Final = 5


def main(arguments: list[str]) -> int:
    """Train; return 0 where there is an outcome."""
    spec_file, folder = map(Path, arguments)
    try:
        spec = read_spec(spec_file)
        step_aside(spec.limits)
        outcome = _bounded(spec, spec_file, folder)
    except EngineError as error:
        _say(Refused(str(error)))
        return 1
    _say(outcome)
    return 0


def _bounded(spec: Spec, spec_file: Path, folder: Path) -> Outcome:
    try:
        return _trained(spec, spec_file, folder)
    except Exception as error:
        if lacks_memory(error):
            raise DataError(
                f"{spec.limits.memory_mb:,} MB of memory are too little; limits.memory_mb allows more"
            ) from None
        raise


def lacks_memory(error: BaseException | None) -> bool:
    """Tell whether an error, or one that it came of, is that there is no memory left, for a library's code too."""
    while error is not None:
        if isinstance(error, MemoryError) or (isinstance(error, ImportError) and NOT_MAPPED in str(error)):
            return True
        error = error.__cause__ or error.__context__
    return False


def step_aside(limits: Limits) -> None:
    """Give way to other processes, use one thread, and be ended where bounds are crossed."""
    for name in THREADS:
        os.environ[name] = "1"
    os.nice(limits.niceness)
    with contextlib.suppress(OSError):  # where Linux schedules by session, that of this process gives way too
        AUTOGROUP.write_text(str(limits.niceness), encoding="ascii")
    if limits.niceness == IDLE and hasattr(os, "SCHED_IDLE"):
        with contextlib.suppress(OSError):  # a container may forbid it; niceness is left
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    if sys.platform == "linux":  # elsewhere what is mapped and never used counts too
        size = limits.memory_mb << 20
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
    seconds = limits.minutes * 60
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + _MAX_GRACE_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _trained(spec: Spec, spec_file: Path, folder: Path) -> Outcome:
    _say(Progress("reading bars", 0.0))
    from engine.shell.training.bars import read_bars  # noqa: PLC0415  # after the bounds
    from engine.signals.statistics.information import t_value  # noqa: PLC0415
    from engine.signals.training.training import train  # noqa: PLC0415
    from engine.signals.training.writing import files_of_model  # noqa: PLC0415

    read = read_bars(files_of(spec, spec_file), spec.interval_ns, SystemClock().now_ns())
    trained = train(spec, read.bars, lambda said: _say(Progress(said.doing, said.share)))
    trained.tried.write_parquet(folder / TRIED)
    if trained.file is not None:
        for name, content in files_of_model(spec, trained, trained.file, read.sha256).items():
            (folder / name).write_bytes(content)
    horizon, ic = spec.label.horizon_bars, trained.metrics.get("ic")
    tested = len(trained.tried)
    return Outcome(
        symbols=len(read.bars),
        bars=sum(map(len, read.bars.values())),
        rows=len(trained.table),
        tested=tested,
        left_out={**read.left_out, **trained.table.left_out},
        metrics=trained.metrics,
        ic_t=t_value(ic.value, tested, horizon) if ic is not None else None,
        independent=tested // horizon,
        folds=trained.fold_areas,
        moved=trained.rotated_areas,
        parts=tuple(Part(*each) for each in trained.parts),
        alarms=trained.alarms,
        learned=trained.file is not None,
    )


def _say(line: Line) -> None:
    sys.stdout.buffer.write(encode(line) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):  # nobody watches any more
        sys.exit(main(sys.argv[1:]))
    os._exit(1)
