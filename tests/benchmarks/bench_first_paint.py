"""From the start of the process to the first painted screen, against a bare Textual app."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.desk_process import environment
from tests.benchmarks.options import HERE, Options, in_turn
from tests.benchmarks.raw_pty import RawPty
from tests.benchmarks.row import Row

_ROUNDS = 9
_LIMIT_S = 60.0
_ON_SCREEN = b"Quotes"


def rows(options: Options) -> list[Row]:
    """Return one row."""
    with TemporaryDirectory(prefix="touchline-") as scratch:
        env = environment(Path(scratch), metrics_port=0)
        ours = [sys.executable, "-m", "terminal"]
        bare = [sys.executable, str(HERE / "peers" / "bare_textual.py")]
        pair = in_turn(options.rounds(_ROUNDS), lambda: _time(ours, env), lambda: _time(bare, env))
    return [
        Row(
            name="first paint",
            value=pair.ours * 1_000,
            unit="ms",
            against="bare Textual app",
            ratio=pair.ratio,
            goal="<= 1.5",
        )
    ]


def _time(command: list[str], env: dict[str, str]) -> float:
    with RawPty(command, env) as program:
        seconds = program.until(_ON_SCREEN, _LIMIT_S)
    assert seconds is not None, "nothing was painted"
    return seconds
