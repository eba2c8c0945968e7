"""One who follows an engine beside its screen."""

from __future__ import annotations

from collections.abc import Callable

from engine.frames.frame_builder import FrameBuilder
from engine.frames.market_views import answer
from engine.messages.market_questions import MarketAnswer, MarketQuestion
from engine.messages.views import Frame, ViewRequest
from engine.rooms import Rooms


class Following:
    """Has frames of its own, made on the engine's thread; every method may be called from any thread."""

    def __init__(self, rooms: Rooms, call: Callable[..., None]) -> None:
        """Take what runs a call on the engine's thread."""
        self._rooms = rooms
        self._call = call
        self._frames: FrameBuilder | None = None
        self._over = False

    def drain(self, request: ViewRequest, deliver: Callable[[Frame], None]) -> None:
        """Make the next frame of this follower and hand it to `deliver`, on the engine's thread."""
        self._call(self._drain, request, deliver)

    def ask(
        self, questions: tuple[MarketQuestion, ...], deliver: Callable[[tuple[MarketAnswer, ...]], None]
    ) -> None:
        """Look at single markets and hand the answers to `deliver`, on the engine's thread."""
        self._call(self._ask, questions, deliver)

    def close(self) -> None:
        """Follow no more: nothing is kept for this follower, and nothing comes to it."""
        self._call(self._close)

    def _drain(self, request: ViewRequest, deliver: Callable[[Frame], None]) -> None:
        if self._over:
            return
        if self._frames is None:
            self._frames = FrameBuilder(self._rooms)
        deliver(self._frames.make(request))

    def _ask(
        self, questions: tuple[MarketQuestion, ...], deliver: Callable[[tuple[MarketAnswer, ...]], None]
    ) -> None:
        market, now_ns = self._rooms.market, self._rooms.clock.now_ns()
        deliver(tuple(answer(market, question, now_ns) for question in questions))

    def _close(self) -> None:
        self._over = True
        if self._frames is not None:
            self._frames.close()
            self._frames = None
