"""What is known of the desks that share one Redis."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Standing(StrEnum):
    """How a desk is there."""

    HERE = "here"
    SILENT = "silent"
    """It says nothing any more, and was not left in order."""
    LEFT = "left"
    """It was left in order, and what it holds stays."""


class DeskRow(Struct, frozen=True, gc=False):
    """One desk as the others know it; its text is cleaned."""

    name: str
    standing: Standing
    is_ours: bool
    age_s: int
    """For how many seconds it has said nothing; 0 while it is here."""
    host: str
    account: str
    mode: str
    operator: str
    state: str
    version: str
    held: tuple[tuple[str, str], ...]
    """Symbol and signed size, the largest first."""


class DesksView(Struct, frozen=True, gc=False):
    """All of them, by name."""

    rows: tuple[DeskRow, ...] = ()
    trouble: str = ""
    """Why it may not be as they are; empty while it is."""
