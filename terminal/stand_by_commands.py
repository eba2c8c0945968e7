"""What the command that stands by does: it waits for an account, then runs it without a screen."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from engine.config import Settings, load_settings
from engine.errors import ConfigError
from engine.folders import Folders, standard_folders
from engine.model.account import AccountMode
from engine.model.instrument import Symbol
from engine.pace import Pace
from terminal.opening_secrets import cipher_of, unlocked
from terminal.passphrase_entry import PassphraseEntry
from terminal.password_entry import entrance

if TYPE_CHECKING:
    from engine.credentials import Credentials
    from engine.engine import Engine
    from engine.journal_cipher import Cipher
    from engine.stand_by import Opened, StandBy

UNPROVEN = 1
"""The exit code of an end that left undone what was to be done."""
_HEARD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _Told:
    """Notes the signal that tells the program to end."""

    def __init__(self) -> None:
        self.ends = threading.Event()
        self.number = 0
        for number in _HEARD:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._hear)

    @property
    def name(self) -> str:
        """What the signal is called."""
        return signal.Signals(self.number).name

    def _hear(self, number: int, _frame: object) -> None:
        self.number = self.number or number
        self.ends.set()


def stand_by(options: argparse.Namespace) -> int:
    """Wait until the account is free, run it until told to end; return the exit code."""
    folders = standard_folders()
    if options.config is not None and not options.config.exists():
        raise ConfigError(f"{options.config}: there is no such file")
    settings = load_settings(options.config or folders.settings)
    ask = PassphraseEntry(settings.vault)
    came = entrance(settings, folders, ask)
    credentials = unlocked(settings, ask) if settings.vault.file else None
    cipher = cipher_of(settings, ask)
    told = _Told()
    engine = _taken_over(settings, folders, options, credentials, cipher, told)
    if engine is not None:
        if came is not None:
            engine.acts_for(came.who, came.judge)
        engine.start()
        told.ends.wait()
        engine.end(f"told to end ({told.name})")
        if engine.stop():
            _say("something is left undone, and compared at the next start")
            return UNPROVEN
    return 128 + told.number


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"stand-by": stand_by}
"""The function of each command."""


def _taken_over(
    settings: Settings,
    folders: Folders,
    options: argparse.Namespace,
    credentials: Credentials | None,
    cipher: Cipher | None,
    told: _Told,
) -> Engine | None:
    """Wait until the account is free, and return an engine that has it; None where it is to end before that."""
    from engine import bootstrap  # noqa: F401, PLC0415  # loaded now, so that nothing waits for it then
    from engine.stand_by import StandBy  # noqa: PLC0415  # help needs none of it

    mode = AccountMode.SIMULATED
    if options.market == "live":
        mode = AccountMode.LIVE if settings.account.live else AccountMode.PAPER
    waiting = StandBy(settings, folders, mode, cipher)
    waiting.stands_by = lambda: _say(_standing(waiting, settings.account.name))
    opened = waiting.wait(told.ends)
    if opened is None:
        return None
    _say("nobody else writes its journal: the account is taken over")
    try:
        return _MARKETS[options.market](options, settings, folders, credentials, opened)
    except BaseException:
        opened.journal.close()
        raise


def _standing(waiting: StandBy, account: str) -> str:
    if waiting.trouble:
        return f"stands by for {account}, whose journal can't be followed: {waiting.trouble}"
    return f"stands by for {account}: record {waiting.replica.sequence:,}"


def _demo(
    options: argparse.Namespace,
    settings: Settings,
    folders: Folders,
    credentials: Credentials | None,
    opened: Opened,
) -> Engine:
    from engine.bootstrap import simulated_engine  # noqa: PLC0415  # help needs none of it

    return simulated_engine(
        settings, folders, seed=options.seed, pace=Pace(), credentials=credentials, opened=opened
    )


def _live(
    options: argparse.Namespace,
    settings: Settings,
    folders: Folders,
    credentials: Credentials | None,
    opened: Opened,
) -> Engine:
    from engine.bootstrap import live_engine  # noqa: PLC0415  # help needs none of it

    symbols = [Symbol(name) for name in options.symbols]
    standby = {each.venue: [Symbol(name) for name in each.names] for each in options.standby}
    return live_engine(
        settings, folders, options.venue, symbols, standby=standby, credentials=credentials, opened=opened
    )


_MARKETS: Mapping[str, Callable[..., Engine]] = {"demo": _demo, "live": _live}


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
