"""How a version did, as desks kept it beside their journals: what the gates read, and a person is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

from engine.errors import DataError
from engine.model.account import AccountMode
from engine.signals.kept_path import SUFFIX
from engine.signals.registry.gates import Figures
from engine.signals.serving.kept import read_kept
from engine.signals.serving.tally import Tally

_SIMULATED: Final = f"{AccountMode.SIMULATED.value}{SUFFIX}"


class KeptFigures(NamedTuple):
    """What one desk kept of a version."""

    tally: Tally
    where: str
    """On whose market, in words."""
    is_real: bool
    """Whether that market is one; else it was simulated."""

    def for_gates(self) -> Figures:
        """Return what the gates read."""
        return Figures(
            version=self.tally.version,
            matured_outcomes=self.tally.matured,
            drift_alarm=self.tally.drift_alarm,
            where=self.where,
        )


def kept_figures(data: Path, model: str, version: str) -> KeptFigures | None:
    """Return what was kept of a version: of the most outcomes, on a simulated market only where there is no other.

    Raises:
        DataError: nothing is known of it, and a file that may know can't be read.
    """
    found, failures = [], []
    for path in sorted((data / "journal").glob(f"*{SUFFIX}")):
        if not path.with_name(path.name.removesuffix(SUFFIX)).is_dir():
            continue  # of an account that was begun anew
        try:
            tallies = read_kept(path)
        except DataError as error:
            failures.append(str(error))
            continue
        found += [_of(path, each) for each in tallies if (each.model, each.version) == (model, version)]
    if not found and failures:
        raise DataError(failures[0])
    return max(found, key=lambda each: (each.is_real, each.tally.matured), default=None)


def _of(path: Path, tally: Tally) -> KeptFigures:
    if path.name == _SIMULATED:
        return KeptFigures(tally, "the simulated market", is_real=False)
    return KeptFigures(tally, f"the market of account {path.name.removesuffix(SUFFIX)}", is_real=True)
