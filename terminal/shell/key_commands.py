"""What the commands about the first steps and our own keys do, and what they print: never a key."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from engine.clock import SystemClock
from engine.config import Settings
from engine.errors import ConfigError
from engine.folders import standard_folders
from terminal.entry.passphrase_entry import PassphraseEntry
from terminal.entry.password_entry import new_password
from terminal.shell.chosen_settings import chosen_settings
from terminal.shell.telling import say, utc

if TYPE_CHECKING:
    from engine.credentials import AskPassphrase
    from engine.shell.keys import Keys


def setup(options: argparse.Namespace) -> int:
    """Make the keys and the first operator, where they are not there yet."""
    settings = chosen_settings(options)
    ask = PassphraseEntry(settings.vault)
    for made in _keys(options, settings, ask).make():
        done = "made" if made.is_new else "there already"
        say(f"{made.kind + ' key':12} {made.id}  {done}, in {made.place}")
        if made.is_new and made.kind == "backup":
            say(
                "             without it no backup opens: keep a copy elsewhere (touchline backup --copy-key FILE)"
            )
    return 0 if options.keys_only else _first_operator(options, settings, ask)


def keys(options: argparse.Namespace) -> int:
    """List or rotate our own keys, or change the passphrase of the vault."""
    settings = chosen_settings(options)
    return _ERRANDS[options.errand](options, _keys(options, settings, PassphraseEntry(settings.vault)))


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"setup": setup, "keys": keys}
"""The function of each command."""


def _first_operator(options: argparse.Namespace, settings: Settings, ask: AskPassphrase) -> int:
    from engine.shell.operators import Operators, Role, login_name  # noqa: PLC0415  # help needs none of it

    operators = Operators(standard_folders(), settings, SystemClock(), ask, options.key_file)
    if found := operators.all():
        names = ", ".join(each.operator.name for each in found)
        return say(f"{'operators':12} {names}  there already")
    name = options.operator or login_name()
    operators.add(name, Role.ADMIN, new_password(name))
    return say(f"{'operator':12} {name}  made, as admin: a desk that is opened now asks who it is")


def _list(_options: argparse.Namespace, kept: Keys) -> int:
    rows = kept.all()
    if not rows:
        return say("There are no keys yet; touchline setup makes them.")
    for row in rows:
        until = f" until {utc(row.until_ns)}" if row.until_ns else ""
        say(f"{row.kind:8} {row.id}  {row.does}{until}")
    return 0


def _rotate(options: argparse.Namespace, kept: Keys) -> int:
    if options.kind == "signing":
        made = kept.rotate_signing(at_once=options.at_once)
        before = "no longer verify" if options.at_once else "verify until their tokens end"
        return say(f"The signing key {made} signs from now on; those before it {before}.")
    if options.at_once:
        raise ConfigError(
            "--at-once is for the signing key: old backups are to be opened, old models to verify"
        )
    if options.kind == "model":
        return say(
            f"The model key {kept.rotate_model()} signs from now on; what those before it signed verifies."
        )
    made = kept.rotate_backup()
    return say(
        f"The backup key {made} seals from now on; old backups still open. touchline backup --base seals all anew."
    )


def _passphrase(_options: argparse.Namespace, kept: Keys) -> int:
    def ask_new(place: str, *, new: bool) -> str:  # noqa: ARG001  # the port's own
        return new_password(place)

    return say(f"{kept.change_passphrase(ask_new)} has another passphrase. Start what runs with it again.")


_ERRANDS: Mapping[str, Callable[[argparse.Namespace, Keys], int]] = {
    "list": _list,
    "rotate": _rotate,
    "passphrase": _passphrase,
}


def _keys(options: argparse.Namespace, settings: Settings, ask: AskPassphrase) -> Keys:
    from engine.shell.keys import Keys  # noqa: PLC0415  # help needs none of it

    return Keys(standard_folders(), settings, SystemClock(), ask, options.key_file)
