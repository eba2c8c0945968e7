"""What the command about the audit log does, and what it prints."""

from __future__ import annotations

import argparse
import sys
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from engine.clock import NS_PER_S
from engine.config import load_settings
from engine.errors import ConfigError
from engine.folders import standard_folders

if TYPE_CHECKING:
    from engine.shell.audit_trail import AuditTrail, Entry

BROKEN = 1
"""The exit code where the log is not what was written."""


def audit(options: argparse.Namespace) -> int:
    """Verify or show the audit log."""
    return _ERRANDS[options.errand](options, _trail(options))


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"audit": audit}
"""The function of each command."""


def _verify(options: argparse.Namespace, trail: AuditTrail) -> int:
    from engine.shell.audit_trail import AuditBroken  # noqa: PLC0415  # help needs none of it

    try:
        found = trail.verify(options.head)
    except AuditBroken as error:
        if options.json:
            return _say(_as_json({"whole": False, "why": str(error)}), BROKEN)
        return _say(f"The audit log is broken: {error}", BROKEN)
    if options.json:
        return _say(_as_json({"whole": True, **msgspec.to_builtins(found)}))
    if not found.entries:
        return _say(f"{trail.path} has no entry yet.")
    told = f"The audit log is whole: {found.entries:,} entries, the last one of {_utc(found.last_ns)}."
    if found.head is None:
        return _say(
            f"{told} No head is signed yet, so what is missing at its end is not noticed; a backup signs one."
        )
    return _say(f"{told} Signed up to entry {found.head.number:,} on {_utc(found.head.signed_ns)}.")


def _show(options: argparse.Namespace, trail: AuditTrail) -> int:
    if options.last < 1:
        raise ConfigError(f"--last: expected a whole number above 0, found {options.last}")
    rows = deque(trail.entries(), maxlen=options.last)
    if options.json:
        return _say(_as_json([msgspec.to_builtins(entry) for entry in rows]))
    if not rows:
        return _say(f"{trail.path} has no entry yet.")
    return _say("\n".join(_in_words(entry) for entry in rows))


_ERRANDS: Mapping[str, Callable[[argparse.Namespace, AuditTrail], int]] = {"verify": _verify, "show": _show}


def _in_words(entry: Entry) -> str:
    change = f"{entry.before} → {entry.after}" if entry.before else entry.after
    where = f"{entry.who} ({entry.origin})"
    return f"{entry.number:6}  {_utc(entry.time_ns)}  {where:20}  {entry.what:14}  {entry.subject}  {change}".rstrip()


def _trail(options: argparse.Namespace) -> AuditTrail:
    from engine.shell.audit_trail import AuditTrail  # noqa: PLC0415  # help needs none of it
    from terminal.entry.passphrase_entry import PassphraseEntry  # noqa: PLC0415

    if options.config is not None and not options.config.exists():
        raise ConfigError(f"{options.config}: there is no such file")
    folders = standard_folders()
    settings = load_settings(options.config or folders.settings)
    return AuditTrail(folders, settings, PassphraseEntry(settings.vault), options.key_file)


def _as_json(found: object) -> str:
    return msgspec.json.format(msgspec.json.encode(found)).decode()


def _say(text: str, code: int = 0) -> int:
    sys.stdout.write(f"{text}\n")
    return code


def _utc(time_ns: int) -> str:
    return f"{datetime.fromtimestamp(time_ns // NS_PER_S, tz=UTC):%Y-%m-%dT%H:%M:%SZ}"
