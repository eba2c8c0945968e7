"""One thing a person can do with a key, and where."""

from __future__ import annotations

from msgspec import Struct

GLOBAL = ""
"""The context of actions that work in every pane."""


class Action(Struct, frozen=True):
    """One thing a person can do with a key."""

    id: str
    """`pane.verb`; stable, users bind keys to it."""
    keys: str
    """Textual's names, comma between alternatives."""
    action: str
    """What Textual calls."""
    label: str
    """What the hint line and the palette say."""
    help: str
    """One sentence for the help screen."""
    context: str = GLOBAL
    """The pane it belongs to; global ones work wherever no text is typed."""
    hint: int = 0
    """How much it deserves a place on the hint line; 0 for none."""
    always: bool = False
    """Works even while typing."""
    gets_out: bool = False
    """Works on every screen, whatever lies on top, as soon as the key is read; see `terminal/way_out.py`."""
