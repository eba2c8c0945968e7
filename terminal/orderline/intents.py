"""What a line can ask of the screen; everything else it can ask is a command to the engine."""

from __future__ import annotations

from dataclasses import dataclass

from engine.messages.commands import Command
from engine.model.instrument import Symbol


@dataclass(frozen=True, slots=True)
class FocusSymbol:
    """Show a symbol; with a pane, go there too."""

    symbol: Symbol
    pane: str = ""


@dataclass(frozen=True, slots=True)
class GoToPane:
    """Move the focus to a pane."""

    pane: str


@dataclass(frozen=True, slots=True)
class SwitchTheme:
    """Change the colours; None is the next theme."""

    name: str | None = None


@dataclass(frozen=True, slots=True)
class ShowHelp:
    """Open the help, searched for a topic."""

    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Quit:
    """Leave the desk."""


Wish = FocusSymbol | GoToPane | SwitchTheme | ShowHelp | Quit
Action = Command | Wish
"""What a line comes to."""
