"""The stages of a version, and which move leads from which to which: one table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from engine.errors import InvalidTransition


class Stage(StrEnum):
    """What a version is used for."""

    CANDIDATE = "candidate"
    """Registered; it predicts nothing."""
    SHADOW = "shadow"
    """Predicts, and nobody acts on it."""
    CHAMPION = "champion"
    """The one whose predictions count; one a name."""
    RETIRED = "retired"
    """Was champion; another one is now."""
    QUARANTINED = "quarantined"
    """Must not be used again."""


class Move(StrEnum):
    """What is done with a version."""

    PROMOTE = "promote"
    ROLL_BACK = "roll back"
    DEMOTE = "demote"
    DISPLACE = "displace"
    """Another version became champion; no event of its own."""
    QUARANTINE = "quarantine"


NEXT: Final[Mapping[tuple[Stage, Move], Stage]] = MappingProxyType(
    {
        (Stage.CANDIDATE, Move.PROMOTE): Stage.SHADOW,
        (Stage.SHADOW, Move.PROMOTE): Stage.CHAMPION,
        (Stage.CHAMPION, Move.DEMOTE): Stage.SHADOW,
        (Stage.CHAMPION, Move.DISPLACE): Stage.RETIRED,
        (Stage.RETIRED, Move.ROLL_BACK): Stage.CHAMPION,
        (Stage.SHADOW, Move.ROLL_BACK): Stage.CHAMPION,
        (Stage.CANDIDATE, Move.QUARANTINE): Stage.QUARANTINED,
        (Stage.SHADOW, Move.QUARANTINE): Stage.QUARANTINED,
        (Stage.CHAMPION, Move.QUARANTINE): Stage.QUARANTINED,
        (Stage.RETIRED, Move.QUARANTINE): Stage.QUARANTINED,
    }
)
"""Every move there is; no other leads anywhere."""
LOOSENS: Final = frozenset({Move.PROMOTE, Move.ROLL_BACK})
"""Moves that only a person makes. The others may be made by the engine."""


def moved(stage: Stage, move: Move) -> Stage:
    """Return the stage that a move leads to.

    Raises:
        InvalidTransition: no such move leads out of that stage.
    """
    try:
        return NEXT[stage, move]
    except KeyError:
        raise InvalidTransition(f"a {stage} version is nothing to {move}") from None
