"""Two engines in two processes on one real Redis: what is said at one is in force at both."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from engine.config import CredentialSettings, Settings
from engine.control.requests import Code
from engine.credentials import Credentials
from engine.messages.commands import TradingState
from engine.messages.desk_views import DeskRow, Standing
from engine.observe.logs import NAME as LOG
from engine.security.audit.log import entries_in
from engine.settings.redis import CREDENTIAL as NAME
from engine.shell.shared_redis import desks
from tests.desk_alone import READY, DeskAlone
from tests.redis_server import CREDENTIAL, RedisServer, needs_redis
from tests.waiting import wait_until

pytestmark = needs_redis
HALTED, REDUCING, ACTIVE = TradingState.HALTED, TradingState.REDUCING, TradingState.ACTIVE


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path / "r") as one:
        yield one


def config_of(root: Path, server: RedisServer, name: str) -> str:
    keys = root / "keys"
    if not keys.exists():
        Credentials(Settings(credentials=CredentialSettings(key_file=str(keys)))).keep(NAME, CREDENTIAL)
    return (
        f'[redis]\naddress = "unix:{server.socket}"\ntimeout_ms = 2000\ndesk = "{name}"\n'
        f'[credentials]\nkey_file = "{keys}"\n[metrics]\nenabled = false\n'
    )


def found(root: Path, server: RedisServer) -> dict[str, DeskRow]:
    settings = Settings(credentials=CredentialSettings(key_file=str(root / "keys")), redis=server.settings)
    return {row.name: row for row in asyncio.run(desks(settings, Credentials(settings)))}


def standings(root: Path, server: RedisServer) -> dict[str, Standing]:
    return {name: row.standing for name, row in found(root, server).items()}


def held_by(name: str, root: Path, server: RedisServer) -> tuple[tuple[str, str], ...]:
    return found(root, server)[name].held


def refuses(desk: DeskAlone, symbol: str) -> bool:
    """Tell whether it refuses the smallest order, as one too many for all desks."""
    desk.buys(symbol, 1)
    return "firm_symbol" in desk.line().split()


def said_of(home: Path, event: str) -> list[tuple[str, str]]:
    """Return the states that a desk's log tells of, each with what it is found by."""
    lines = map(json.loads, (home / "logs" / LOG).read_text(encoding="utf-8").splitlines())
    return [(line["state"], line["correlation"]) for line in lines if line["event"] == event]


def is_in(desk: DeskAlone, state: TradingState) -> bool:
    return desk.status.trading.everything.state is state


def test_a_kill_on_one_stops_both_and_holds_without_redis_until_it_is_released(
    tmp_path: Path, server: RedisServer
) -> None:
    with ExitStack() as stack:
        tower, bridge = (
            stack.enter_context(DeskAlone(tmp_path / name, config_of(tmp_path, server, name), limits))
            for name, limits in (("tower", ""), ("bridge", "[firm]\nsymbol_notional_max = 10000\n"))
        )
        for desk in (tower, bridge):
            assert desk.line() == READY
        for desk in (tower, bridge):
            wait_until(lambda desk=desk: is_in(desk, ACTIVE))  # type: ignore[misc]  # mypy infers no type for its default

        wait_until(lambda: standings(tmp_path, server) == {"tower": Standing.HERE, "bridge": Standing.HERE})

        tower.buys("AAPL", 100)
        assert tower.line() == "sent"
        wait_until(lambda: ("AAPL", "100") in held_by("tower", tmp_path, server))
        wait_until(lambda: refuses(bridge, "AAPL"))

        assert tower.says(HALTED, "bad fills").code is Code.PROVEN
        state, late_us = bridge.line().split()
        assert state == "halted"
        print(f"halted elsewhere after {int(late_us) / 1_000:.1f} ms")
        told = bridge.status.trading
        assert told.everything.reason.endswith("at tower: bad fills (every desk)")
        assert bridge.says(ACTIVE, "mine alone", firm=False).code is Code.UNPROVEN
        assert is_in(bridge, HALTED)

        server.kill()
        wait_until(lambda: any(row.name == "desks" for row in bridge.status.unwell))
        refused = bridge.says(ACTIVE, "mended")
        assert refused.code is Code.UNPROVEN
        assert is_in(bridge, HALTED)

        server.start()
        wait_until(lambda: all(row.name != "desks" for row in bridge.status.unwell))
        assert bridge.says(ACTIVE, "mended").code is Code.PROVEN
        wait_until(lambda: is_in(tower, ACTIVE))
        wait_until(lambda: len(standings(tmp_path, server)) == 2)
    halts = [said_of(tmp_path / name, "every desk") for name in ("tower", "bridge")]
    assert halts[0] == halts[1], "each desk's log has the one id of the command"
    assert [state for state, _ in halts[0]] == ["halted", "active"]
    assert all(correlation for _, correlation in halts[0])
    acts = [(act.origin, act.after) for act in entries_in(tmp_path / "bridge" / "data" / "audit.log")]
    assert [after.partition(":")[0] for origin, after in acts if origin == "firm"] == ["halted", "active"]
