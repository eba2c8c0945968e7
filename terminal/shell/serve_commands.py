"""What the command does that serves programs without a desk."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from engine.clock import SystemClock
from engine.folders import standard_folders
from terminal.entry.opening_secrets import cipher_of, credentials_of
from terminal.entry.passphrase_entry import PassphraseEntry
from terminal.entry.password_entry import named_judge
from terminal.shell.chosen_settings import chosen_settings
from terminal.shell.headless_markets import Opening, compose
from terminal.shell.service_manager import ServiceManager
from terminal.shell.told_to_end import HEARD, ToldToEnd

if TYPE_CHECKING:
    from engine.engine import Engine
    from engine.serving import Serving

UNPROVEN = 1
"""The exit code of an end that left undone what was to be done."""


def serve(options: argparse.Namespace) -> int:
    """Run an engine and its gateway until told to end; the account ends as it does with a desk."""
    from engine.serving import Serving  # noqa: PLC0415  # help needs none of it
    from terminal.shell.line_reader import read_order_line  # noqa: PLC0415

    settings, folders = chosen_settings(options), standard_folders()
    ask = PassphraseEntry(settings.vault)
    serving = Serving(settings, folders, read_order_line, ask)
    opening = Opening(settings, folders, credentials_of(settings, ask), cipher_of(settings, ask))
    judge = named_judge(settings, folders, ask)
    engine = compose(options, opening)
    engine.asks_for_names(judge)
    ask.close()
    return _until_told(engine, serving)


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"serve": serve}
"""The function of each command."""


def _until_told(engine: Engine, serving: Serving) -> int:
    told, manager = ToldToEnd(), ServiceManager(SystemClock())
    engine.start()
    reason = ""
    try:
        where = serving.open(engine)
        sys.stdout.write(f"touchline: {engine.account_name} is served at {where}\n")
        sys.stdout.flush()
        manager.ready(f"{engine.account_name} is served at {where}")
        number = told.wait(lambda: manager.watch(engine.looked_ns))
        manager.ending()
        reason = HEARD[number]
        engine.end(reason)
    finally:
        serving.close()
        left = engine.stop()
    undone = "; something is left undone, and compared at the next start" if left else ""
    sys.stderr.write(f"touchline: {reason}{undone}\n")
    return UNPROVEN if left else 128 + number
