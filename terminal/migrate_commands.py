"""What the command about schemas does, and what it prints."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from engine.clock import SystemClock
from engine.folders import standard_folders

if TYPE_CHECKING:
    from engine.shell.migrations import Moved, Store

OTHERWISE: Final = 1
"""The exit code of `--check` where a store has another schema."""


def migrate(options: argparse.Namespace) -> int:
    """Say which schema each store has, and bring it to the one that is wanted."""
    from engine.shell.migrations import Migrations  # noqa: PLC0415  # help needs none of it

    migrations = Migrations(standard_folders(), SystemClock())
    targets = migrations.targets(to=options.to, version=options.version, store=options.store)
    stores = migrations.stores(targets)
    if options.check:
        _print([_as_json(stores)] if options.json else _table(stores))
        return OTHERWISE if any(store.moves for store in stores) else 0
    moved = list(migrations.migrate(stores, allow_loss=options.allow_loss))
    _print([_as_json(stores, moved)] if options.json else _told(stores, moved))
    return 0


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"migrate": migrate}
"""The function of each command."""


def _table(stores: Iterable[Store]) -> Iterator[str]:
    yield f"{'store':28}  {'schema':>6}  {'becomes':>7}  what it can't hold"
    for store in stores:
        yield f"{store.label:28}  {store.schema:>6}  {store.becomes:>7}  {store.loss or 'nothing is lost'}"


def _told(stores: list[Store], moved: list[Moved]) -> Iterator[str]:
    for store in stores:
        if not store.moves:
            yield f"{store.label} has schema {store.schema} already."
    for each in moved:
        store = each.store
        yield f"{store.label}: schema {store.schema} became {store.becomes}; as it was: {each.backup}"
        if each.lost is not None:
            yield f"  left out, {store.loss}: {each.lost}"
    if not stores:
        yield "Nothing is kept here yet."


def _as_json(stores: Iterable[Store], moved: Iterable[Moved] = ()) -> str:
    done = {each.store: each for each in moved}
    return json.dumps([_row(store, done.get(store)) for store in stores], indent=2)


def _row(store: Store, moved: Moved | None) -> dict[str, object]:
    return {
        "store": store.kind,
        "account": store.name or None,
        "schema": store.schema,
        "becomes": store.becomes,
        "loss": store.loss or None,
        "backup": str(moved.backup) if moved is not None else None,
        "lost": str(moved.lost) if moved is not None and moved.lost is not None else None,
    }


def _print(lines: Iterable[str]) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
