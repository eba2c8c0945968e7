"""What the command that stands by does: it waits for an account, then runs it without a screen."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from engine.errors import ConfigError
from engine.folders import standard_folders
from engine.messages.events import Severity
from terminal.entry.opening_secrets import cipher_of, credentials_of
from terminal.entry.passphrase_entry import PassphraseEntry
from terminal.entry.password_entry import entrance
from terminal.shell.beside import serving_beside
from terminal.shell.chosen_settings import chosen_settings
from terminal.shell.headless_markets import Opening, compose, mode_of
from terminal.shell.told_to_end import HEARD, ToldToEnd

if TYPE_CHECKING:
    from engine.account.stand_by import StandBy
    from engine.engine import Engine
    from engine.serving import Serving

UNPROVEN = 1
"""The exit code of an end that left undone what was to be done."""


def stand_by(options: argparse.Namespace) -> int:
    """Wait until the account is free, run it until told to end; return the exit code."""
    folders = standard_folders()
    settings = chosen_settings(options)
    if options.fresh:
        raise ConfigError("--fresh begins a new account, and a stand-by goes on with the one there is")
    ask = PassphraseEntry(settings.vault)
    came = entrance(settings, folders, ask)
    opening = Opening(settings, folders, credentials_of(settings, ask), cipher_of(settings, ask))
    serving = serving_beside(options, settings, folders, ask)
    ask.close()
    told = ToldToEnd()
    engine = _taken_over(options, opening, told)
    if engine is None:
        return 128 + told.wait()
    if came is not None:
        engine.acts_for(came.who, came.judge)
        engine.tells("operators", came.migrated)
    return _run(engine, serving, told)


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"stand-by": stand_by}
"""The function of each command."""


def _run(engine: Engine, serving: Serving | None, told: ToldToEnd) -> int:
    """Run it until told to end; who can't be reached by programs trades on all the same."""
    engine.start()
    try:
        if serving is not None:
            _open(serving, engine)
        number = told.wait()
        engine.end(HEARD[number])
    finally:
        if serving is not None:
            serving.close()
        left = engine.stop()
    if left:
        _say("something is left undone, and compared at the next start")
        return UNPROVEN
    return 128 + number


def _open(serving: Serving, engine: Engine) -> None:
    try:
        where = serving.open(engine)
    except ConfigError as error:
        engine.alert(Severity.CRITICAL, "gateway", str(error))
        _say(f"programs can't reach it: {error}")
    else:
        _say(f"{engine.account_name} is served at {where}")


def _taken_over(options: argparse.Namespace, opening: Opening, told: ToldToEnd) -> Engine | None:
    """Wait until the account is free, and return an engine that has it; None where it is to end before that."""
    from engine import bootstrap  # noqa: F401, PLC0415  # loaded now, so that nothing waits for it then
    from engine.account.stand_by import StandBy  # noqa: PLC0415  # help needs none of it

    settings = opening.settings
    waiting = StandBy(settings, opening.folders, mode_of(options, settings), opening.cipher)
    waiting.stands_by = lambda: _say(_standing(waiting, settings.account.name))
    opened = waiting.wait(told.told)
    if opened is None:
        return None
    _say("nobody else writes its journal: the account is taken over")
    try:
        return compose(options, opening._replace(opened=opened))
    except BaseException:
        opened.journal.close()
        raise


def _standing(waiting: StandBy, account: str) -> str:
    if waiting.trouble:
        return f"stands by for {account}, whose journal can't be followed: {waiting.trouble}"
    return f"stands by for {account}: record {waiting.replica.sequence:,}"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
