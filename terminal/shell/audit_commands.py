"""What the command about the audit log does, and what it prints."""

from __future__ import annotations

import argparse
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import msgspec

from engine.clock import SystemClock
from engine.errors import ConfigError
from engine.folders import standard_folders
from terminal.entry.passphrase_entry import PassphraseEntry
from terminal.entry.signer import signer
from terminal.shell.chosen_settings import chosen_settings
from terminal.shell.deciding import ACCEPT, check_typed, reason_of
from terminal.shell.telling import say, utc

if TYPE_CHECKING:
    from engine.shell.audit_trail import AuditTrail, Entry

BROKEN = 1
"""The exit code where the log is not what was written."""


def audit(options: argparse.Namespace) -> int:
    """Verify the audit log, show it, or take it as it stands."""
    return _ERRANDS[options.errand](options, _trail(options))


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"audit": audit}
"""The function of each command."""


def _verify(options: argparse.Namespace, trail: AuditTrail) -> int:
    from engine.shell.audit_trail import AuditBroken  # noqa: PLC0415  # help needs none of it

    try:
        found = trail.verify(options.head)
    except AuditBroken as error:
        if options.json:
            return say(_as_json({"whole": False, "why": str(error)}), BROKEN)
        return say(f"The audit log is broken: {error}", BROKEN)
    if options.json:
        return say(_as_json({"whole": True, **msgspec.to_builtins(found)}))
    if not found.entries:
        return say(f"{trail.path} has no entry yet.")
    told = f"The audit log is whole: {found.entries:,} entries, the last one of {utc(found.last_ns)}."
    if found.torn_bytes:
        told += f" Behind it are {found.torn_bytes:,} bytes of half an entry, as a crash leaves it; the next entry says so and takes its place."
    if found.head is None:
        return say(
            f"{told} No head is signed yet, so what is missing at its end is not noticed; a backup signs one."
        )
    return say(f"{told} Signed up to entry {found.head.number:,} on {utc(found.head.signed_ns)}.")


def _show(options: argparse.Namespace, trail: AuditTrail) -> int:
    if options.last < 1:
        raise ConfigError(f"--last: expected a whole number above 0, found {options.last}")
    rows = deque(trail.entries(), maxlen=options.last)
    if options.json:
        return say(_as_json([msgspec.to_builtins(entry) for entry in rows]))
    if not rows:
        return say(f"{trail.path} has no entry yet.")
    return say("\n".join(_in_words(entry) for entry in rows))


def _accept(options: argparse.Namespace, trail: AuditTrail) -> int:
    from engine.shell.audit_trail import check_may_accept  # noqa: PLC0415  # help needs none of it

    found, reason = trail.as_it_stands(options.head), reason_of(options)
    if not options.json:
        say(f"{found.why}.")
        say(f"By itself the log that is here is whole, up to entry {found.log.entries:,}.")
    settings = chosen_settings(options)
    decider, role = signer(options, settings, standard_folders(), PassphraseEntry(settings.vault))
    check_may_accept(role)
    check_typed(options, ACCEPT, "take it as it stands")
    head, aside = found.accept(decider, reason, SystemClock())
    if options.json:
        return say(_as_json({"head": msgspec.to_builtins(head), "moved_aside": str(aside), "why": found.why}))
    say(f"The head of before is now {aside}: keep it.")
    return say(f"The audit log is taken as it stands, and signed up to entry {head.number:,}.")


_ERRANDS: Mapping[str, Callable[[argparse.Namespace, AuditTrail], int]] = {
    "verify": _verify,
    "show": _show,
    "accept": _accept,
}


def _in_words(entry: Entry) -> str:
    change = f"{entry.before} → {entry.after}" if entry.before else entry.after
    where = f"{entry.who} ({entry.origin})"
    return f"{entry.number:6}  {utc(entry.time_ns)}  {where:20}  {entry.what:14}  {entry.subject}  {change}".rstrip()


def _trail(options: argparse.Namespace) -> AuditTrail:
    from engine.shell.audit_trail import AuditTrail  # noqa: PLC0415  # help needs none of it

    folders = standard_folders()
    settings = chosen_settings(options)
    return AuditTrail(folders, settings, PassphraseEntry(settings.vault), options.key_file)


def _as_json(found: object) -> str:
    return msgspec.json.format(msgspec.json.encode(found)).decode()
