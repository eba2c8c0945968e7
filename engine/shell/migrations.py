"""Every store of a home, which schema it has, and how it comes to another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from engine.clock import Clock
from engine.folders import Folders
from engine.migrations.journal import MigrationRefused, losses_of, migrate_journal, schema_in
from engine.migrations.operators import losses_in, move_operators, version_in
from engine.migrations.schemas import CURRENT, JOURNAL, OPERATORS, check_schema, known_to
from engine.migrations.start import held
from engine.migrations.swap import clear_up
from engine.security.audit.log import NAME as AUDIT
from engine.security.audit.log import AuditLog
from engine.security.audit.migrated import write_migrated
from engine.store.accounts import accounts_in
from engine.version import program_version


class Store(NamedTuple):
    """One thing that is kept, and where it is to go."""

    kind: str
    name: str
    """The account of a journal; empty for the operators."""
    path: Path
    schema: int
    becomes: int
    loss: str
    """What the schema that it becomes can't hold, in a sentence; empty where nothing is lost."""

    @property
    def moves(self) -> bool:
        """Whether it has another schema than it is to have."""
        return self.schema != self.becomes

    @property
    def label(self) -> str:
        """What it is called in a sentence."""
        return f"{self.kind} {self.name}".rstrip()


class Moved(NamedTuple):
    """A store that has its schema now."""

    store: Store
    backup: Path
    lost: Path | None


class Migrations:
    """The stores of one home."""

    def __init__(self, folders: Folders, clock: Clock) -> None:
        self._folders = folders
        self._clock = clock
        self._audit = AuditLog(folders.data / AUDIT, clock)

    def targets(self, *, to: int | None, version: str | None, store: str) -> dict[str, int]:
        """Return which schema each kind of store is to have.

        Raises:
            ConfigError: there is no such version, or no such schema.
        """
        if version is not None:
            return dict(known_to(version))
        if to is None:
            return dict(CURRENT)
        check_schema(store, to)
        return {store: to}

    def stores(self, targets: dict[str, int]) -> list[Store]:
        """Return every store that is there.

        Raises:
            MigrationRefused: one is newer than this program, or sealed and to become what has no sealed records.
            FileDataError: one can't be read.
        """
        return [*self._journals(targets.get(JOURNAL)), *self._operators(targets.get(OPERATORS))]

    def migrate(self, stores: list[Store], *, allow_loss: bool) -> Iterator[Moved]:
        """Bring each store to its schema, and yield it; nothing is touched where one of them can't be.

        Raises:
            MigrationRefused: an older schema can't hold everything, and nothing may be lost.
            JournalInUse: a desk runs on one of the accounts.
            JournalError: a journal can't be written.
            SecretsError: the audit log can't be written.
        """
        with ExitStack() as stack:
            for mode in accounts_in(self._journal):
                stack.enter_context(held(self._journal / mode))
            refused = [each for each in stores if each.loss and not allow_loss]
            if refused:
                told = "; ".join(
                    f"{each.label}: schema {each.becomes} can't hold all of it: {each.loss}"
                    for each in refused
                )
                raise MigrationRefused(
                    f"{told}; nothing was changed. --allow-loss leaves it out and writes it into a file beside the backup"
                )
            for store in stores:
                if store.moves:
                    yield self._move(store, allow_loss=allow_loss)

    @property
    def _journal(self) -> Path:
        return self._folders.data / "journal"

    def _journals(self, to: int | None) -> Iterator[Store]:
        for mode in accounts_in(self._journal):
            folder = self._journal / mode
            schema = schema_in(folder)
            if schema is None:
                continue
            _check(f"journal {mode}", JOURNAL, schema)
            becomes = schema if to is None else to
            losses = losses_of(folder, becomes) if becomes < schema else None
            loss = losses.sentence() if losses is not None and losses.records else ""
            yield Store(JOURNAL, mode, folder, schema, becomes, loss)

    def _operators(self, to: int | None) -> Iterator[Store]:
        path = self._folders.operators
        schema = version_in(path)
        if schema is None:
            return
        _check(OPERATORS, OPERATORS, schema)
        becomes = schema if to is None else to
        losses = losses_in(path, becomes)
        yield Store(OPERATORS, "", path, schema, becomes, losses.sentence() if losses.records else "")

    def _move(self, store: Store, *, allow_loss: bool) -> Moved:
        def note(before: int, after: int) -> None:
            write_migrated(self._audit, store.label, before, after)

        if store.kind == JOURNAL:
            clear_up(store.path)
            _, _, backup, lost = migrate_journal(
                store.path, store.becomes, self._clock, note, allow_loss=allow_loss
            )
        else:
            backup, lost = move_operators(store.path, store.becomes, note, allow_loss=allow_loss)
        return Moved(store, backup, lost)


def _check(label: str, kind: str, schema: int) -> None:
    if schema > CURRENT[kind]:
        raise MigrationRefused(
            f"{label} has schema {schema}, and this version ({program_version()}) knows up to {CURRENT[kind]}; nothing was "
            f"changed. Say with the version that wrote it: touchline migrate --store {kind} --to {CURRENT[kind]}"
        )
