"""What the command about Redis does, and what it prints: never the password."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from engine.config import Settings, load_settings
from engine.errors import ConfigError
from engine.folders import standard_folders

if TYPE_CHECKING:
    from engine.credentials import Credentials
    from engine.shared_redis import Finding

TO_CHANGE = 1
"""The exit code where something is to be changed."""


def redis(options: argparse.Namespace) -> int:
    """Check the Redis, or keep or forget the password of its user."""
    from engine.credentials import Credentials  # noqa: PLC0415  # help needs none of it
    from terminal.passphrase_entry import PassphraseEntry  # noqa: PLC0415

    if options.config is not None and not options.config.exists():
        raise ConfigError(f"{options.config}: there is no such file")
    settings = load_settings(options.config or standard_folders().settings)
    kept = Credentials(settings, options.key_file, PassphraseEntry(settings.vault))
    return _ERRANDS[options.errand](settings, kept)


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"redis": redis}
"""The function of each command."""


def _check(settings: Settings, kept: Credentials) -> int:
    from engine.shared_redis import Verdict, check  # noqa: PLC0415  # help needs none of it

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
    from engine.shared_redis import CREDENTIAL  # noqa: PLC0415  # help needs none of it
    from engine.venues import KeyForm  # noqa: PLC0415
    from terminal.credential_entry import asked_for  # noqa: PLC0415

    del settings
    kept.keep(CREDENTIAL, asked_for("Redis", KeyForm(key="user", secret="password")))  # noqa: S106  # what it is called
    sys.stdout.write(f"The user of Redis and its password are in {kept.place}.\n")
    return 0


def _remove(settings: Settings, kept: Credentials) -> int:
    from engine.shared_redis import CREDENTIAL  # noqa: PLC0415  # help needs none of it

    del settings
    told = "is no longer" if kept.forget(CREDENTIAL) else "was not"
    sys.stdout.write(f"The password of Redis {told} in {kept.place}.\n")
    return 0


_ERRANDS: Mapping[str, Callable[[Settings, Credentials], int]] = {
    "check": _check,
    "add": _add,
    "remove": _remove,
}
