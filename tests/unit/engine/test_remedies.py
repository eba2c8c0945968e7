"""What a person does about a component: done at once, held against the role, written down, or refused in a sentence."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest

from engine.adapters.live.vitals import ASKED, circuit_row
from engine.clock import SystemClock
from engine.config import MetricsSettings
from engine.duties.leaving import Leaving
from engine.engine import Engine
from engine.errors import EngineError, ThrottledError, TransientError
from engine.handlers import Handlers
from engine.messages.circuits import CircuitState, Operation
from engine.messages.commands import ApplyRemedy
from engine.messages.events import AlertRaised
from engine.messages.remedies import STEERING, Remedy, RemedyApplied
from engine.messages.views import HealthState
from engine.model.instrument import Symbol
from engine.observe.health import HealthBoard, Reading
from engine.observe.metrics import MetricsServer
from engine.rooms import Rooms
from engine.security.audit.log import entries_in
from engine.security.operators.roles import Role, may
from engine.transport.breaker import Breaker
from engine.transport.dialling import Nap, keep_trying
from tests.engine_rooms import ABC, composed
from tests.unit.engine.failover_bench import OURS, Desk
from tests.waiting import until, wait_until


def with_rows(rooms: Rooms) -> Handlers:
    """Return what carries commands out, on rooms whose board has a row with a remedy."""
    done = {Remedy.PROBE: lambda _: "asked once", Remedy.RESYNC: lambda symbol: f"book of {symbol}"}
    rooms.health.register("route", "route", lambda: Reading(HealthState.DOWN, "open"), remedies=done)
    return Handlers(rooms, Leaving(rooms))


def test_a_remedy_is_done_told_and_in_the_audit_log_with_who_did_it(tmp_path: Path) -> None:
    heard: list[object] = []
    with composed(tmp_path) as rooms:
        engine = Engine(rooms)
        handlers = with_rows(rooms)
        rooms.bus.subscribe(RemedyApplied, heard.append)
        rooms.bus.subscribe(AlertRaised, heard.append)
        handlers.handle(ApplyRemedy("route", Remedy.PROBE, origin="health page"))
        handlers.handle(ApplyRemedy("route", Remedy.RESYNC, ABC))
        engine._auditing.close()
    assert [each.said for each in heard if isinstance(each, RemedyApplied)] == ["asked once", "book of ABC"]
    assert [each.text for each in heard if isinstance(each, AlertRaised)] == ["asked once", "book of ABC"]
    first, second = entries_in(rooms.folders.data / "audit.log")
    assert (first.what, first.origin, first.subject, first.after) == (
        "remedy",
        "health page",
        "PAPER-1 route",
        "probe: asked once",
    )
    assert second.after == "re-sync: book of ABC"
    assert first.who


@pytest.mark.parametrize(
    ("component", "remedy", "said"),
    [
        ("nothing", Remedy.PROBE, "there is no component 'nothing'"),
        ("route", Remedy.PAUSE, "pause is nothing that can be done about route; probe, re-sync can"),
        ("feed", Remedy.PROBE, "probe is nothing that can be done about feed; nothing can"),
        ("books", Remedy.RESYNC, "no book is lost"),
    ],
)
def test_what_can_not_be_done_is_refused_in_a_sentence(
    tmp_path: Path, component: str, remedy: Remedy, said: str
) -> None:
    with composed(tmp_path) as rooms:
        Engine(rooms)
        handlers = with_rows(rooms)
        with pytest.raises(EngineError, match=said):
            handlers.handle(ApplyRemedy(component, remedy))


def test_nobody_can_be_asked_for_a_book_of_a_market_that_is_all_there_is(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        Engine(rooms)
        with pytest.raises(EngineError, match="nobody can be asked for the book of XYZ"):
            Handlers(rooms, Leaving(rooms)).handle(ApplyRemedy("books", Remedy.RESYNC, Symbol("XYZ")))
        asked: list[tuple[Symbol, str]] = []
        rooms.market.resync_requested = lambda symbol, reason: asked.append((symbol, reason))
        Handlers(rooms, Leaving(rooms)).handle(ApplyRemedy("books", Remedy.RESYNC, ABC))
        assert asked == [(ABC, "a person asked for it")]


@pytest.mark.parametrize("remedy", Remedy, ids=lambda each: each.value)
def test_whose_prices_are_traded_on_takes_the_role_that_controls(remedy: Remedy) -> None:
    allowed = {role for role in Role if may(role, ApplyRemedy("sources", remedy))}
    takes_back = {Role.TRADER, Role.RISK, Role.ADMIN}
    assert allowed == (takes_back - {Role.TRADER} if remedy in STEERING else takes_back)


def test_a_circuit_is_tried_at_once_but_not_where_the_venue_wants_to_be_left_alone() -> None:
    states: list[CircuitState] = []

    async def fail(error: Exception) -> None:
        raise error

    async def run() -> None:
        breaker = Breaker("kraken", Operation.DATA, SystemClock(), failures_max=1)
        breaker.changed = lambda change: states.append(change.after)
        with pytest.raises(EngineError, match="is closed, so the venue is asked anyway"):
            breaker.probe()
        with pytest.raises(TransientError):
            await breaker.call(lambda: fail(TransientError("cable")))
        assert breaker.failures == 1
        breaker.probe()
        assert await breaker.call(lambda: asyncio.sleep(0, "well")) == "well"
        with pytest.raises(ThrottledError):
            await breaker.call(lambda: fail(ThrottledError("slower", 30.0)))
        with pytest.raises(EngineError, match="wants to be left alone for 30 s more"):
            breaker.probe()

    asyncio.run(run())
    assert states == [CircuitState.OPEN, CircuitState.HALF_OPEN, CircuitState.CLOSED, CircuitState.OPEN]


class Dialled:
    """A connection that notes who wants it anew."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def try_now(self, reason: str) -> None:
        self.asked.append(reason)


