"""Faults that end a program without a word: what it had sent is there again when it is started again."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from engine.messages.desk_views import Standing
from engine.messages.events import OrderSubmitted
from tests.desk_alone import READY, DeskAlone
from tests.game_day.fault import Fault
from tests.game_day.shared_faults import shared
from tests.game_day.stage import Stage
from tests.journals import records_of
from tests.redis_server import RedisServer
from tests.waiting import wait_until

NAME: Final = "bridge"
SIZES: Final = (11, 13, 17)
LAST: Final = 19


def killed(stage: Stage) -> None:
    """Another desk, a process of its own, is killed with signal 9 the moment its last order was sent, and started again."""
    home = stage.folder / NAME
    with shared(stage) as server:
        config = _config(stage.folder, server)
        with DeskAlone(home, config) as desk:
            assert desk.line() == READY
            stage.is_well("desks", "2 here")
            for size in SIZES:
                desk.buys("AAPL", size)
                assert desk.line() == "sent"
            wait_until(lambda: _held(stage) >= sum(SIZES))
            desk.buys("AAPL", LAST)
            assert desk.line() == "sent"
            stage.begins()
            desk.kill()
        stage.turns_red("desks", "1 silent")
        stage.fires()
        assert _sent(home) == [*SIZES, LAST]
        stage.remedied("One desk died: start it again")
        with DeskAlone(home, config) as desk:
            assert desk.line() == READY
            stage.turns_green(says="2 here")
            wait_until(lambda: _held(stage) in {sum(SIZES), sum(SIZES) + LAST})
        assert _sent(home) == [*SIZES, LAST]


def _config(folder: Path, server: RedisServer) -> str:
    return (
        f'[redis]\naddress = "unix:{server.socket}"\ntimeout_ms = 500\ndesk = "{NAME}"\n'
        f'[credentials]\nkey_file = "{folder / "keys"}"\n[metrics]\nenabled = false\n'
    )


def _held(stage: Stage) -> int:
    """Return what the other desk holds, as this one is told."""
    desks = stage.engine._rooms.desks
    assert desks is not None
    rows = [row for row in desks.view.rows if row.name == NAME and row.standing is Standing.HERE]
    return sum(int(size) for row in rows for symbol, size in row.held if symbol == "AAPL")


def _sent(home: Path) -> list[int]:
    """Return the sizes of the orders that the journal has, once each."""
    folder = home / "data" / "journal" / "sim"
    sent = {
        each.request.client_id: each.request.quantity
        for each in records_of(folder)
        if isinstance(each, OrderSubmitted)
    }
    return list(sent.values())


FAULTS = (
    Fault(
        name="desk-killed",
        what="Another desk is killed without a word",
        play=killed,
        runbook="desks",
        alert="desks",
        yellow="this desk trades on, and nothing that the other one had sent is lost",
        late="a desk that was heard 5 s ago may be there yet",
        is_shared=True,
    ),
)
