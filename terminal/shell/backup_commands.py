"""What the commands about backups do, and what they print."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from engine.clock import SystemClock
from engine.errors import ConfigError
from engine.folders import standard_folders
from terminal.shell.chosen_settings import chosen_settings
from terminal.shell.model_backup_words import models_as_json, models_restored, models_taken
from terminal.shell.telling import say, utc

if TYPE_CHECKING:
    from engine.shell.backups import Backups, Chain, KeyRing, Taken
    from engine.shell.model_backups import ModelBackups

_TELL_FROM_BYTES = 32 << 20
"""Work on less is done before a line about it could be read."""


def backup(options: argparse.Namespace) -> int:
    """Back up what is new, or say what is kept, or copy the keys."""
    backups = _backups(options, options.to)
    if options.copy_key is not None:
        return say(f"{backups.copy_keys(options.copy_key).place} has every key of {backups.secrets.place}.")
    if options.list:
        return _list(backups, options)
    modes = [options.mode] if options.mode else backups.accounts()
    if not modes:
        raise ConfigError("there is no journal yet, so nothing to back up; the desk begins one")
    keys = _keys_to_seal(backups, options)
    for mode in modes:
        taken = backups.take(mode, keys, _progress("backing up", quiet=options.json), base=options.base)
        say(_as_json(mode, taken) if options.json else _in_words(mode, taken, backups.where))
    models = _models(backups, options).take(keys)
    if models is not None and not options.json:
        _say_all(models_taken(models))
    head = backups.sign_audit()
    if head is not None and not options.json:
        say(f"The audit log is signed up to entry {head.number:,}.")
    return 0


def restore(options: argparse.Namespace) -> int:
    """Put an account back as it was."""
    from engine.shell.backups import Target  # noqa: PLC0415  # help needs none of it

    backups = _backups(options, options.source)
    mode, (sequence, time_ns) = _kept_mode(backups, options), options.to
    target, keys = Target(sequence=sequence, time_ns=time_ns), backups.keys()
    restored, placed = backups.restore(mode, keys, target, _progress("restoring", quiet=options.json))
    models = _models(backups, options).restore(keys)
    audit = backups.told(mode, restored)
    if options.json:
        told = {
            "mode": mode, **restored._asdict(), **placed._asdict(), "models": models_as_json(models), "audit": audit,
        }  # fmt: skip
        return say(json.dumps(told, indent=2, default=str))
    for problem in restored.passed_over:
        say(f"Passed over: {problem}")
    say(f"The {mode} account is back at record {restored.last_sequence}, written {utc(restored.last_ns)}.")
    if placed.moved_aside is not None:
        say(f"The journal that was there is now {placed.moved_aside}.")
    for path in placed.config:
        say(f"Settings: wrote {path}.")
    _say_all(models_restored(models))
    _say_all(audit)
    return say("The broker may know more: the desk opens halted, and stays so until both books agree.")


def drill(options: argparse.Namespace) -> int:
    """Prove that the newest state can be restored, and how long it takes."""
    backups = _backups(options, options.source)
    mode, keys = _kept_mode(backups, options), backups.keys()
    models = _models(backups, options).drill(keys)
    found = backups.drill(mode, keys)
    if options.json:
        return say(msgspec.json.format(msgspec.json.encode(found)).decode())
    rows = {
        "account": found.mode,
        "pieces": found.base if found.base == found.tip else f"{found.base} to {found.tip}",
        "last record": f"{found.last_sequence}, written {found.last_record_at}",
        "state": found.state,
        "compared": "it is the one that was backed up"
        if found.proven
        else "no: another version backed it up",
        "recovery time": f"{found.recovery_time_s:.3f} s, restored, checked and replayed",
        "recovery point": f"{found.recovery_point_s:.0f} s since the newest piece",
        "not backed up": "unknown" if found.records_behind is None else f"{found.records_behind} records",
        "models": "none backed up" if models is None else f"{models.files} files, whole, of {models.name}",
    }
    return say("\n".join(f"{name:15} {value}" for name, value in rows.items()))


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "backup": backup,
    "restore": restore,
    "drill": drill,
}
"""The function of each command."""


def _backups(options: argparse.Namespace, folder: Path | None) -> Backups:
    from engine.shell.backups import Backups  # noqa: PLC0415  # help needs none of it
    from terminal.entry.passphrase_entry import PassphraseEntry  # noqa: PLC0415

    folders = standard_folders()
    settings = chosen_settings(options)
    chosen = settings.backup
    if folder is not None:
        chosen = msgspec.structs.replace(chosen, folder=str(folder))
    if options.key_file is not None:
        chosen = msgspec.structs.replace(chosen, key_file=str(options.key_file))
    return Backups(folders, settings, chosen, SystemClock(), PassphraseEntry(settings.vault))


def _models(backups: Backups, options: argparse.Namespace) -> ModelBackups:
    from engine.shell.model_backups import ModelBackups  # noqa: PLC0415  # help needs none of it

    settings = chosen_settings(options)
    return ModelBackups(standard_folders(), backups.where, settings.backup, SystemClock())


def _keys_to_seal(backups: Backups, options: argparse.Namespace) -> KeyRing:
    keys, is_new = backups.keys_to_seal()
    if is_new and not options.json:
        say(
            f"Made the first key, in {backups.secrets.place}. Without it no backup opens: "
            "keep a copy elsewhere (touchline backup --copy-key FILE)."
        )
    return backups.rotate_key() if options.rotate_key else keys


def _kept_mode(backups: Backups, options: argparse.Namespace) -> str:
    kept: list[str] = [options.mode] if options.mode else backups.kept()
    if not kept:
        raise ConfigError(f"{backups.where} holds no backup; touchline backup makes one")
    if len(kept) > 1:
        raise ConfigError(f"{backups.where} holds several accounts: say --mode {' or '.join(kept)}")
    return kept[0]


def _list(backups: Backups, options: argparse.Namespace) -> int:
    modes = [options.mode] if options.mode else backups.kept()
    if not modes:
        raise ConfigError(f"{backups.where} holds no backup; touchline backup makes one")
    keys = backups.keys()
    chains = {mode: backups.chains(mode, keys) for mode in modes}
    if options.json:
        return say(json.dumps({mode: _pieces(found) for mode, found in chains.items()}, indent=2))
    for mode, found in chains.items():
        for row in _pieces(found):
            say(f"{mode:10} " + "  ".join(str(value) for value in row.values()))
    return 0


def _pieces(chains: list[Chain]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for chain in chains:
        for piece in chain.pieces:
            told = piece.manifest
            rows.append(
                {
                    "piece": told.data_name,
                    "made": utc(told.made_ns),
                    "records": f"{told.first_sequence}-{told.last_sequence}",
                    "until": utc(told.last_ns),
                    "bytes": told.data_bytes,
                }
            )
        if chain.fault is not None:
            rows.append({"fault": str(chain.fault)})
    return rows


def _in_words(mode: str, taken: Taken, where: Path) -> str:
    made = taken.manifest
    if made is None:
        return f"{mode}: nothing new since record {taken.last_sequence}, written {utc(taken.last_ns)}."
    count = made.last_sequence - made.first_sequence + 1
    kept = f" Pieces no longer kept: {len(taken.removed)}." if taken.removed else ""
    return (
        f"{mode}: {made.data_name}, {count} records up to {made.last_sequence} ({utc(made.last_ns)}), "
        f"{made.data_bytes} bytes in {where / mode}.{kept}"
    )


def _as_json(mode: str, taken: Taken) -> str:
    made = taken.manifest
    return json.dumps(
        {
            "mode": mode,
            "piece": made.data_name if made is not None else None,
            "last_sequence": taken.last_sequence,
            "last_record_at": utc(taken.last_ns),
            "bytes": made.data_bytes if made is not None else 0,
            "removed": taken.removed,
        }
    )


def _progress(what: str, *, quiet: bool) -> Callable[[int, int], None]:
    """Return what tells how far it is: a line that changes on a terminal, a line for each tenth in a pipe."""
    tty, told = sys.stdout.isatty(), -1

    def tell(done: int, total: int) -> None:
        nonlocal told
        percent = 100 * done // total
        step = percent if tty else percent // 10 * 10
        if quiet or total < _TELL_FROM_BYTES or step == told:
            return
        told = step
        end = "\r" if tty and done < total else "\n"
        sys.stdout.write(f"{what}: {step:3}% of {total >> 20} MB{end}")
        sys.stdout.flush()

    return tell


def _say_all(lines: Iterable[str]) -> None:
    for line in lines:
        say(line)