def test_a_route_that_is_open_is_probed_and_its_stream_dialled_by_one_key() -> None:
    async def fail() -> None:
        raise TransientError("cable")

    async def run() -> None:
        breaker = Breaker("kraken", Operation.DATA, SystemClock(), failures_max=1)
        stream = Dialled()
        row = circuit_row(breaker, stream)
        with pytest.raises(TransientError):
            await breaker.call(fail)
        assert "asked once in" in row.read().detail
        said = row.remedies[Remedy.PROBE](None)
        assert said == "kraken data: the next question goes out at once, and its answer decides"
        assert stream.asked == [ASKED]
        assert "the next question decides" in row.read().detail
        other = circuit_row(Breaker("kraken", Operation.SUBMIT, SystemClock()), stream)
        with pytest.raises(EngineError, match="is closed, so the venue is asked anyway"):
            other.remedies[Remedy.PROBE](None)
        assert stream.asked == [ASKED]

    asyncio.run(run())


def test_a_wait_between_two_tries_is_cut_short() -> None:
    tries: list[int] = []
    nap = Nap()

    async def attempt() -> None:
        tries.append(1)
        raise TransientError("nobody there")

    async def run() -> None:
        trying = asyncio.create_task(keep_trying(attempt, retry_s_max=3_600.0, nap=nap))
        async with asyncio.timeout(30):
            for count in range(1, 40):
                await until(lambda count=count: len(tries) >= count)  # type: ignore[misc]
                nap.end()
        trying.cancel()
        await asyncio.gather(trying, return_exceptions=True)

    asyncio.run(run())
    assert len(tries) >= 39


