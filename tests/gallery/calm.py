"""A desk on which all is well: other sizes and colours, an order that is denied, the ticket, the lock."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

from engine.config import MetricsSettings, Settings
from engine.engine import Engine
from engine.security.operators.roles import Role
from terminal.picture import enter, trade
from tests.gallery.studio import MIDDLE, SETTLED_S, SMALL, WIDE, Sitting, Studio
from tests.signed_in import GOOD, operators_of

WHO = "ann"
DENIED = "b 900 GLD bid"
"""Worth more than one order may be."""
PLANNED = "b 200 AAPL mid sl=-1% tp=+2R"


def settings(_root: Path) -> Settings:
    """Return settings without an exporter: nobody scrapes this one."""
    return Settings(metrics=MetricsSettings(enabled=False))


def sign_in(root: Path, engine: Engine) -> None:
    """Let somebody have signed in, who can lock the desk."""
    operators = operators_of(root, engine._rooms)
    operators.add(WHO, Role.ADMIN, GOOD)
    engine.acts_for(operators.sign_in(WHO, GOOD, ""), partial(operators.sign_in, WHO))


async def play(studio: Studio) -> None:
    """Trade, then go round."""
    await trade(studio.app)
    await studio.sits_at(MIDDLE, "light")
    studio.take("light", "The desk at 120 by 36 in the light theme")
    await studio.sits_at(SMALL)
    await enter(studio.app, DENIED, times=1)
    await studio.sees("limit 250,000")
    await asyncio.sleep(SETTLED_S)
    studio.take("denied", "An order that the risk gate denies, on a desk of 80 by 24")
    await studio.press("escape", "escape")
    await studio.sits_at(WIDE, "colour-blind")
    await studio.press("6", "z")
    await enter(studio.app, PLANNED, times=1)
    await asyncio.sleep(SETTLED_S)
    studio.take("ticket", "The ticket over the whole screen")
    await studio.sits_at(SMALL, "high-contrast")
    await studio.press("ctrl+l")
    await studio.sees("password")
    studio.take("lock", "A locked desk that asks for the password")


CALM = Sitting(("light", "denied", "ticket", "lock"), play, settings, sign_in)
