"""Runs a training in a process of its own, hears how far it is, and ends it where it is not wanted any more."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess  # nosec B404  # what it runs is our own program
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from select import select
from tempfile import TemporaryFile
from typing import IO, Final

import msgspec

from engine.errors import ConfigError, DataError
from engine.model.text import clean
from engine.shell.training.told import Line, Outcome, Part, Progress, Refused, decode
from engine.signals.registry.card import Metric
from engine.signals.training.spec import Spec, files_of, read_spec

__all__ = (
    "Metric",
    "Outcome",
    "Part",
    "Progress",
    "Spec",
    "check_extra",
    "files_of",
    "read_spec",
    "train_apart",
)

LIBRARIES: Final = ("lightgbm", "polars", "sklearn")
LINE_MAX: Final = 1 << 16
_PATIENCE_S: Final = 2.0
_SILENCE_S: Final = 1.0
_HANDED: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT")
"""Of the environment; what else is in it may be a secret."""
_ROOT: Final = Path(__file__).resolve().parents[3]


def check_extra(find: Callable[[str], object] = find_spec) -> None:
    """See that what trains is installed; nothing of it is loaded.

    Raises:
        ConfigError: it is not; says how to have it.
    """
    if any(find(name) is None for name in LIBRARIES):
        raise ConfigError("training is an extra that is not installed: pip install 'touchline[train]'")


def train_apart(spec_file: Path, folder: Path, heard: Callable[[Progress], None]) -> Outcome:
    """Train as the file says, and leave model, reference and card in the folder; whatever happens, the process has ended.

    Raises:
        DataError: it can't be done; says why.
    """
    command = [
        sys.executable,
        "-m",
        "engine.shell.training.child",
        str(spec_file.absolute()),
        str(folder.absolute()),
    ]
    with (
        TemporaryFile() as words,
        subprocess.Popen(  # noqa: S603  # nosec B603  # our own program
            command,
            cwd=_ROOT,
            env=environment(os.environ),
            bufsize=0,  # nothing is held back where it is waited for
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=words,  # a pipe that nobody reads would hold it up once it is full
            start_new_session=True,  # what a terminal sends at Ctrl+C is for us to pass on; and Linux schedules by session
        ) as process,
    ):
        try:
            return _outcome(process, words, heard)
        finally:
            _end(process)


def environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the process: nothing of ours that may be a secret."""
    return {name: ours[name] for name in _HANDED if name in ours} | {"PYTHONDONTWRITEBYTECODE": "1"}


def _outcome(
    process: subprocess.Popen[bytes], words: IO[bytes], heard: Callable[[Progress], None]
) -> Outcome:
    assert process.stdout is not None
    last = Progress("beginning", 0.0)
    for line in _lines(process.stdout):
        if isinstance(line, Outcome):
            return line
        if isinstance(line, Refused):
            raise DataError(line.why)
        last = line or last
        heard(last)
    code = process.wait()
    raise DataError(_ended(code, _last_words(words)))


def _lines(stream: IO[bytes]) -> Iterator[Line | None]:
    """Yield what is said; None for each second of silence, for who gives way to everybody may stand still long."""
    while True:
        while not select([stream], [], [], _SILENCE_S)[0]:
            yield None
        if not (line := stream.readline(LINE_MAX)):
            return
        with contextlib.suppress(msgspec.DecodeError):  # a library's own words
            yield decode(line)


def _ended(code: int, said: str) -> str:
    if code == -signal.SIGXCPU:
        return "training took more processor time than limits.minutes allows; nothing was registered"
    if code < 0:
        name = signal.Signals(-code).name
        return f"the process that trains was ended by {name}; limits.memory_mb bounds its memory. Nothing was registered"
    return f"the process that trains ended with {code}: {said or 'it said nothing'}. Nothing was registered"


def _last_words(words: IO[bytes]) -> str:
    words.seek(0)
    last = deque(words, maxlen=1)
    return clean(last[0].decode(errors="replace").strip(), 200) if last else ""


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and wait for it."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