class TestSources:
    """Who speaks, as a person wants it."""

    def test_another_speaks_until_it_is_failed_back(self) -> None:
        desk = Desk("kraken")
        desk.passes(4)
        assert "come from others" in desk.failover.fail_over()
        assert desk.source == "kraken"
        desk.passes(300)
        assert desk.source == "kraken"
        assert "again" in desk.failover.fail_back()
        assert desk.source == "binance"
        with pytest.raises(EngineError, match="nothing was failed back"):
            desk.failover.fail_back()

    def test_nothing_is_failed_over_to_one_that_is_silent(self) -> None:
        desk = Desk("kraken")
        desk.others[0].speaks = False
        desk.passes(30)
        with pytest.raises(EngineError, match="nothing was failed over"):
            desk.failover.fail_over()
        assert desk.source == "binance"

    def test_one_that_was_failed_over_to_and_falls_silent_gives_way_all_the_same(self) -> None:
        desk = Desk("kraken", "coinbase")
        desk.passes(4)
        desk.failover.fail_over()
        desk.others[0].speaks = False
        desk.passes(30)
        assert desk.source == "binance"

    def test_a_source_is_paused_and_heard_again_but_never_the_last(self) -> None:
        desk = Desk("kraken")
        desk.passes(4)
        desk.failover.pause("binance")
        desk.passes(4)
        assert desk.source == "kraken"
        assert "binance: is paused" in desk.told[-1]
        for name, why in (("binance", "paused already"), ("kraken", "the last source that is heard")):
            with pytest.raises(EngineError, match=why):
                desk.failover.pause(name)
        desk.failover.unpause("binance")
        desk.passes(300)
        assert desk.source == "binance"
        with pytest.raises(EngineError, match="is not paused"):
            desk.failover.unpause("binance")

    def test_the_book_is_asked_of_whoever_speaks(self) -> None:
        desk = Desk("kraken")
        asked: list[tuple[str, Symbol]] = []
        for voice in desk.voices:
            voice.channel.scout.resync_requested = partial(_ask, asked, voice.name)
        desk.passes(4)
        assert desk.failover.resync(OURS, "a person")
        desk.failover.fail_over()
        assert desk.failover.resync(OURS, "a person")
        assert [name for name, _ in asked] == ["binance", "kraken"]
        assert not desk.failover.resync(Symbol("NOTHING"), "a person")


def test_an_exporter_whose_port_was_taken_listens_once_it_is_free_and_asked_to() -> None:
    first = MetricsServer(MetricsSettings(port=0), lambda: ())
    first.start()
    wait_until(lambda: bool(first.port))
    second = MetricsServer(MetricsSettings(port=first.port), lambda: ())
    with pytest.raises(EngineError, match="is not to be started"):
        second.try_again()
    second.start()
    wait_until(lambda: second.reading().state is HealthState.DOWN)
    first.stop()
    wait_until(lambda: _tried(second))
    wait_until(lambda: second.reading().state is HealthState.OK)
    with pytest.raises(EngineError, match="is not to be started: 127"):
        second.try_again()
    second.stop()
    with pytest.raises(EngineError, match="is disabled"):
        MetricsServer(MetricsSettings(enabled=False), lambda: ()).try_again()


def _ask(asked: list[tuple[str, Symbol]], name: str, symbol: Symbol, _: str) -> None:
    asked.append((name, symbol))


def _tried(server: MetricsServer) -> bool:
    """Tell whether it could be asked: the thread that failed ends a moment later."""
    try:
        server.try_again()
    except EngineError:
        return False
    return True


def test_a_row_that_did_not_change_is_the_same_view() -> None:
    board, number = HealthBoard(), [1.0]
    board.register("still", "still", lambda: Reading(HealthState.OK, "fine"), needs=("other",))
    board.register("other", "other", lambda: Reading(HealthState.OK, f"{number[0]}"))
    board.stands = lambda: True
    board.sample()
    before = board.views
    number[0] = 2.0
    board.sample()
    assert board.views[0] is before[0]
    assert board.views[1] is not before[1]
    assert board.views[0].needs == ("other",)
