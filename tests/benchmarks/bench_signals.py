"""What features cost when a bar closes, against a recomputation of their window with numpy."""

from __future__ import annotations

import gc
import time
from collections.abc import Sequence
from random import Random

import msgspec

from engine.model.bar import Bar
from engine.model.instrument import Symbol
from engine.signals.features.kernel import Kernel
from engine.signals.features.sets import feature_set
from tests.bar_makers import MINUTE_NS, SYMBOL, walk
from tests.benchmarks.options import Options, in_turn
from tests.benchmarks.row import Row, limited
from tests.feature_peer import WINDOW, columns, recomputed

_BARS, _QUICK_BARS = 2_000, 100
_SYMBOLS = 50
_ROUNDS = 7
_TOGETHER_MS = 5
"""A frame of the screen is 33 ms; what closes on the second must not be seen."""
_SET = feature_set("bars-12", MINUTE_NS)


def rows(options: Options) -> list[Row]:
    """Return the rows of one bar's features against numpy's, and of many bars that close at once."""
    bars = _bars(_QUICK_BARS if options.quick else _BARS)
    rounds = options.rounds(_ROUNDS)
    pair = in_turn(rounds, lambda: _kernel_us(bars), lambda: _numpy_us(bars))
    together_ms = min(_together_ms(bars[: WINDOW + 1]) for _ in range(rounds))
    return [
        Row(
            name="twelve features of a closed bar",
            value=pair.ours,
            unit="us",
            against="their window recomputed with numpy",
            ratio=pair.ratio,
            goal="<= 0.5",
        ),
        limited(f"features of {_SYMBOLS} symbols whose bars close at once", together_ms, "ms", _TOGETHER_MS),
    ]


def _bars(count: int) -> list[Bar]:
    random = Random(1)
    return walk([(0, random.randint(-40, 40), 4, 3, random.randint(1, 90)) for _ in range(count)])


def _kernel_us(bars: Sequence[Bar]) -> float:
    kernel = Kernel(_SET, SYMBOL)
    gc.collect()
    began = time.perf_counter()
    for bar in bars:
        kernel.update(bar, 0)
    return (time.perf_counter() - began) / len(bars) * 1e6


def _numpy_us(bars: Sequence[Bar]) -> float:
    window = columns(bars)
    gc.collect()
    began = time.perf_counter()
    for end in range(WINDOW, len(bars) + 1):
        recomputed(window[:, end - WINDOW : end])
    return (time.perf_counter() - began) / (len(bars) + 1 - WINDOW) * 1e6


def _together_ms(bars: Sequence[Bar]) -> float:
    """Return what the last bar of each of many symbols costs together."""
    kernels = [Kernel(_SET, Symbol(f"S{number:02}")) for number in range(_SYMBOLS)]
    last = [msgspec.structs.replace(bars[-1], symbol=kernel.symbol) for kernel in kernels]
    for kernel in kernels:
        for bar in bars[:-1]:
            kernel.update(msgspec.structs.replace(bar, symbol=kernel.symbol), 0)
    began = time.perf_counter()
    for kernel, bar in zip(kernels, last, strict=True):
        kernel.update(bar, 0)
    return (time.perf_counter() - began) * 1e3
