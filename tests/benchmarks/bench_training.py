"""What an order waits while a model is trained beside it, or one on every core, against the same without."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import NamedTuple

from engine.clock import SimulatedClock
from engine.shell.training.told import Progress, decode
from engine.shell.training.watched import LIBRARIES, environment
from tests.benchmarks.bench_route import START_NS, one_order
from tests.benchmarks.composed import rooms as composed
from tests.benchmarks.options import ROOT, Options
from tests.benchmarks.row import Row
from tests.training_bench import put_spec, random_walk

_ORDERS, _QUICK_ORDERS = 1_500, 50
_ROUNDS = 5
_STEP_S = 0.002
"""From one order to the next; the process sleeps between, as a desk does, and has to be woken."""
_MODEL = 'kind = "gbm"\ntrees = 1000\nleaves = 64\nrows_a_leaf = 10'
_BARS, _QUICK_BARS = 4_000, 800


class Lag(NamedTuple):
    """From when an order was due to when it was filled, in microseconds."""

    p50: float
    p99: float


def rows(options: Options) -> list[Row]:
    """Return the rows of the median and of the 99th percentile, beside one training and beside one on each core.

    Without the extra there is no ratio.
    """
    there = all(find_spec(name) is not None for name in LIBRARIES)
    count, bars = (_QUICK_ORDERS, _QUICK_BARS) if options.quick else (_ORDERS, _BARS)
    found: list[Row] = []
    for name, trainings in (("a training", 1), ("a training on each core", os.cpu_count() or 1)):
        alone, beside = [], []
        for _ in range(options.rounds(_ROUNDS)):
            alone.append(_lag(count))
            if there:
                with _trainings(bars, trainings):
                    beside.append(_lag(count))
        found += [
            _row(f"{name}: p50", [each.p50 for each in alone], [each.p50 for each in beside], "<= 1.25"),
            _row(f"{name}: p99", [each.p99 for each in alone], [each.p99 for each in beside], "<= 3"),
        ]
    return found


def _row(name: str, alone: list[float], beside: list[float], goal: str) -> Row:
    return Row(
        name=f"order due to filled, {name}",
        value=median(beside or alone),
        unit="us",
        against="the same without, round by round",
        ratio=median(one / other for one, other in zip(beside, alone, strict=True)) if beside else None,
        goal=goal,
    )


def _lag(count: int) -> Lag:
    """Let orders be due one after the other, and see how late each is filled."""
    clock, late = SimulatedClock(START_NS), list[float]()
    with composed(clock, ["ACME"]) as rooms:
        gc.collect()
        gc.freeze()
        try:
            begins = time.monotonic() + _STEP_S
            for number in range(1, count + 1):
                due = begins + number * _STEP_S
                time.sleep(max(0.0, due - time.monotonic()))
                one_order(rooms, clock, number)
                late.append((time.monotonic() - due) * 1e6)
        finally:
            gc.unfreeze()
    cuts = quantiles(late, n=100)
    return Lag(cuts[49], cuts[98])


@contextmanager
def _trainings(bars: int, count: int) -> Iterator[None]:
    """Train so many times at once, each as `touchline models train` does, and wait until all of them fit."""
    with ExitStack() as held:
        folder = Path(held.enter_context(TemporaryDirectory()))
        spec = put_spec(folder, random_walk(bars, 1), _long)
        started = [held.enter_context(_training(spec, folder)) for _ in range(count)]
        for process in started:
            _wait_for_fitting(process)
        yield
        assert all(process.poll() is None for process in started), "a training ended before the orders did"


def _long(text: str) -> str:
    return text.replace('kind = "logistic"', _MODEL).replace("niceness = 0", "niceness = 19")


@contextmanager
def _training(spec: Path, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "engine.shell.training.child", str(spec), str(folder)]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(os.environ), stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _wait_for_fitting(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        said = decode(line)
        if isinstance(said, Progress) and said.doing == "walking forward":
            return
    raise AssertionError("the training ended before it fitted anything")
