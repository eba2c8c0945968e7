"""From the start of the process to the first painted screen, and to the whole desk, against a bare Textual app."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.desk_process import environment
from tests.benchmarks.options import HERE, Options, Pair, in_turn
from tests.benchmarks.raw_pty import RawPty
from tests.benchmarks.row import Row

_ROUNDS = 9
_LIMIT_S = 60.0
_ON_SCREEN = b"Quotes"
"""In the first thing either program paints: of the desk, the frame that says that it begins."""
_COMPLETE = b"NVDA"
"""The first symbol of the simulated market: it is painted once all nine panes are mounted and data has come."""


def rows(options: Options) -> list[Row]:
    """Return the row of the first paint, then that of the whole desk."""
    with TemporaryDirectory(prefix="touchline-") as scratch:
        env = environment(Path(scratch), metrics_port=0)
        ours = [sys.executable, "-m", "terminal"]
        bare = [sys.executable, str(HERE / "peers" / "bare_textual.py")]

        _time(ours, env, _COMPLETE)  # the first start of all compiles what an install has compiled

        def against_bare(wanted: bytes) -> Pair:
            return in_turn(
                options.rounds(_ROUNDS),
                lambda: _time(ours, env, wanted),
                lambda: _time(bare, env, _ON_SCREEN),
            )

        first, complete = against_bare(_ON_SCREEN), against_bare(_COMPLETE)
    return [_row("first paint", first, "<= 1.5"), _row("desk complete", complete, "<= 3")]


def _row(name: str, pair: Pair, goal: str) -> Row:
    return Row(
        name=name, value=pair.ours * 1_000, unit="ms", against="bare Textual app", ratio=pair.ratio, goal=goal
    )


def _time(command: list[str], env: dict[str, str], wanted: bytes) -> float:
    with RawPty(command, env) as program:
        seconds = program.until(wanted, _LIMIT_S)
    assert seconds is not None, "it was never painted"
    return seconds
