"""What `touchline logs` prints."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from engine.clock import NS_PER_S, SystemClock
from engine.errors import ConfigError
from engine.folders import standard_folders
from engine.messages.log_line import Level, LogLine, Wanted
from engine.messages.log_table import Component
from terminal.log.log_words import in_words, named

if TYPE_CHECKING:
    from engine.shell.log_reader import LogReader

LOOK_S = 0.25


def logs(options: argparse.Namespace) -> int:
    """Print lines of the log, and go on with those that come where that is wanted."""
    from engine.shell.log_reader import LogReader  # noqa: PLC0415  # help needs none of it

    folder = options.folder or standard_folders().logs
    if options.folder is not None and not folder.is_dir():
        raise ConfigError(f"{folder}: there is no such folder")
    reader = LogReader(folder, _wanted(options))
    tell = _as_json if options.json else in_words
    try:
        found = _print(reader.last(options.last) if options.last else reader.lines(), tell)
        if options.follow:
            _follow(reader, tell)
        elif not found:
            sys.stderr.write(f"touchline: no line is like that in {folder}\n")
    finally:
        reader.close()
    if reader.unreadable:
        sys.stderr.write(f"touchline: lines that could not be read: {reader.unreadable:,}\n")
    return 0


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"logs": logs}
"""The function of each command."""


def _wanted(options: argparse.Namespace) -> Wanted:
    names = [each.value for each in Component]
    if options.component and options.component not in names:
        raise ConfigError(f"--component: expected one of {', '.join(names)}, found {options.component}")
    since_ns = SystemClock().now_ns() - options.since * NS_PER_S if options.since else 0
    level = Level[options.level.upper()]
    return Wanted(options.correlation or "", level, options.component, since_ns)


def _follow(reader: LogReader, tell: Callable[[LogLine], str]) -> None:
    """Print what comes until told to end."""
    from terminal.shell.told_to_end import ToldToEnd  # noqa: PLC0415  # it takes the signals

    end = ToldToEnd()
    while not end.told.wait(LOOK_S):
        _print(reader.news(), tell)


def _print(lines: Iterable[LogLine], tell: Callable[[LogLine], str]) -> int:
    """Print lines; return how many there were."""
    count = 0
    for count, line in enumerate(lines, 1):  # noqa: B007  # it is what is returned
        sys.stdout.write(f"{tell(line)}\n")
    sys.stdout.flush()
    return count


def _as_json(line: LogLine) -> str:
    return json.dumps(named(line) | dict(line.fields))
