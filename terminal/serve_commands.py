"""What the command does that serves programs without a desk."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from engine.clock import SystemClock
from engine.config import Settings, load_settings
from engine.errors import ConfigError
from engine.folders import Folders, standard_folders
from engine.ids import OrderIds
from engine.model.instrument import Symbol
from engine.pace import Pace
from terminal.passphrase_entry import PassphraseEntry
from terminal.told_to_end import HEARD, ToldToEnd

if TYPE_CHECKING:
    from engine.engine import Engine
    from engine.journal_cipher import Cipher
    from engine.serving import Serving

UNPROVEN = 1
"""The exit code of an end that left undone what was to be done."""


def serve(options: argparse.Namespace) -> int:
    """Run an engine and its gateway until told to end; the account ends as it does with a desk."""
    from engine.serving import Serving  # noqa: PLC0415  # help needs none of it
    from terminal.line_reader import read_order_line  # noqa: PLC0415

    settings, folders = _settings(options)
    ask = PassphraseEntry(settings.vault)
    serving = Serving(settings, folders, read_order_line, ask)
    engine = _MARKETS[options.market](options, settings, folders, ask)
    ask.close()
    return _until_told(engine, serving)


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"serve": serve}
"""The function of each command."""


def _until_told(engine: Engine, serving: Serving) -> int:
    told = ToldToEnd()
    engine.start()
    reason = ""
    try:
        where = serving.open(engine)
        sys.stdout.write(f"touchline: {engine.account_name} is served at {where}\n")
        sys.stdout.flush()
        number = told.wait()
        reason = HEARD[number]
        engine.end(reason)
    finally:
        serving.close()
        left = engine.stop()
    undone = "; something is left undone, and compared at the next start" if left else ""
    sys.stderr.write(f"touchline: {reason}{undone}\n")
    return UNPROVEN if left else 128 + number


def _simulated(
    options: argparse.Namespace, settings: Settings, folders: Folders, ask: PassphraseEntry
) -> Engine:
    from engine.bootstrap import simulated_engine  # noqa: PLC0415  # help needs none of it

    speed, events_per_s = options.speed or (1.0, None)
    pace = Pace(speed=speed, events_per_s=events_per_s)
    return simulated_engine(
        settings,
        folders,
        seed=options.seed,
        pace=pace,
        fresh=options.fresh,
        start=options.start,
        cipher=_cipher(settings, ask),
    )


def _live(options: argparse.Namespace, settings: Settings, folders: Folders, ask: PassphraseEntry) -> Engine:
    from engine.bootstrap import live_engine  # noqa: PLC0415  # help needs none of it
    from engine.credentials import Credentials  # noqa: PLC0415

    credentials = Credentials(settings, ask=ask)
    if settings.vault.file:
        credentials.unlock()
    return live_engine(
        settings,
        folders,
        options.venue,
        [Symbol(name) for name in options.symbols],
        standby={each.venue: [Symbol(name) for name in each.names] for each in options.standby},
        ids=OrderIds(SystemClock().now_ns()),
        fresh=options.fresh,
        credentials=credentials,
        cipher=_cipher(settings, ask),
    )


_MARKETS: Mapping[str, Callable[[argparse.Namespace, Settings, Folders, PassphraseEntry], Engine]] = {
    "demo": _simulated,
    "live": _live,
}


def _cipher(settings: Settings, ask: PassphraseEntry) -> Cipher | None:
    """Return what seals the journal, where it is to be sealed."""
    if not settings.journal.encrypt:
        return None
    from engine.journal_cipher import journal_cipher  # noqa: PLC0415  # only where it is needed

    return journal_cipher(settings, ask)


def _settings(options: argparse.Namespace) -> tuple[Settings, Folders]:
    folders = standard_folders()
    if options.config is not None and not options.config.exists():
        raise ConfigError(f"{options.config}: there is no such file")
    return load_settings(options.config or folders.settings), folders
