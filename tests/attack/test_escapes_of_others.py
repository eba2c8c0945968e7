"""What other desks, other shells and a Redis say comes to a terminal as text that it does not obey: on a real pseudo-terminal."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.config import CredentialSettings, Settings
from engine.control.client import ask
from engine.control.requests import Code, SetState
from engine.credentials import Credentials
from engine.desk.redis_link import RedisLink
from engine.desk.redis_presence import RedisPresence
from engine.messages.commands import TradingState
from engine.messages.firm import DeskPresence, Held
from engine.settings.redis import CREDENTIAL as NAME
from tests.attack.test_terminal_escapes import ATTACKS, EVIL, obeyed_in
from tests.pty_desk import PtyDesk, environment
from tests.redis_server import CREDENTIAL, RedisServer, needs_redis

BRIEF = "".join(ATTACKS[name] for name in ("title", "reset", "c1")) + "\u202e"
"""As long as a name may be."""
pytestmark = [needs_redis, pytest.mark.pty]


def home_of(root: Path, server: RedisServer) -> Path:
    """Return a home that shares a Redis."""
    home, keys = root / "home", root / "keys"
    Credentials(Settings(credentials=CredentialSettings(key_file=str(keys)))).keep(NAME, CREDENTIAL)
    (home / "config").mkdir(parents=True)
    (home / "config" / "config.toml").write_text(
        f'[redis]\naddress = "unix:{server.socket}"\ntimeout_ms = 2000\ndesk = "bridge"\n'
        f'[credentials]\nkey_file = "{keys}"\n[metrics]\nenabled = false\n',
        encoding="utf-8",
    )
    return home


async def say_who_is_there(server: RedisServer) -> None:
    """Say that there is another desk, of which every text is an attack."""
    link = RedisLink(server.settings, CREDENTIAL, SystemClock())
    evil = DeskPresence(
        name=BRIEF,
        run=BRIEF,
        host=BRIEF,
        account=BRIEF,
        mode="paper",
        operator=BRIEF,
        state=TradingState.ACTIVE,
        version=BRIEF,
        currency="USD",
        gross=1,
        high=1,
        low=1,
        held=(Held(BRIEF, "500", 1, 1),),
    )
    await RedisPresence(link).say(evil)
    await link.close()


def test_nothing_that_desks_and_shells_say_is_obeyed_by_the_terminal(tmp_path: Path) -> None:
    with RedisServer(tmp_path / "r") as server:
        home = home_of(tmp_path, server)
        with PtyDesk(["demo"], environment(home), size=(160, 48)) as desk:
            desk.until("AAPL")
            said = {"version": 5, "state": "reducing", "reason": f"FIRM{EVIL}", "who": BRIEF, "desk": BRIEF}
            with server.own() as own:
                own.hset(
                    "desk:{firm}:switch", mapping={"version": "5", "rank": "1", "said": json.dumps(said)}
                )
            desk.until("REDUCING")
            desk.press_until("L", lambda: "FIRM" in "\n".join(desk.lines))
            desk.press("\x1b")
            asyncio.run(say_who_is_there(server))
            desk.press_until("F", lambda: "OWNED" in "\n".join(desk.lines))
            desk.press("\x1b")
            answer = ask(home / "data", SetState(state=TradingState.HALTED, reason=f"SHELL{EVIL}"), 30)
            assert answer.code is Code.PROVEN
            desk.press_until("L", lambda: "SHELL" in "\n".join(desk.lines))
        assert obeyed_in(bytes(desk.raw)) == []
        assert desk.raw.count(b"OWNED") >= 3
