"""How long a halt of every desk takes to the other desk: two engines in two processes, one real Redis.

It begins when a person's saying is given its version at one desk, and ends when it is in force at the other; the clock is the machine's.
"""

from __future__ import annotations

import shutil
import statistics
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.config import CredentialSettings, Settings
from engine.control.requests import Code
from engine.credentials import Credentials
from engine.messages.commands import TradingState
from engine.settings.redis import CREDENTIAL as NAME
from tests.benchmarks.options import Options
from tests.benchmarks.row import Row, limited
from tests.desk_alone import READY, DeskAlone
from tests.redis_server import CREDENTIAL, RedisServer
from tests.waiting import wait_until

_HALTS = 50
_GOAL_MS = 100.0
HALTED, ACTIVE = TradingState.HALTED, TradingState.ACTIVE


def rows(options: Options) -> list[Row]:
    """Return the rows of the median and of the worst, none where no server is installed."""
    if shutil.which("redis-server") is None:
        return []
    with TemporaryDirectory() as folder, ExitStack() as stack:
        root = Path(folder)
        server = stack.enter_context(RedisServer(root / "r"))
        keys = str(root / "keys")
        Credentials(Settings(credentials=CredentialSettings(key_file=keys))).keep(NAME, CREDENTIAL)
        tower, bridge = (
            stack.enter_context(DeskAlone(root / name, _config(server, keys, name)))
            for name in ("tower", "bridge")
        )
        for desk in (tower, bridge):
            assert desk.line() == READY
            wait_until(lambda desk=desk: _is_in(desk, ACTIVE))  # type: ignore[misc]  # mypy infers no type for its default
        late_ms = [_late_ms(tower, bridge) for _ in range(options.rounds(_HALTS))]
    return [
        limited("halt firm to the other desk latched, median", statistics.median(late_ms), "ms", _GOAL_MS),
        limited(
            f"halt firm to the other desk latched, worst of {len(late_ms)}", max(late_ms), "ms", _GOAL_MS
        ),
    ]


def _late_ms(tower: DeskAlone, bridge: DeskAlone) -> float:
    """Halt every desk at one, and let both go on; return how late it was in force at the other."""
    assert tower.says(HALTED, "drill").code is Code.PROVEN
    state, late_us = bridge.line().split()
    assert state == HALTED
    assert tower.says(ACTIVE, "over").code is Code.PROVEN
    assert bridge.line().split()[0] == ACTIVE
    return int(late_us) / 1_000


def _is_in(desk: DeskAlone, state: TradingState) -> bool:
    return desk.status.trading.everything.state is state


def _config(server: RedisServer, keys: str, name: str) -> str:
    return (
        f'[redis]\naddress = "unix:{server.socket}"\ntimeout_ms = 2000\ndesk = "{name}"\n'
        f'[credentials]\nkey_file = "{keys}"\n[metrics]\nenabled = false\n'
    )
