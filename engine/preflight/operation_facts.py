"""What checks look at of backups, their timer, models, rollbacks and figures that were kept."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct


class TimerFacts(Struct, frozen=True, kw_only=True):
    """What takes backups by itself."""

    manager: bool = False
    """Whether systemd runs this system."""
    state: str = ""
    """How its timer is, in systemd's word; empty where there is none."""
    next: str = ""
    """When it fires next, in systemd's words."""


class BackupFacts(Struct, frozen=True, kw_only=True):
    """What lies in the folder of backups."""

    folder: str = ""
    newest_ns: Mapping[str, int] = {}
    """When the newest piece of each account was made."""
    unsealed: tuple[str, ...] = ()
    """Pieces that are not sealed."""
    damaged: tuple[str, ...] = ()
    """What does not open with our keys, and why."""
    is_elsewhere: bool = False
    """Whether it is on another disk than the accounts."""
    accounts: tuple[str, ...] = ()
    """The accounts that have a journal."""
    models_wanted: bool = False
    """Whether there are models to back up."""
    models: str = ""
    """The newest archive of models; empty where there is none."""
    timer: TimerFacts = TimerFacts()


class ChampionFacts(Struct, frozen=True, kw_only=True):
    """The version that counts of one model."""

    name: str
    version: str
    p99_us: float
    feature_set: str
    data_rows: int
    libraries: int
    figures: str
    """What was measured out of sample, with its intervals; empty for nothing."""
    alarms: tuple[str, ...] = ()
    """What looks like a leak of the future into its training."""
    gates: Mapping[str, str] = {}
    """What was found when it became champion."""
    reference_trouble: str = ""
    """Why drift can't be measured against what it was trained on."""


class ModelFacts(Struct, frozen=True, kw_only=True):
    """The registry of models."""

    versions: int = 0
    registered: frozenset[str] = frozenset()
    """The names of all models."""
    trouble: str = ""
    """Why the registry can't be believed."""
    unproven: tuple[str, ...] = ()
    """Versions that do not verify, and why; those that are quarantined are left out."""
    champions: tuple[ChampionFacts, ...] = ()
    champions_broken: tuple[str, ...] = ()
    feature_sets: frozenset[str] = frozenset()
    """The ids of those that this program works out."""


class StepFacts(Struct, frozen=True, kw_only=True):
    """When a step of a rollback was last taken."""

    at_ns: int
    who: str
    said: str
    left_out: bool = False


class RollbackFacts(Struct, frozen=True, kw_only=True):
    """What was rehearsed of going back, and what is there for it."""

    steps: Mapping[int, StepFacts] = {}
    left: int = 0
    """The first step that is left of a rollback that goes on; 0 where none does."""
    version_before: str = ""
    """The release before this one; empty where this is the first."""
    kept: tuple[str, ...] = ()
    """Installable files that are kept for going back."""
    migrates: bool = True
    """Whether each store can be brought to what the version before reads."""
    bundle_ns: int = 0
    """When the newest support bundle of a rollback was written; 0 for never."""
    post_mortem_ns: int = 0


class Figure(Struct, frozen=True, kw_only=True):
    """One that was measured, and its goal."""

    name: str
    value: float
    unit: str
    goal: str
    met: bool | None
    """None where what it is held against was not there."""


class Figures(Struct, frozen=True, kw_only=True):
    """What one run measured, of which source and on which machine."""

    made_ns: int
    version: str
    machine: str
    rooms: Mapping[str, str]
    rows: tuple[Figure, ...]
