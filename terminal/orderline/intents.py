"""What a line can ask of the screen; everything else it can ask is a command to the engine."""

from __future__ import annotations

from msgspec import Struct

from engine.messages.commands import Command
from engine.model.instrument import Symbol


class FocusSymbol(Struct, frozen=True):
    """Show a symbol; with a pane, go there too."""

    symbol: Symbol
    pane: str = ""


class GoToPane(Struct, frozen=True):
    """Move the focus to a pane."""

    pane: str


class SwitchTheme(Struct, frozen=True):
    """Change the colours; None is the next theme."""

    name: str | None = None


class ShowHelp(Struct, frozen=True):
    """Open the help, searched for a topic."""

    topic: str | None = None


class Quit(Struct, frozen=True):
    """Leave the desk."""


Wish = FocusSymbol | GoToPane | SwitchTheme | ShowHelp | Quit
Action = Command | Wish
"""What a line comes to."""
