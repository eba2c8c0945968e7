"""What the gateway knows of the engine: one follower for all who ask, on the gateway's loop.

Frames are asked for one at a time: often while anybody listens, now and then while nobody does, so that nothing piles up at the
engine, and at once for who asks. The engine is never waited for without end.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol, TypeVar

from engine.clock import NS_PER_S, Clock
from engine.errors import TransientError
from engine.face import EngineFace
from engine.messages.market_questions import MarketAnswer, MarketQuestion
from engine.messages.views import DepthView, Frame, ViewRequest
from engine.mirror import Mirror
from engine.model.instrument import Symbol

PERIOD_S: Final = 0.05
"""How long until the next frame while anybody listens, and how old an answer may be."""
IDLE_S: Final = 1.0
"""How long until the next frame while nobody does."""
PATIENCE_S: Final = 2.0
"""How long the engine may take to answer."""
LEVELS: Final = 20
"""How many levels of each side are told of a book that is followed."""
ORDERS_KEPT: Final = 5_000
"""How many orders are kept to answer from at most."""
BOOKS_MAX: Final = 64
"""How many books are followed at once, whoever follows them."""

Told = TypeVar("Told")


class Listener(Protocol):
    """Hears what changed, on the gateway's loop."""

    def on_frame(self, frame: Frame) -> None:
        """Hear of a frame, once it is merged."""

    def on_books(self, books: tuple[DepthView, ...]) -> None:
        """Hear of the books that are followed and changed."""


class Feed:
    """Keeps a mirror of the engine; everything but the engine belongs to one loop."""

    def __init__(self, engine: EngineFace, clock: Clock) -> None:
        self._follower = engine.follow()
        self._clock = clock
        self.mirror = Mirror(ORDERS_KEPT)
        """What is known; `fresh` says when that is no more than a moment old."""
        self.books: dict[Symbol, DepthView] = {}
        """Those that are followed."""
        self.silences = 0
        """How often the engine did not answer in time."""
        self._request = ViewRequest(everything=True)
        self._followed: Counter[Symbol] = Counter()
        self._listeners: list[Listener] = []
        self._waits: asyncio.Future[Frame] | None = None
        self._heard_ns: int | None = None
        self._roused = asyncio.Event()

    async def run(self) -> None:
        """Keep the mirror up to date until this is cancelled."""
        try:
            while True:
                began_ns = self._clock.monotonic_ns()
                with suppress(TransientError):
                    await self._beat()
                await self._rest((self._clock.monotonic_ns() - began_ns) / NS_PER_S)
        finally:
            self._follower.close()

    async def fresh(self) -> Mirror:
        """Return what is known, a moment old at most.

        Raises:
            TransientError: the engine does not answer.
        """
        heard_ns = self._heard_ns
        if heard_ns is None or self._clock.monotonic_ns() - heard_ns > PERIOD_S * NS_PER_S:
            await self._frame()
        return self.mirror

    async def next(self) -> Mirror:
        """Return what is known once all that was said to the engine until now has had its effect.

        Raises:
            TransientError: the engine does not answer.
        """
        if self._waits is not None:
            await self._frame()
        await self._frame()
        return self.mirror

    async def ask(self, question: MarketQuestion) -> MarketAnswer:
        """Return how one market stands: depth, bars, prints.

        Raises:
            TransientError: the engine does not answer.
        """
        (answer,) = await self._books((question,))
        return answer

    def tell(self, listener: Listener) -> None:
        """Tell somebody what changes from now on."""
        self._listeners.append(listener)
        self._roused.set()

    def leave(self, listener: Listener) -> None:
        """Tell somebody nothing any more."""
        self._listeners.remove(listener)

    def follow(self, symbol: Symbol) -> bool:
        """Tell of a book from now on, and `unfollow` it as often; return whether there was room for it."""
        if symbol not in self._followed and len(self._followed) >= BOOKS_MAX:
            return False
        self._followed[symbol] += 1
        return True

    def unfollow(self, symbol: Symbol) -> None:
        """Tell of a book no more, once nobody follows it."""
        self._followed[symbol] -= 1
        if not self._followed[symbol]:
            del self._followed[symbol]
            self.books.pop(symbol, None)

    async def _beat(self) -> None:
        await self._frame()
        if self._followed:
            questions = tuple(MarketQuestion(symbol, depth_levels=LEVELS) for symbol in self._followed)
            self._take_books(await self._books(questions))

    async def _rest(self, worked_s: float) -> None:
        if self._listeners:
            await asyncio.sleep(
                max(PERIOD_S - worked_s, PERIOD_S / 2)
            )  # an engine that is slow is not asked without pause
            return
        self._roused.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._roused.wait(), IDLE_S)

    async def _frame(self) -> None:
        """Wait for the frame that is on its way, or for one that is asked for now."""
        waits = self._waits
        if waits is None:
            waits = self._waits = asyncio.get_running_loop().create_future()
            self._follower.drain(self._request, _handing_over(self._arrive))
        try:
            await asyncio.wait_for(asyncio.shield(waits), PATIENCE_S)
        except TimeoutError:
            self.silences += 1
            if self._waits is waits:
                self._waits = None  # it may have got lost: the next one who asks asks anew
            raise TransientError("the engine does not answer") from None

    def _arrive(self, frame: Frame) -> None:
        self._request = ViewRequest()
        self._heard_ns = self._clock.monotonic_ns()
        self.mirror.merge(frame)
        waits, self._waits = self._waits, None
        if waits is not None and not waits.done():
            waits.set_result(frame)
        for listener in tuple(self._listeners):
            listener.on_frame(frame)

    async def _books(self, questions: tuple[MarketQuestion, ...]) -> tuple[MarketAnswer, ...]:
        answered: asyncio.Future[tuple[MarketAnswer, ...]] = asyncio.get_running_loop().create_future()

        def answer(answers: tuple[MarketAnswer, ...]) -> None:
            if not answered.done():
                answered.set_result(answers)

        self._follower.ask(questions, _handing_over(answer))
        try:
            return await asyncio.wait_for(answered, PATIENCE_S)
        except TimeoutError:
            self.silences += 1
            raise TransientError("the engine does not answer") from None

    def _take_books(self, answers: tuple[MarketAnswer, ...]) -> None:
        changed = tuple(
            depth
            for answer in answers
            if (depth := answer.depth) is not None
            and depth.symbol in self._followed
            and self.books.get(depth.symbol) != depth
        )
        self.books.update((depth.symbol, depth) for depth in changed)
        for listener in tuple(self._listeners) if changed else ():
            listener.on_books(changed)


def _handing_over(take: Callable[[Told], None]) -> Callable[[Told], None]:
    """Return what the engine's thread is to call, so that `take` is called on this loop; where it is gone, nobody is."""
    loop = asyncio.get_running_loop()

    def deliver(told: Told) -> None:
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(take, told)

    return deliver
