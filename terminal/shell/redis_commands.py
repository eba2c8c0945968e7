"""What the command about Redis does, and what it prints: never the password."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from engine.config import Settings
from engine.folders import standard_folders
from terminal.shell.chosen_settings import chosen_settings

if TYPE_CHECKING:
    from engine.credentials import Credentials
    from engine.shell.shared_redis import Finding

TO_CHANGE = 1
"""The exit code where something is to be changed."""


def redis(options: argparse.Namespace) -> int:
    """Check the Redis, or keep or forget the password of its user."""
    return _ERRANDS[options.errand](*_places(options))


def desks(options: argparse.Namespace) -> int:
    """Print the desks that share the Redis, or count one as flat that is gone."""
    settings, kept = _places(options)
    return _desks(settings, kept) if options.forget is None else _forget(settings, kept, options.forget)


def _places(options: argparse.Namespace) -> tuple[Settings, Credentials]:
    from engine.credentials import Credentials  # noqa: PLC0415  # help needs none of it
    from terminal.entry.passphrase_entry import PassphraseEntry  # noqa: PLC0415

    settings = chosen_settings(options)
    kept = Credentials(settings, options.key_file, PassphraseEntry(settings.vault), standard_folders())
    return settings, kept


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"redis": redis, "desks": desks}
"""The function of each command."""


def _check(settings: Settings, kept: Credentials) -> int:
    from engine.shell.shared_redis import Verdict, check  # noqa: PLC0415  # help needs none of it

    async def found() -> list[Finding]:
        return [finding async for finding in check(settings, kept)]

    findings = asyncio.run(found())
    sys.stdout.write("".join(_lines(findings)))
    return TO_CHANGE if any(each.verdict is Verdict.CHANGE for each in findings) else 0


def _lines(findings: Iterable[Finding]) -> Iterable[str]:
    for each in findings:
        line = f": {each.line}" if each.line else ""
        yield f"{each.verdict:8} {each.name:17} {each.found}{line}\n"


def _add(settings: Settings, kept: Credentials) -> int:
    from engine.shell.shared_redis import CREDENTIAL  # noqa: PLC0415  # help needs none of it
    from engine.shell.venues import KeyForm  # noqa: PLC0415
    from terminal.entry.credential_entry import asked_for  # noqa: PLC0415

    del settings
    kept.keep(CREDENTIAL, asked_for("Redis", KeyForm(key="user", secret="password")))  # noqa: S106  # what it is called
    sys.stdout.write(f"The user of Redis and its password are in {kept.place}.\n")
    return 0


def _remove(settings: Settings, kept: Credentials) -> int:
    from engine.shell.shared_redis import CREDENTIAL  # noqa: PLC0415  # help needs none of it

    del settings
    told = "is no longer" if kept.forget(CREDENTIAL) else "was not"
    sys.stdout.write(f"The password of Redis {told} in {kept.place}.\n")
    return 0


def _desks(settings: Settings, kept: Credentials) -> int:
    from engine.shell.shared_redis import desks as found  # noqa: PLC0415  # help needs none of it
    from terminal.desk_table import HEADING, table  # noqa: PLC0415

    rows = asyncio.run(found(settings, kept))
    lines = [HEADING, *(line for line, _ in table(rows))] if rows else ["no desk is there"]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _forget(settings: Settings, kept: Credentials, name: str) -> int:
    from engine.shell.shared_redis import forget  # noqa: PLC0415  # help needs none of it

    asyncio.run(forget(settings, kept, name))
    sys.stdout.write(f"{name} counts as flat.\n")
    return 0


_ERRANDS: Mapping[str, Callable[[Settings, Credentials], int]] = {
    "check": _check,
    "add": _add,
    "remove": _remove,
}
