"""An account's journal in another schema: on a copy, beside a backup that is kept, put in place at once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from engine.clock import NS_PER_S, Clock
from engine.errors import EngineError, FileDataError, JournalError
from engine.files import whole_file
from engine.migrations.records import NEVER_LOST, Lowered, lower
from engine.migrations.swap import BACKUP, clear_up, make_whole, part_of, put_in_place, staged_beside
from engine.store.disk import LOCK, FolderDisk
from engine.store.header import Header
from engine.store.journal import SegmentJournal
from engine.store.projection import remove_database
from engine.store.reading import EntryDecoder
from engine.store.scan import Scan
from engine.store.sealed_record import is_sealed
from engine.store.segment import HEADER, SCHEMA_VERSION, number_of, pack_header, schema_of
from engine.store.snapshots import SUFFIX as SNAPSHOT

_STAMPED_MIN: Final = 1
"""The lowest schema that a header says: 0 and 1 differ in what their records may hold."""
_NAMED_MAX: Final = 5


class MigrationRefused(EngineError):
    """What is kept can't be brought to that schema; nothing of it was changed."""


class Losses(NamedTuple):
    """What an older schema can't hold."""

    records: int
    examples: tuple[str, ...]
    """Each kind and field once."""

    def sentence(self) -> str:
        """Say what would be lost."""
        named = ", ".join(self.examples[:_NAMED_MAX])
        more = len(self.examples) - _NAMED_MAX
        hold = "record holds" if self.records == 1 else "records hold"
        return f"{self.records:,} {hold} what it has no place for: {named}" + (
            f" and {more} more" if more > 0 else ""
        )


class Migrated(NamedTuple):
    """What became of a journal."""

    before: int
    after: int
    backup: Path
    """The journal as it was."""
    lost: Path | None = None
    """What the older schema could not hold."""

    @property
    def sentence(self) -> str:
        """Say what was done and where the journal is as it was."""
        return f"the journal was brought from schema {self.before} to {self.after}; as it was it is in {self.backup.name}"


def schema_in(folder: Path) -> int | None:
    """Return the schema of the journal in a folder: the highest where it is newer than this program, else the lowest.

    None where nothing was written there yet.

    Raises:
        FileDataError: it can't be read.
    """
    disk = FolderDisk(folder)
    try:
        heads = (disk.read(name, 0, HEADER.size) for name in disk.names() if number_of(name))
        found = {schema for head in heads if (schema := schema_of(head))}
    except (OSError, JournalError) as error:
        reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        raise FileDataError(str(folder), reason) from error
    return _judged(found)


def losses_of(folder: Path, to: int) -> Losses:
    """Return what a schema can't hold of a journal.

    Raises:
        FileDataError: a record can't be read.
        MigrationRefused: it is sealed, or has what no one may lose, which that schema has not.
    """
    if to >= _STAMPED_MIN:
        return Losses(0, ())
    records, examples = 0, dict[str, None]()
    for _, _, lowered in _lowered(folder):
        records += bool(lowered.lost)
        examples.update(dict.fromkeys(lowered.lost))
    return Losses(records, tuple(examples))


def migrate_journal(
    folder: Path, to: int, clock: Clock, note: Callable[[int, int], None], *, allow_loss: bool = False
) -> Migrated:
    """Bring the journal in a folder to a schema; nobody else may write there, which the caller sees to.

    `note` hears of both schemas when all is ready; what it raises leaves everything as it was.

    Raises:
        MigrationRefused: that schema can't hold everything, and nothing may be lost.
        FileDataError: a record can't be read.
        JournalError: it can't be written.
    """
    before = schema_in(folder)
    assert before is not None, "there is a journal"
    losses = losses_of(folder, to)
    if losses.records and not allow_loss:
        raise MigrationRefused(
            f"{folder}: schema {to} can't hold all of it: {losses.sentence()}; "
            "--allow-loss leaves it out and writes it into a file beside the backup"
        )
    try:
        backup, lost = _prepare(folder, before, to, clock, note, loses=bool(losses.records))
        if to < _STAMPED_MIN:
            remove_database(folder.parent.parent / f"{folder.name}.sqlite3")
        put_in_place(staged_beside(folder), folder)
    except OSError as error:
        raise JournalError(f"{folder} can't be migrated: {error.strerror or error}") from error
    return Migrated(before, to, backup, lost)


