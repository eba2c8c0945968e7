"""What a line can ask of the screen; everything else it can ask is a command to the engine."""

from __future__ import annotations

from msgspec import Struct

from engine.messages.commands import Command, SubmitOrder
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


class Pair(Struct, frozen=True):
    """Two orders of one group: what fills of one is taken off the other."""

    first: SubmitOrder
    second: SubmitOrder


class ShowDesks(Struct, frozen=True):
    """Open the table of the desks that share the Redis."""


class ShowAlerts(Struct, frozen=True):
    """Open the page of the alerts."""


class ShowLog(Struct, frozen=True):
    """Open the log."""


Wish = FocusSymbol | GoToPane | SwitchTheme | ShowHelp | ShowDesks | ShowAlerts | ShowLog | Quit
Action = Command | Wish | Pair
"""What a line comes to."""


def orders_of(action: object) -> tuple[SubmitOrder, ...]:
    """Return the orders that an action sends, none for anything else."""
    if isinstance(action, Pair):
        return (action.first, action.second)
    return (action,) if isinstance(action, SubmitOrder) else ()
