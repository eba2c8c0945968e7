"""What versions of a model would have done on recordings, beside doing nothing: in words, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.config import Settings
from engine.errors import ConfigError
from engine.folders import standard_folders
from engine.model.text import clean
from terminal.format import money

if TYPE_CHECKING:
    from engine.rehearsal import Rehearsed
    from engine.shell.models import Models

Rehearsals = Mapping[str, "Rehearsed"]
"""What came of each version, the champion first, by `STAGE VERSION`."""


def rehearsals(settings: Settings, kept: Models, name: str, files: Sequence[Path]) -> Rehearsals:
    """Rehearse the champion of a model and each version in its shadow, one after the other.

    Raises:
        ConfigError: the settings have no table of that model, or it has no version that predicts.
        EngineError: a recording can't be read, or a version can't be armed.
    """
    from engine.bootstrap import rehearsed  # noqa: PLC0415  # help needs none of it

    table = next((each for each in settings.signals if each.model == name), None)
    if table is None:
        raise ConfigError(
            f"config.toml has no [[signals]] table of {clean(name, 40)!r}, whose limits would hold"
        )
    standing = kept.standings().get(name)
    if standing is None or not (standing.champion or standing.in_shadow):
        raise ConfigError(
            f"{name} has no champion and nothing in shadow; touchline models list shows how it stands"
        )
    staged = [("champion", standing.champion)] if standing.champion else []
    staged += [("shadow", version) for version in standing.in_shadow]
    folders = standard_folders()
    return {
        f"{stage} {version}": rehearsed(settings, folders, files, table, kept.alone(version))
        for stage, version in staged
    }


def lines(found: Rehearsals) -> Iterator[str]:
    """Yield a table of what would have come of each, and of doing nothing."""
    yield f"{'':26} {'said':>7} {'orders':>7} {'fills':>6} {'gross':>12} {'slippage':>10} {'fees':>10} {'net':>12}"
    currency = ""
    for name, each in found.items():
        paid, currency = each.money, each.currency
        yield (
            f"{name:26} {each.said:>7,} {each.orders:>7,} {paid.fills:>6,} {money(paid.gross_micros):>12} "
            f"{money(paid.slippage_micros):>10} {money(paid.fees_micros):>10} {money(each.net_micros, signed=True):>12}"
        )
    yield f"{'doing nothing':26} {0:>7} {0:>7} {0:>6} {'0.00':>12} {'0.00':>10} {'0.00':>10} {'0.00':>12}  {currency}"
    for name, each in found.items():
        if each.denied:
            yield f"{name}: {each.denied:,} orders were denied by the gate"
        if each.stopped:
            yield f"{name} was off before the end: {each.stopped}"