def _prepare(
    folder: Path, before: int, to: int, clock: Clock, note: Callable[[int, int], None], *, loses: bool
) -> tuple[Path, Path | None]:
    """Have the new journal and the copy of the old one beside it; nothing is left of them where that fails."""
    backup = _free_name(folder, before, clock)
    lost = backup.with_name(f"{backup.name}.lost.jsonl")
    try:
        _stage(folder, to)
        _back_up(folder, backup)
        if loses:
            _keep_lost(folder, lost)
        note(before, to)
    except BaseException:
        shutil.rmtree(backup, ignore_errors=True)
        lost.unlink(missing_ok=True)
        clear_up(folder)
        raise
    return backup, lost if loses else None


def _judged(found: set[int]) -> int | None:
    highest = max(found, default=None)
    return highest if highest is None or highest > SCHEMA_VERSION else min(found)


def _free_name(folder: Path, schema: int, clock: Clock) -> Path:
    at = datetime.fromtimestamp(clock.now_ns() // NS_PER_S, UTC)
    name = f"{folder.name}{BACKUP}{schema}-{at:%Y%m%dT%H%M%SZ}"
    names = map(folder.with_name, chain((name,), (f"{name}-{number}" for number in count(2))))
    return next(path for path in names if not path.exists())


def _back_up(folder: Path, backup: Path) -> None:
    part = part_of(backup)
    for path in _kept(folder):
        shutil.copyfile(path, part / path.name, follow_symlinks=False)
        (part / path.name).chmod(0o600)
    make_whole(part, backup)


def _stage(folder: Path, to: int) -> None:
    clear_up(folder)
    staged = staged_beside(folder)
    part = part_of(staged)
    if to >= _STAMPED_MIN:
        _restamp(_kept(folder), part, to)
    else:
        _rewrite(folder, part)
    (part / LOCK).touch(mode=0o600)
    make_whole(part, staged)


def _kept(folder: Path) -> Iterator[Path]:
    """Yield the files of a journal: not the lock, nor what lies ready and was never begun."""
    for path in sorted(folder.iterdir()):
        if path.name == LOCK or (number_of(path.name) and not _begun(path)):
            continue
        yield path


def _begun(path: Path) -> bool:
    with path.open("rb") as file:
        return any(file.read(HEADER.size))


def _restamp(paths: Iterator[Path], part: Path, to: int) -> None:
    """Copy files as they are, but for the schema that segments say they have."""
    for path in paths:
        data = path.read_bytes()
        if number_of(path.name) and schema_of(data):
            data = pack_header(Header(*HEADER.unpack_from(data)[3:]), to) + data[HEADER.size :]
        _write(part / path.name, data)


def _rewrite(folder: Path, part: Path) -> None:
    """Write each record as schema 0 has it; what is made of records is made again."""
    journal = SegmentJournal(FolderDisk(part), durability="process", threaded=False).open()
    try:
        for _, time_ns, lowered in _lowered(folder):
            for record in lowered.records:
                journal.append(record, time_ns)
                journal.sync_now()
    finally:
        journal.close()
    _restamp(iter(list(_kept(part))), part, _STAMPED_MIN)
    for path in _kept(folder):
        if not number_of(path.name) and not path.name.endswith(SNAPSHOT):
            _write(part / path.name, path.read_bytes())


def _lowered(folder: Path) -> Iterator[tuple[int, int, Lowered]]:
    disk = FolderDisk(folder)
    decoder = EntryDecoder()
    for sequence, payload in Scan(disk):
        if is_sealed(payload):
            raise MigrationRefused(f"{folder}: it is encrypted, and schema 0 has no sealed records")
        try:
            entry = decoder.decode(sequence, payload)
        except msgspec.DecodeError as error:
            raise FileDataError(str(folder), str(error), sequence) from error
        lowered, kind = lower(entry.record), type(entry.record).__name__
        if kind in NEVER_LOST:
            raise MigrationRefused(
                f"{folder}, record {sequence:,}: schema 0 has no {kind}, and without it the position would be another; "
                f"schema {_STAMPED_MIN} holds all of it"
            )
        lost = {f"{kind}.{where}".rstrip("."): what for where, what in lowered.lost.items()}
        yield sequence, entry.time_ns, Lowered(lowered.records, lost)


def _keep_lost(folder: Path, path: Path) -> None:
    with whole_file(path) as file:
        for sequence, time_ns, lowered in _lowered(folder):
            if lowered.lost:
                told = {"sequence": sequence, "time_ns": time_ns, "lost": msgspec.to_builtins(lowered.lost)}
                file.write(json.dumps(told).encode() + b"\n")


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    path.chmod(0o600)
