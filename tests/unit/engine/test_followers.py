"""Several follow one engine: none takes what another needs, and only the screen is somebody at the desk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from queue import Queue

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec.structs import replace

from engine import changes
from engine.changes import ALERTS_MAX, RECENT_MAX
from engine.duties.leaving import Leaving
from engine.engine import Engine
from engine.face import Follower
from engine.frames.frame_builder import FrameBuilder
from engine.handlers import Handlers
from engine.messages.commands import CancelAll
from engine.messages.events import AlertRaised, Severity
from engine.messages.market_questions import MarketAnswer, MarketQuestion
from engine.messages.views import Alert, Frame, ViewRequest
from engine.mirror import Mirror
from engine.model.depth import DepthSnapshot
from engine.model.instrument import Symbol
from engine.model.market_state import Trust
from engine.model.order import OrderStatus
from engine.rooms import Rooms
from tests.engine_rooms import ABC, XYZ, buying, composed, passes, quoted

ALL, NEXT = ViewRequest(everything=True), ViewRequest()


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    with composed(tmp_path) as made:
        yield made


def alert(text: str) -> Alert:
    return Alert(Severity.WARNING, "test", text, 1)


def test_a_slow_follower_is_told_every_order_that_a_quick_one_was(rooms: Rooms) -> None:
    quick, slow = FrameBuilder(rooms), FrameBuilder(rooms)
    quick.build(ALL), slow.build(ALL)
    handlers, told = Handlers(rooms, Leaving(rooms)), list[str]()
    for index in range(5):
        handlers.handle(buying(rooms, 10 + index, 9_950))
        passes(rooms, 0.1)
        told.extend(order.client_id for order in quick.build(NEXT).orders)
    assert len(set(told)) == 5
    assert [order.client_id for order in slow.build(NEXT).orders] == list(dict.fromkeys(told))
    handlers.handle(CancelAll())
    passes(rooms, 0.1)
    assert quick.build(NEXT).orders == slow.build(NEXT).orders
    assert {order.status for order in Merged(rooms).now().orders.values()} == {OrderStatus.CANCELED}


def test_one_who_asks_for_everything_leaves_the_others_what_changed(rooms: Rooms) -> None:
    first, second = FrameBuilder(rooms), FrameBuilder(rooms)
    first.build(ALL), second.build(ALL)
    quoted(rooms, XYZ, 10_007)
    rooms.health.sample()
    everything = first.build(ALL)
    frame = second.build(NEXT)
    assert [quote.symbol for quote in frame.quotes] == [XYZ]
    assert frame.health == everything.health
    assert second.build(NEXT).health is None


def test_an_alert_reaches_each_follower_once_and_one_who_comes_later(rooms: Rooms) -> None:
    first, second = FrameBuilder(rooms), FrameBuilder(rooms)
    rooms.changes.tell(alert("one"))
    assert first.build(ALL).alerts == (alert("one"),)
    rooms.changes.tell(alert("two"))
    assert first.build(NEXT).alerts == (alert("two"),)
    assert second.build(ALL).alerts == (alert("one"), alert("two"))
    assert second.build(NEXT).alerts == ()
    assert FrameBuilder(rooms).build(ALL).alerts == (alert("one"), alert("two"))


def test_alerts_that_nobody_takes_are_bounded_and_counted(rooms: Rooms) -> None:
    frames = FrameBuilder(rooms)
    for number in range(ALERTS_MAX + 3):
        rooms.changes.tell(alert(str(number)))
    assert (rooms.changes.alerts_waiting, rooms.changes.alerts_dropped) == (ALERTS_MAX, 3)
    assert len(FrameBuilder(rooms).build(ALL).alerts) == RECENT_MAX
    assert len(frames.build(ALL).alerts) == ALERTS_MAX


def test_of_orders_nothing_is_kept_for_one_who_never_asked_and_then_everything_is_told(rooms: Rooms) -> None:
    nobody, handlers = FrameBuilder(rooms), Handlers(rooms, Leaving(rooms))
    handlers.handle(buying(rooms, 10, 9_950))
    rooms.changes.deal()
    assert not nobody._news.orders
    assert [order.client_id for order in nobody.build(NEXT).orders] == list(rooms.orders.orders)
    assert nobody.build(NEXT).orders == ()


def test_orders_that_a_follower_does_not_take_are_bounded_and_counted(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "ORDERS_MAX", 60)
    frames, merged, handlers = FrameBuilder(rooms), Mirror(), Handlers(rooms, Leaving(rooms))
    handlers.handle(buying(rooms, 10, 9_950))
    merged.merge(frames.build(ALL))
    (known,) = merged.orders
    passes(rooms, 1)
    for number in range(100):
        handlers.handle(buying(rooms, 11 + number, 9_950))
        passes(rooms, 0.1)
        if number != 50:
            handlers.handle(CancelAll())
            passes(rooms, 0.1)
        rooms.changes.deal()
        assert len(frames._news.orders) <= 60
    merged.merge(frames.build(NEXT))
    told = [order.client_id for order in merged.orders.values()]
    assert rooms.changes.orders_dropped == 101 - len(told) > 0
    assert merged.orders[known].status is OrderStatus.CANCELED, "an order that it knew is not left as it was"
    assert told[1:] == list(rooms.orders.orders)[-len(told) + 1 :], "the newest are told"


def test_nothing_is_kept_for_one_who_left(rooms: Rooms) -> None:
    frames = FrameBuilder(rooms)
    frames.close()
    rooms.changes.tell(alert("gone"))
    assert rooms.changes.alerts_waiting == 0


def test_silence_is_news_for_each_follower(rooms: Rooms) -> None:
    early, late = FrameBuilder(rooms), FrameBuilder(rooms)
    early.build(ALL)
    passes(rooms, 3600)
    late.build(ALL)
    rooms.changes.note_aged(rooms.clock.now_ns())
    assert {quote.trust for quote in early.build(NEXT).quotes} == {Trust.STALE}
    assert late.build(NEXT).quotes == (), "it was told as stale already"


def test_after_a_frame_that_failed_nothing_is_missing(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    frames, merged = FrameBuilder(rooms), Mirror()
    merged.merge(frames.make(ALL))
    Handlers(rooms, Leaving(rooms)).handle(buying(rooms, 10, 9_950))
    rooms.changes.tell(alert("kept"))
    with monkeypatch.context() as patch:
        patch.setattr(rooms.valuation, "account_view", lambda: 1 // 0)
        failed = frames.make(NEXT)
    assert "ZeroDivisionError" in failed.alerts[0].text
    merged.merge(failed)
    merged.merge(frames.make(NEXT))
    assert list(merged.orders) == list(rooms.orders.orders)
    assert merged.alerts[-1] == alert("kept")
    assert frames.make(NEXT).quotes == (), "only the one after it holds everything"


def test_a_follower_keeps_what_works_and_the_newest_of_what_ended(rooms: Rooms) -> None:
    frames, merged = FrameBuilder(rooms), Mirror(orders_max=60)
    Handlers(rooms, Leaving(rooms)).handle(buying(rooms, 10, 9_950))
    told = frames.make(ALL)
    works = told.orders[0]
    ended = [
        replace(works, client_id=f"e-{number}", number=number + 2, status=OrderStatus.CANCELED)
        for number in range(60)
    ]
    merged.merge(replace(told, orders=(works, *ended[:-1])))
    assert len(merged.orders) == 60
    merged.merge(replace(told, orders=(ended[-1],)))
    assert len(merged.orders) == 50
    assert merged.working == [works]
    assert [*merged.orders][1:] == [each.client_id for each in ended[-49:]]


def test_a_follower_of_an_engine_is_nobody_at_the_desk(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        engine = Engine(rooms)
        engine.start()
        try:
            follower, frames = engine.follow(), Queue[Frame]()
            follower.drain(ALL, frames.put)
            assert {quote.symbol for quote in frames.get(timeout=30).quotes} == {ABC, XYZ}
            assert engine._dead_man._seen_ns == 0
            rooms.bus.publish(AlertRaised(Severity.WARNING, "test", "both hear it", 1))
            for drain in (follower.drain, engine.drain):
                drain(ALL, frames.put)
                assert [each.text for each in frames.get(timeout=30).alerts] == ["both hear it"]
            assert engine._dead_man._seen_ns > 0
            asks_for_depth(rooms, follower)
            follower.close()
            follower.drain(ALL, frames.put)
            engine.drain(ALL, frames.put)
            frames.get(timeout=30)
            assert frames.empty(), "nothing comes to one who left"
        finally:
            engine.stop()


def asks_for_depth(rooms: Rooms, follower: Follower) -> None:
    """Ask for what no screen looks at."""
    bids, asks, now_ns = ((9_990, 5), (9_980, 7)), ((10_010, 3),), rooms.clock.now_ns()
    rooms.market.on_snapshot(DepthSnapshot(XYZ, "hand", bids, asks, 1, now_ns, now_ns))
    answers: Queue[tuple[MarketAnswer, ...]] = Queue()
    asked = (MarketQuestion(XYZ, depth_levels=1, prints_max=5), MarketQuestion(Symbol("NOPE"), bars_max=9))
    follower.ask(asked, answers.put)
    known, unknown = answers.get(timeout=30)
    assert known.depth is not None
    assert (known.depth.bids, known.depth.asks) == (((9_990, 5),), ((10_010, 3),))
    assert (known.tape.prints if known.tape else None, known.chart) == ((), None)
    assert unknown == MarketAnswer(Symbol("NOPE"), known.now_ns)


def test_bars_of_a_length_that_nobody_makes_are_not_kept(rooms: Rooms) -> None:
    series = rooms.market.bars.of(ABC).series
    before = set(series)
    assert rooms.market.bars.shown(ABC, 12_345).interval_ns != 0
    assert set(series) == before


class Merged:
    """A mirror beside the frames that it is made of."""

    def __init__(self, rooms: Rooms) -> None:
        self.frames, self.mirror = FrameBuilder(rooms), Mirror()
        self.request = ALL

    def now(self) -> Mirror:
        """Take the next frame."""
        self.mirror.merge(self.frames.make(self.request))
        self.request = NEXT
        return self.mirror


PARTS = (
    "instruments",
    "quotes",
    "orders",
    "positions",
    "account",
    "risk",
    "health",
    "alerts",
    "exits",
    "reconcile",
)


class Followers(RuleBasedStateMachine):
    """However two followers ask, each knows in the end what one knows who asks for everything."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self._composed = composed(Path(self.folder.name))
        self.rooms = self._composed.__enter__()
        self.handlers = Handlers(self.rooms, Leaving(self.rooms))
        self.followers = [Merged(self.rooms), Merged(self.rooms)]
        self.told = 0

    @rule(symbol=st.sampled_from([ABC, XYZ]), bid=st.integers(9_990, 10_010))
    def quote(self, symbol: Symbol, bid: int) -> None:
        quoted(self.rooms, symbol, bid)

    @rule(quantity=st.integers(1, 50), limit=st.sampled_from([9_950, None]))
    def order(self, quantity: int, limit: int | None) -> None:
        self.handlers.handle(buying(self.rooms, quantity, limit))

    @rule()
    def cancel(self) -> None:
        self.handlers.handle(CancelAll())

    @rule(seconds=st.sampled_from([0.1, 3600.0]))
    def pass_on(self, seconds: float) -> None:
        passes(self.rooms, seconds)
        self.rooms.valuation.refresh()
        self.rooms.health.sample()

    @rule()
    def raise_alert(self) -> None:
        self.told += 1
        self.rooms.changes.tell(alert(str(self.told)))

    @rule(who=st.integers(0, 1), everything=st.booleans())
    def frame(self, who: int, everything: bool) -> None:
        if everything:
            self.followers[who].request = ALL
        self.followers[who].now()

    @invariant()
    def every_alert_is_kept_for_who_has_not_taken_it(self) -> None:
        for follower in self.followers:
            waiting = len(follower.frames._news.alerts)
            assert len(follower.mirror.alerts) + waiting == self.told

    def teardown(self) -> None:
        self.rooms.changes.note_aged(self.rooms.clock.now_ns())
        whole = Merged(self.rooms).now()
        for follower in self.followers:
            found = follower.now()
            for part in PARTS:
                assert getattr(found, part) == getattr(whole, part), part
        self._composed.__exit__(None, None, None)
        self.folder.cleanup()


Followers.TestCase.settings = settings(deadline=None, max_examples=15, stateful_step_count=25)
TestFollowers = Followers.TestCase
