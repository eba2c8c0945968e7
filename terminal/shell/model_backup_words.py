"""What backups say of models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.shell.model_backups import Restored, Taken


def models_taken(taken: Taken) -> Iterator[str]:
    """Yield what came of backing models up."""
    archive, count = taken.archive, len(taken.copied.versions)
    versions = f"{count} version{'' if count == 1 else 's'}"
    figures = ", and how they did here" if taken.figures else ""
    kept = f" Archives no longer kept: {len(archive.removed)}." if archive.removed else ""
    yield (
        f"models: {archive.name}, {versions} and how they stand{figures}.{kept}"
        if archive.made
        else f"models: nothing new, {versions}."
    )
    for each in taken.copied.left_out:
        yield f"models: left out is {each}; archives that have it are kept"


def models_restored(restored: Restored | None) -> Iterator[str]:
    """Yield what came of putting them back."""
    if restored is None:
        return
    back, archive, figures = restored
    yield from (f"Passed over: {problem}" for problem in archive.passed_over)
    yield from (f"Models: put back {each}." for each in back.versions)
    yield from (f"Models: put back how they did, {each}." for each in figures)
    if back.stages:
        yield f"Models: how they stand is that of {archive.name}."
    if back.moved_aside is not None:
        yield f"Models: what was there instead is now in {back.moved_aside}."
    if not (back.versions or back.stages or figures):
        yield "Models: all of them are there, nothing was put back."


def models_as_json(restored: Restored | None) -> dict[str, object] | None:
    """Return it as a table for programs."""
    if restored is None:
        return None
    return {"archive": restored.archive.name, **restored.back._asdict(), "figures": restored.figures}
