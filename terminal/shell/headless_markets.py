"""Composes engines that have no desk, as the command line names their market."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from engine.config import Settings
from engine.folders import Folders
from engine.model.account import AccountMode
from engine.model.instrument import Symbol
from engine.pace import Pace
from engine.production import refuse_simulation

if TYPE_CHECKING:
    from engine.account.journal_cipher import Cipher
    from engine.account.stand_by import Opened
    from engine.credentials import Credentials
    from engine.engine import Engine


class Opening(NamedTuple):
    """What an engine is composed with, whatever its market."""

    settings: Settings
    folders: Folders
    credentials: Credentials
    cipher: Cipher | None
    opened: Opened | None = None
    """The journal where it is open already."""


def compose(options: argparse.Namespace, opening: Opening) -> Engine:
    """Return an engine; raises like `engine.bootstrap`."""
    return _MARKETS[options.market](options, opening)


def mode_of(options: argparse.Namespace, settings: Settings) -> AccountMode:
    """Return what an order to that market costs if it is wrong."""
    if options.market == "demo":
        return AccountMode.SIMULATED
    return AccountMode.LIVE if settings.account.live else AccountMode.PAPER


def _simulated(options: argparse.Namespace, opening: Opening) -> Engine:
    from engine.bootstrap import simulated_engine  # noqa: PLC0415  # help needs none of it

    refuse_simulation()
    settings, folders, credentials, cipher, opened = opening
    speed, events_per_s = options.speed or (1.0, None)
    return simulated_engine(
        settings,
        folders,
        seed=options.seed,
        pace=Pace(speed=speed, events_per_s=events_per_s),
        fresh=options.fresh,
        start=options.start,
        cipher=cipher,
        credentials=credentials,
        opened=opened,
    )


def _live(options: argparse.Namespace, opening: Opening) -> Engine:
    from engine.bootstrap import live_engine  # noqa: PLC0415  # help needs none of it

    settings, folders, credentials, cipher, opened = opening
    return live_engine(
        settings,
        folders,
        options.venue,
        [Symbol(name) for name in options.symbols],
        standby={each.venue: [Symbol(name) for name in each.names] for each in options.standby},
        fresh=options.fresh,
        credentials=credentials,
        cipher=cipher,
        opened=opened,
    )


_MARKETS: Mapping[str, Callable[[argparse.Namespace, Opening], Engine]] = {
    "demo": _simulated,
    "live": _live,
}
