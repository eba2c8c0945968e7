"""With a gateway, what concerns the account keeps the world's time, whatever time the simulated market has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.bootstrap import simulated_engine
from engine.clock import NS_PER_S, SystemClock
from engine.config import AccountSettings, BrokerSettings, JournalSettings, MetricsSettings, Settings
from engine.engine import Engine
from engine.errors import ConfigError
from engine.folders import Folders
from engine.messages.commands import Pause, SubmitOrder
from engine.messages.comparison_views import ReconcilePhase
from engine.model.instrument import Symbol
from engine.model.order import OrderRequest, OrderStatus, OrderType
from engine.model.trade import Side
from engine.pace import Pace
from engine.rooms import Rooms
from engine.store.reading import JournalReader
from tests.unit.engine.bridge_bench import VenueProcess
from tests.venues.truth import read_log
from tests.waiting import wait_until

AAPL = Symbol("AAPL")
DAY_NS = 86_400 * NS_PER_S
VISIBLE_NS = 2 * NS_PER_S
"""How long an order may be on its way to the broker."""


@pytest.fixture
def venue() -> Iterator[VenueProcess]:
    made = VenueProcess().start()
    yield made
    made.remove()


def settings(address: str) -> Settings:
    """Return a gateway's settings, with little patience."""
    return Settings(
        account=AccountSettings(name="PAPER-1"),
        broker=BrokerSettings(kind="bridge", address=address, ack_timeout_s=0.5),
        journal=JournalSettings(durability="process"),
        metrics=MetricsSettings(enabled=False),
    )


def folders(root: Path) -> Folders:
    return Folders(root / "config", root / "data", root / "cache", root / "logs")


@pytest.fixture
def engine(tmp_path: Path, venue: VenueProcess) -> Iterator[Engine]:
    made = simulated_engine(settings(venue.address), folders(tmp_path), seed=1, pace=Pace())
    yield made
    made.stop()


def begun(engine: Engine) -> Rooms:
    """Start it, and return once orders may be sent."""
    rooms = engine._rooms
    engine.start()
    wait_until(lambda: rooms.orders.reconciler.view().phase is ReconcilePhase.AGREED)
    wait_until(lambda: AAPL in rooms.market.states and rooms.market.states[AAPL].has_quote)
    return rooms


def buy(engine: Engine) -> str:
    """Send an order far below the market; the time on it is of no moment."""
    state = engine._rooms.market.states[AAPL]
    client_id, number = engine.ids.next()
    request = OrderRequest(
        client_id=client_id,
        number=number,
        account="PAPER-1",
        symbol=AAPL,
        side=Side.BUY,
        quantity=10,
        type=OrderType.LIMIT,
        limit=state.bid * 98 // 100 // 100 * 100,
        created_ns=1,
    )
    engine.submit(SubmitOrder(request))
    return client_id


def received(venue: VenueProcess, kind: str) -> list[dict[str, Any]]:
    """Return what the venue heard of a kind, each with the time."""
    heard = [each for each in read_log(venue.log) if each["what"] == "received"]
    return [{"t": each["t"], **each["message"]} for each in heard if each["message"]["type"] == kind]


def test_an_order_without_an_answer_is_asked_for_though_the_market_was_to_be_held(
    engine: Engine, venue: VenueProcess
) -> None:
    rooms = begun(engine)
    venue.ask("faults", silent=1)
    engine.submit(Pause())
    client_id = buy(engine)
    wait_until(lambda: client_id in {each["client_id"] for each in received(venue, "inquire")})
    wait_until(lambda: rooms.orders.orders[client_id].status is OrderStatus.WORKING)


def test_how_fast_the_market_runs_shortens_no_proof(engine: Engine, venue: VenueProcess) -> None:
    engine._rooms.source.set_speed(10.0)  # type: ignore[attr-defined]
    rooms = begun(engine)
    venue.ask("faults", drop_before=1)
    asked_ns = SystemClock().now_ns()
    client_id = buy(engine)
    wait_until(lambda: bool(received(venue, "submit")))
    venue.ask("faults", drop_before=0)
    wait_until(lambda: rooms.orders.orders[client_id].status is OrderStatus.NOT_FOUND)
    assert len(received(venue, "submit")) == 1
    proofs = [each["t"] for each in received(venue, "inquire")[-2:]]
    assert min(proofs) >= asked_ns + VISIBLE_NS


def test_the_times_of_its_orders_records_and_questions_are_the_worlds(
    engine: Engine, venue: VenueProcess
) -> None:
    begun_ns = SystemClock().now_ns()
    rooms = begun(engine)
    assert abs(rooms.clock.now_ns() - begun_ns) > DAY_NS
    buy(engine)
    wait_until(lambda: bool(received(venue, "submit")))
    engine.stop()
    (sent,) = received(venue, "submit")
    assert sent["time_ns"] >= begun_ns
    assert all(each["since_ns"] >= begun_ns - 2 * DAY_NS for each in received(venue, "stock"))
    times = [entry.time_ns for entry in JournalReader(rooms.journal.disk)]
    assert min(times) >= begun_ns - 60 * NS_PER_S


@pytest.mark.parametrize("speed", [0.0, 10.0])
def test_a_market_beside_a_gateway_has_no_other_pace_than_the_worlds(tmp_path: Path, speed: float) -> None:
    with pytest.raises(ConfigError, match="the market keeps the world's time"):
        simulated_engine(settings("unix:/nowhere"), folders(tmp_path), seed=1, pace=Pace(speed=speed))


def test_a_paper_account_lives_in_the_markets_time(tmp_path: Path) -> None:
    quiet = Settings(metrics=MetricsSettings(enabled=False))
    engine = simulated_engine(quiet, folders(tmp_path), seed=1, pace=Pace(speed=10.0))
    rooms = engine._rooms
    try:
        assert rooms.account_clock is rooms.clock
        assert rooms.playback is not None
    finally:
        rooms.journal.close()
