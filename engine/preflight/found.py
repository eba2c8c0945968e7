"""What a check found."""

from __future__ import annotations

from enum import StrEnum, unique
from typing import Final, NamedTuple


@unique
class Status(StrEnum):
    """How an item stands."""

    PASS = "pass"  # noqa: S105  # a word, no password
    FAIL = "fail"
    WAITS = "waits for a person"
    SIGNED = "signed off"
    """A person vouches for what no program can look at, and what they looked at is still the same."""
    UNSET = "not configured"
    NOT_APPLICABLE = "not applicable"


WELL: Final = frozenset({Status.PASS, Status.SIGNED, Status.NOT_APPLICABLE})
"""What keeps nothing from being armed."""


class Found(NamedTuple):
    """How one item stands, and by which evidence."""

    status: Status
    evidence: str
    """What was read, and its value; never a secret."""
    remedy: str = ""
    """What to do: a command, or a setting and its value."""
    basis: str = ""
    """What a person signs for: evidence that changes only where a signature would have to be given anew."""


def passed(evidence: str) -> Found:
    """Return that it is as it should be."""
    return Found(Status.PASS, evidence)


def failed(evidence: str, remedy: str) -> Found:
    """Return that it is not as it should be."""
    return Found(Status.FAIL, evidence, remedy)


def unset(evidence: str, remedy: str) -> Found:
    """Return that nobody set it up yet."""
    return Found(Status.UNSET, evidence, remedy)


def idle(evidence: str) -> Found:
    """Return that it does not concern this set-up."""
    return Found(Status.NOT_APPLICABLE, evidence)


def waits(evidence: str, remedy: str = "", *, basis: str = "") -> Found:
    """Return that a person has to look, and sign for what they saw."""
    return Found(Status.WAITS, evidence, remedy, basis or evidence)


def judged(*, well: bool, evidence: str, remedy: str) -> Found:
    """Return that it is as it should be, or what to do."""
    return passed(evidence) if well else failed(evidence, remedy)
