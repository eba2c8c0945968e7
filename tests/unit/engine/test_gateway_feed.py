"""One follower for all who ask at the gateway: fresh, one frame at a time, never waited for without end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from engine.clock import NS_PER_S, SimulatedClock
from engine.engine import Engine
from engine.errors import TransientError
from engine.gateway import feed as feed_room
from engine.gateway.feed import BOOKS_MAX, PERIOD_S, Feed
from engine.messages.market_questions import MarketAnswer, MarketQuestion
from engine.messages.views import DepthView, Frame, ViewRequest
from engine.model.instrument import Symbol
from engine.model.order import OrderStatus
from tests.engine_rooms import ABC, XYZ, buying, composed
from tests.frozen_desk import StillEngine
from tests.market_views import depth
from tests.waiting import until


class Told:
    """A follower that is answered by hand."""

    def __init__(self) -> None:
        self.requests: list[ViewRequest] = []
        self.questions: list[tuple[MarketQuestion, ...]] = []
        self.deliver: list[Callable[[Frame], None]] = []
        self.books: tuple[DepthView, ...] = ()
        self.closed = False

    def drain(self, request: ViewRequest, deliver: Callable[[Frame], None]) -> None:
        self.requests.append(request)
        self.deliver.append(deliver)

    def ask(
        self, questions: tuple[MarketQuestion, ...], deliver: Callable[[tuple[MarketAnswer, ...]], None]
    ) -> None:
        self.questions.append(questions)
        books = {book.symbol: book for book in self.books}
        deliver(tuple(MarketAnswer(each.symbol, 1, depth=books.get(each.symbol)) for each in questions))

    def close(self) -> None:
        self.closed = True


class ByHand(StillEngine):
    """An engine whose follower is answered by hand."""

    by_hand: Told

    def follow(self) -> Told:  # type: ignore[override]
        self.by_hand = Told()
        return self.by_hand


class Bench:
    """A feed, its engine and its clock."""

    def __init__(self) -> None:
        self.engine, self.clock = ByHand(), SimulatedClock(0, steady_is_own=True)
        self.feed = Feed(self.engine, self.clock)
        self.told = self.engine.by_hand

    async def answer(self, frame: Frame | None = None) -> None:
        await until(lambda: bool(self.told.deliver))
        self.told.deliver.pop(0)(frame or Frame(1, 1))


def run(talk: Callable[[Bench], Coroutine[Any, Any, None]]) -> None:
    async def whole() -> None:
        async with asyncio.timeout(30):
            await talk(Bench())

    asyncio.run(whole())


def test_all_who_ask_at_once_wait_for_the_same_frame() -> None:
    async def talk(bench: Bench) -> None:
        asking = [asyncio.create_task(bench.feed.fresh()) for _ in range(5)]
        await bench.answer(Frame(7, 1))
        mirrors = await asyncio.gather(*asking)
        assert {mirror.now_ns for mirror in mirrors} == {7}
        assert bench.told.requests == [ViewRequest(everything=True)]
        await bench.feed.fresh()
        assert len(bench.told.requests) == 1, "it is a moment old"
        bench.clock.advance_to(int(PERIOD_S * NS_PER_S) + 1)
        again = asyncio.create_task(bench.feed.fresh())
        await bench.answer(Frame(9, 2))
        assert (await again).now_ns == 9
        assert bench.told.requests[-1] == ViewRequest(), "what is known is not asked for again"

    run(talk)


def test_what_was_just_said_to_the_engine_is_in_the_next_one_not_in_the_one_on_its_way() -> None:
    async def talk(bench: Bench) -> None:
        under_way = asyncio.create_task(bench.feed.fresh())
        await until(lambda: bool(bench.told.deliver))
        following = asyncio.create_task(bench.feed.next())
        await bench.answer(Frame(1, 1))
        await under_way
        assert not following.done()
        await bench.answer(Frame(2, 2))
        assert (await following).now_ns == 2

    run(talk)


def test_an_engine_that_does_not_answer_is_asked_anew_and_what_comes_late_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feed_room, "PATIENCE_S", 0.01)

    async def talk(bench: Bench) -> None:
        for number in (1, 2):
            with pytest.raises(TransientError, match="does not answer"):
                await bench.feed.fresh()
            assert (len(bench.told.requests), bench.feed.silences) == (number, number)
            assert bench.told.requests[-1].everything
        await bench.answer(Frame(5, 1))
        await until(lambda: bench.feed.mirror.now_ns == 5)

    run(talk)


class Ear:
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.books: list[tuple[DepthView, ...]] = []

    def on_frame(self, frame: Frame) -> None:
        self.frames.append(frame)

    def on_books(self, books: tuple[DepthView, ...]) -> None:
        self.books.append(books)


def test_books_are_told_where_they_changed_and_asked_for_while_somebody_wants_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feed_room, "PERIOD_S", 0.001)

    async def talk(bench: Bench) -> None:
        ear, nvda = Ear(), Symbol("NVDA")
        bench.feed.tell(ear)
        bench.told.books = (depth(),)
        assert bench.feed.follow(nvda)
        assert bench.feed.follow(nvda)
        running = asyncio.create_task(bench.feed.run())
        for _ in range(3):
            await bench.answer()
        await until(lambda: len(bench.told.questions) >= 2)
        assert ear.books == [(depth(),)]
        bench.feed.unfollow(nvda)
        assert bench.feed.books, "somebody else wants it"
        bench.feed.unfollow(nvda)
        await until(lambda: not bench.feed.books)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        assert bench.told.closed

    run(talk)


def test_so_many_books_are_followed_and_no_more() -> None:
    async def talk(bench: Bench) -> None:
        assert all(bench.feed.follow(Symbol(str(number))) for number in range(BOOKS_MAX))
        assert not bench.feed.follow(Symbol("one more"))
        assert bench.feed.follow(Symbol("0")), "it is followed already"

    run(talk)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with composed(tmp_path) as rooms:
        running = Engine(rooms)
        running.start()
        try:
            yield running
        finally:
            running.stop()


def test_a_real_engine_answers_while_nobody_listens(engine: Engine) -> None:
    async def talk() -> None:
        feed = Feed(engine, SimulatedClock(0))
        command = buying(engine._rooms, 10, 9_000)
        mirror = await feed.fresh()
        assert mirror.quotes.keys() == {ABC, XYZ}
        engine.submit(command)
        await feed.next()
        assert mirror.orders[command.request.client_id].status is not OrderStatus.DENIED
        answer = await feed.ask(MarketQuestion(ABC, depth_levels=5, bars_max=3))
        assert (answer.symbol, answer.depth is None, answer.chart is None) == (ABC, False, False)

    asyncio.run(talk())
