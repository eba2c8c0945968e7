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
    moves = migrations.migrate(stores, allow_loss=options.allow_loss)
    if options.json:
        _print([_as_json(stores, moves)])
        return 0
    _print(_left(stores))
    for moved in moves:  # each is told as soon as it is done: the next one may fail
        _print(_told(moved))
    return 0


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"migrate": migrate}
"""The function of each command."""


def _table(stores: Iterable[Store]) -> Iterator[str]:
    yield f"{'store':28}  {'schema':>6}  {'becomes':>7}  what it can't hold"
    for store in stores:
        yield f"{store.label:28}  {store.schema:>6}  {store.becomes:>7}  {store.loss or 'nothing is lost'}"


def _left(stores: list[Store]) -> Iterator[str]:
    if not stores:
        yield "Nothing is kept here yet."
    for store in stores:
        if not store.moves:
            yield f"{store.label}: schema {store.schema} already"


def _told(moved: Moved) -> Iterator[str]:
    store = moved.store
    yield f"{store.label}: schema {store.schema} became {store.becomes}; as it was: {moved.backup}"
    if moved.lost is not None:
        yield f"  left out ({store.loss}): {moved.lost}"


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
