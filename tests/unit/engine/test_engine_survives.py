"""Commands are carried out or refused in a sentence; a fault of one part leaves the others running."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue

import pytest

from engine.duties.leaving import Leaving
from engine.engine import Engine
from engine.errors import DataError, EngineError
from engine.handlers import Handlers
from engine.messages.commands import (
    AmendOrder,
    CancelOrder,
    Command,
    Flatten,
    Jump,
    Pause,
    ReloadLimits,
    Resume,
    SetSpeed,
    SetTradingState,
    Step,
    TradingState,
)
from engine.messages.events import AlertRaised, Severity
from engine.messages.views import Alert, Frame, ViewRequest
from engine.model.order import OrderStatus
from engine.rooms import Rooms
from tests.engine_rooms import ABC, NOON_NS, Silent, buying, composed, passes
from tests.journals import records_of
from tests.waiting import wait_until


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    with composed(tmp_path) as made:
        yield made


@pytest.fixture
def alerts(rooms: Rooms) -> list[AlertRaised]:
    heard: list[AlertRaised] = []
    rooms.bus.subscribe(AlertRaised, heard.append)
    return heard


@pytest.mark.parametrize("command", [Pause(), Resume(), Step(), Jump(0), SetSpeed(2.0)])
def test_a_market_without_playback_is_not_held_or_moved(rooms: Rooms, command: Command) -> None:
    with pytest.raises(EngineError, match="a market with a gateway beside it can't be held"):
        Handlers(rooms, Leaving(rooms)).handle(command)


def test_an_order_is_sent_amended_and_cancelled(rooms: Rooms) -> None:
    handlers, sent = Handlers(rooms, Leaving(rooms)), buying(rooms, 10, 9_950)
    client_id = sent.request.client_id
    handlers.handle(sent)
    passes(rooms, 0.1)
    handlers.handle(AmendOrder(client_id, limit=9_940))
    passes(rooms, 0.1)
    order = rooms.orders.orders[client_id]
    assert (order.status, order.limit) == (OrderStatus.WORKING, 9_940)
    handlers.handle(CancelOrder(client_id))
    passes(rooms, 0.1)
    assert order.status is OrderStatus.CANCELED


def test_flattening_closes_what_is_held(rooms: Rooms) -> None:
    handlers = Handlers(rooms, Leaving(rooms))
    handlers.handle(buying(rooms, 100))
    passes(rooms, 0.1)
    assert rooms.ledger.positions[ABC].quantity == 100
    handlers.handle(Flatten(ABC))
    passes(rooms, 0.1)
    assert rooms.ledger.positions[ABC].quantity == 0


def test_a_change_of_the_trading_state_is_journalled_and_said(
    rooms: Rooms, alerts: list[AlertRaised]
) -> None:
    Handlers(rooms, Leaving(rooms)).handle(SetTradingState(TradingState.HALTED, "fire"))
    assert [alert.text for alert in alerts] == ["everything is halted: fire"]
    Handlers(rooms, Leaving(rooms)).handle(buying(rooms, 10, 9_950))
    (order,) = rooms.orders.orders.values()
    assert order.status is OrderStatus.DENIED


def test_limits_that_can_not_be_read_leave_the_old_ones(rooms: Rooms, alerts: list[AlertRaised]) -> None:
    rooms.folders.limits.write_text("[[[", encoding="utf-8")
    Handlers(rooms, Leaving(rooms)).handle(ReloadLimits())
    (alert,) = alerts
    assert alert.severity is Severity.WARNING
    assert alert.text.startswith("limits unchanged: ")


def frame_of(engine: Engine) -> Frame:
    frames: Queue[Frame] = Queue()
    engine.drain(ViewRequest(focus=ABC, everything=True), frames.put)
    return frames.get(timeout=30)


def hears(engine: Engine, text: str) -> Alert:
    heard: list[Alert] = []

    def told() -> bool:
        heard.extend(alert for alert in frame_of(engine).alerts if text in alert.text)
        return bool(heard)

    wait_until(told)
    return heard[0]


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (DataError("the file is cut off"), "the file is cut off"),
        (KeyError("x"), "stopped by a fault: KeyError"),
    ],
)
def test_a_source_that_fails_is_said_and_the_engine_lives_on(
    tmp_path: Path, fault: Exception, text: str
) -> None:
    with composed(tmp_path, Silent(fault)) as rooms:
        engine = Engine(rooms)
        engine.start()
        try:
            alert = hears(engine, text)
            assert (alert.source, alert.severity) == ("market data", Severity.CRITICAL)
            assert frame_of(engine).quotes
        finally:
            engine.stop()


def failing(*_: object) -> None:
    raise ZeroDivisionError("oh")


@pytest.mark.parametrize(
    ("break_it", "text"),
    [
        (lambda engine: engine.submit(Pause()), "a market with a gateway beside it can't be held"),
        (lambda engine: engine.submit("nonsense"), "str failed: KeyError"),
    ],
)
def test_a_command_that_fails_is_said_and_the_engine_lives_on(
    tmp_path: Path, break_it: Callable[[Engine], None], text: str
) -> None:
    with composed(tmp_path) as rooms:
        engine = Engine(rooms)
        engine.start()
        try:
            break_it(engine)
            hears(engine, text)
            assert frame_of(engine).now_ns == NOON_NS
        finally:
            engine.stop()


def test_a_frame_that_fails_is_a_frame_that_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with composed(tmp_path) as rooms:
        engine = Engine(rooms)
        engine.start()
        try:
            with monkeypatch.context() as patch:
                patch.setattr(engine._frames, "build", failing)
                (alert,) = frame_of(engine).alerts
                assert alert.text == "a frame could not be made: ZeroDivisionError: oh"
            assert frame_of(engine).quotes
        finally:
            engine.stop()


def test_the_journal_is_whole_after_the_end(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        engine = Engine(rooms)
        engine.start()
        engine.submit(SetTradingState(TradingState.REDUCING, "lunch"))
        hears(engine, "lunch")
        engine.stop()
        (path,) = (each for each in (tmp_path / "data" / "journal").iterdir() if each.is_dir())
        assert any("lunch" in repr(record) for record in records_of(path))
