"""Takes a backup: a base that stands alone, or what came since the last piece."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from engine.clock import NS_PER_S, Clock
from engine.store.backup.chain import Chain, chains_of, verify
from engine.store.backup.errors import BackupError
from engine.store.backup.folder import BackupFolder, Piece
from engine.store.backup.manifest import BASE, INCREMENT, Extent, Manifest, StateProof
from engine.store.backup.source import config_of, digest_of, snapshot_of
from engine.store.backup.span import Span, span_after, whole_span
from engine.store.disk import FolderDisk
from engine.store.key_ring import KeyRing

Progress = Callable[[int, int], None]
"""Told how many bytes are done, of how many."""
DAY_NS = 86_400 * NS_PER_S
_READ_BYTES = 1 << 20


class Policy(Struct, frozen=True):
    """When a base is due, and how many are kept."""

    keep: int = 4
    """How many bases are kept, each with its increments; the newest ones that can be read whole."""
    base_days: int = 7
    """How old a base is when the next one is due."""


class Taken(NamedTuple):
    """What a backup did."""

    manifest: Manifest | None
    """The new piece; None if nothing happened since the last one."""
    last_sequence: int
    last_ns: int
    removed: tuple[str, ...]
    """The pieces that were not to be kept any longer."""


class Account(NamedTuple):
    """What is backed up."""

    journal: Path
    """The folder of its segments."""
    config: Path
    state_at: Callable[[int], StateProof] = lambda _: StateProof()
    """Works out the state after a record, for the drill to compare with."""


def take(
    account: Account,
    folder: BackupFolder,
    keys: KeyRing,
    clock: Clock,
    policy: Policy,
    progress: Progress,
    *,
    base: bool = False,
) -> Taken:
    """Back up what is new, and remove what is not to be kept any longer; the desk may be running.

    Raises:
        BackupError: there is nothing to back up, or it can't be read or written.
    """
    with folder.held():
        chains = chains_of(folder, keys)
        begun = _next(account, _due(chains, clock, policy, base=base))
        if begun is None:
            tip = chains[-1].tip
            return Taken(None, tip.last_sequence, tip.last_ns, ())
        try:
            proof = account.state_at(begun.span.last)
            manifest = _write(begun, proof, folder, keys, clock, progress)
        except OSError as error:
            raise BackupError(f"{folder.path}: {error.strerror or error}") from error
        removed = _prune(folder, keys, policy.keep) if manifest.kind == BASE else ()
        return Taken(manifest, manifest.last_sequence, manifest.last_ns, removed)


class _Begun(NamedTuple):
    """What the next piece will hold."""

    kind: str
    disk: FolderDisk
    span: Span
    config: dict[str, bytes]
    snapshot: dict[str, bytes]


def _due(chains: list[Chain], clock: Clock, policy: Policy, *, base: bool) -> Manifest | None:
    """Return the piece that an increment would follow, None if a base is due."""
    if base or not chains or chains[-1].fault is not None:
        return None
    young = clock.now_ns() - chains[-1].base.made_ns < policy.base_days * DAY_NS
    return chains[-1].tip if young else None


def _next(account: Account, follows: Manifest | None) -> _Begun | None:
    """Look what is to be backed up; None if nothing happened since the piece before."""
    if not account.journal.is_dir():
        raise BackupError(f"{account.journal}: there is no journal yet, so nothing to back up")
    disk, config = FolderDisk(account.journal), config_of(account.config)
    span = (
        span_after(account.journal, follows.last_sequence, follows.last_record)
        if follows is not None
        else None
    )
    if follows is None or span is None:
        span = whole_span(account.journal)
        return _Begun(BASE, disk, span, config, snapshot_of(disk, span.last))
    if not span.records and digest_of(config) == follows.config:
        return None
    return _Begun(INCREMENT, disk, span, config, {})


def _write(
    begun: _Begun, proof: StateProof, folder: BackupFolder, keys: KeyRing, clock: Clock, progress: Progress
) -> Manifest:
    number = max(folder.numbers(), default=0) + 1
    span, files = begun.span, {**begun.snapshot, **begun.config}
    extents = (*span.extents, *(Extent(name, 0, len(content)) for name, content in files.items()))
    with folder.new_data(f"{number:08d}.{begun.kind}", keys.current) as sealed:
        total, done = sum(extent.length for extent in extents), 0
        for data in chain(_journal(begun), files.values()):
            sealed.write(data)
            done += len(data)
            progress(done, total)
    manifest = Manifest(
        number=number,
        kind=begun.kind,
        mode=folder.mode,
        made_ns=clock.now_ns(),
        first_sequence=span.first,
        last_sequence=span.last,
        first_ns=span.first_ns,
        last_ns=span.last_ns,
        last_record=span.last_record,
        extents=extents,
        config=digest_of(begun.config),
        data_bytes=sealed.size_bytes,
        data=sealed.digest.digest(),
        previous=folder.digest(number - 1),
        proof=proof,
    )
    folder.publish(manifest, keys.current)
    return manifest


def _journal(begun: _Begun) -> Iterable[bytes]:
    for extent in begun.span.extents:
        end = extent.offset + extent.length
        for start in range(extent.offset, end, _READ_BYTES):
            size = min(_READ_BYTES, end - start)
            data = begun.disk.read(extent.name, start, size)
            if len(data) != size:
                raise BackupError(f"{extent.name} became shorter while it was backed up; try again")
            yield data


def _prune(folder: BackupFolder, keys: KeyRing, keep: int) -> tuple[str, ...]:
    """Remove the chains behind the newest `keep` that can be read whole; while fewer can, none."""
    chains = chains_of(folder, keys)
    whole = 0
    for place in range(len(chains) - 1, 0, -1):
        whole += _is_whole(folder, chains[place], keys)
        if whole >= max(keep, 1):
            return _remove(folder, chains[:place])
    return ()


def _is_whole(folder: BackupFolder, one: Chain, keys: KeyRing) -> bool:
    try:
        verify(folder, one, keys)
    except BackupError:
        return False
    return True


def _remove(folder: BackupFolder, chains: Iterable[Chain]) -> tuple[str, ...]:
    """Remove chains from their ends, so that one that is left half removed is still a chain."""
    gone: list[Piece] = [piece for one in chains for piece in one.pieces]
    for piece in reversed(gone):
        folder.remove(piece)
    return tuple(piece.manifest.data_name for piece in gone)
