"""What the command about credentials does, and what it prints: never a secret, of a key its last four characters."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from engine.errors import ConfigError
from engine.folders import standard_folders
from engine.messages.checks import Outcome, Step
from engine.shell.venues import every_name, find
from terminal.shell.chosen_settings import chosen_settings
from terminal.shell.telling import say

if TYPE_CHECKING:
    from engine.credentials import Credentials

UNWELL = 1
"""The exit code where the venue does not take it, or could not be asked."""


def credentials(options: argparse.Namespace) -> int:
    """Add, list, remove or test the credentials of venues."""
    return _ERRANDS[options.errand](options, _credentials(options))


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"credentials": credentials}
"""The function of each command."""


def _add(options: argparse.Namespace, kept: Credentials) -> int:
    from terminal.entry.credential_entry import asked_for  # noqa: PLC0415  # help needs none of it

    if options.typed:
        raise ConfigError(
            "a key is never taken from the command line, which the shell's history and other programs see: "
            f"touchline credentials add {options.venue} asks for it. If what you typed is a real key, change it there"
        )
    given = asked_for(options.venue, find(options.venue).key)
    kept.keep(options.venue, given)
    return say(f"The credential of {options.venue} (key {given.hint}) is in {kept.place}.")


def _list(_options: argparse.Namespace, kept: Credentials) -> int:
    rows = [
        (venue, found.hint if found else "unreadable: remove it") for venue, found in kept.kept(every_name())
    ]
    if not rows:
        return say(f"No venue has a credential in {kept.place}; touchline credentials add VENUE keeps one.")
    return say("\n".join(f"{venue:10} {told}" for venue, told in rows))


def _remove(options: argparse.Namespace, kept: Credentials) -> int:
    if kept.forget(options.venue):
        return say(f"The credential of {options.venue} is no longer in {kept.place}.")
    return say(f"{options.venue} has no credential in {kept.place}: nothing was removed.")


def _test(options: argparse.Namespace, kept: Credentials) -> int:
    found = kept.read(options.venue)
    if found is None:
        raise ConfigError(
            f"{options.venue} has no credential in {kept.place}; "
            f"touchline credentials add {options.venue} keeps one"
        )
    told = f"The credential of {options.venue} (key {found.hint}) is given back by {kept.place}."
    verdict, code = _judged(options, kept)
    say(f"{told} {verdict}")
    return code


def _judged(options: argparse.Namespace, kept: Credentials) -> tuple[str, int]:
    """Let the venue judge the credential; return its verdict and the exit code."""
    from engine.shell.venue_check import AUTH, has_way, steps_to  # noqa: PLC0415  # only where one is asked

    label = find(options.venue).label
    if not has_way(options.venue):
        return f"{label} itself was not asked: nothing here speaks to it yet.", 0

    async def walked() -> list[Step]:
        return [step async for step in steps_to(options.venue, chosen_settings(options), kept, only=AUTH)]

    *before, auth = asyncio.run(walked())
    if auth.outcome is Outcome.OK:
        return f"{auth.detail}.", 0
    if auth.outcome is Outcome.FAILED:
        return f"{auth.detail}. {auth.remedy}", UNWELL
    failed = next((step for step in before if step.outcome is Outcome.FAILED), None)
    if failed is None:
        return f"{label} itself was not asked: {auth.detail}.", 0
    return f"{label} could not be asked: {failed.name}: {failed.detail}. {failed.remedy}", UNWELL


_ERRANDS: Mapping[str, Callable[[argparse.Namespace, Credentials], int]] = {
    "add": _add,
    "list": _list,
    "remove": _remove,
    "test": _test,
}


def _credentials(options: argparse.Namespace) -> Credentials:
    from engine.credentials import Credentials  # noqa: PLC0415  # help needs none of it
    from terminal.entry.passphrase_entry import PassphraseEntry  # noqa: PLC0415

    settings = chosen_settings(options)
    return Credentials(settings, options.key_file, PassphraseEntry(settings.vault), standard_folders())
