"""An engine at whose desk somebody signed in."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from engine.clock import SystemClock
from engine.config import CredentialSettings, Settings
from engine.engine import Engine
from engine.rooms import Rooms
from engine.shell.operators import Operators, Role

GOOD = "seven grey geese over Hull"
CHEAP = 4
"""The cost of a hash that is made for a test."""


def operators_of(root: Path, rooms: Rooms) -> Operators:
    """Return who manages the operators of an engine."""
    settings = Settings(credentials=CredentialSettings(key_file=str(root / "keys")))
    return Operators(rooms.folders, settings, SystemClock(), cost=CHEAP)


def signed_in(root: Path, rooms: Rooms) -> Engine:
    """Return an engine that acts for ann, an admin, whose password is looked at as at any sign-in."""
    operators = operators_of(root, rooms)
    operators.add("ann", Role.ADMIN, GOOD)
    engine = Engine(rooms)
    engine.acts_for(operators.sign_in("ann", GOOD, ""), partial(operators.sign_in, "ann"))
    return engine
