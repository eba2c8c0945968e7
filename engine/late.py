"""An engine that is composed after the screen's first paint: what it loads must not be waited for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.errors import EngineError
from engine.model.text import clean
from engine.ports.tracing import OFF, Tracer

if TYPE_CHECKING:  # the first paint waits for none of it
    from engine.face import EngineFace, Follower, OnFailure
    from engine.ids import OrderIds
    from engine.messages.commands import Command
    from engine.messages.events import Severity
    from engine.messages.market_questions import MarketAnswer, MarketQuestion
    from engine.messages.rows import ReadMetrics, RowReading
    from engine.messages.senders import CommandAnswer, Sender
    from engine.messages.views import Frame, OrderPreview, ViewRequest
    from engine.model.account import AccountMode
    from engine.model.order import OrderRequest

WAITING_MAX = 1_000
"""How many calls wait for the engine at most."""


class LateEngine:
    """Keeps what is asked of it until the engine is there, then passes everything on, in order."""

    def __init__(
        self,
        compose: Callable[[], EngineFace],
        *,
        mode: AccountMode,
        account_name: str,
        ids: OrderIds,
        beside: Callable[[EngineFace], object] | None = None,
    ) -> None:
        """Take what composes it, and what is to run beside it once it runs."""
        self.mode = mode
        self.account_name = account_name
        self.ids = ids
        self._compose = compose
        self._beside = beside
        self._engine: EngineFace | None = None
        self._lock = threading.Lock()
        self._waiting: list[Callable[[EngineFace], object]] = []
        self._thread: threading.Thread | None = None
        self.calls_dropped = 0
        """Calls that found no room to wait."""

    @property
    def tracer(self) -> Tracer:
        """What takes the spans of whatever runs beside; off until the engine is there."""
        return OFF if self._engine is None else self._engine.tracer

    def start(self, on_failure: OnFailure | None = None) -> None:
        """Compose and start the engine, on a thread of its own; `on_failure` hears when that can't be done."""
        assert self._thread is None, "the engine is started once"
        self._thread = threading.Thread(
            target=self._begin, args=(on_failure,), name="touchline-compose", daemon=True
        )
        self._thread.start()

    def end(self, reason: str) -> None:
        """End in order, once the engine is there."""
        self._pass_on(lambda engine: engine.end(reason))

    def stop(self) -> int:
        """Wait until the engine is there, then stop it; return how much of its end is not proven."""
        if self._thread is not None:
            self._thread.join()
        return 0 if self._engine is None else self._engine.stop()

    def submit(self, command: Command, pressed_ns: int = 0) -> None:
        """Carry out a command soon."""
        self._pass_on(lambda engine: engine.submit(command, pressed_ns))

    def carry_out(self, command: Command, sender: Sender, tell: Callable[[CommandAnswer], None]) -> bool:
        """Carry out a command of an operator who is not at the desk; nothing holds before there is an engine."""
        if self._engine is not None:
            return self._engine.carry_out(command, sender, tell)
        self._pass_on(lambda engine: engine.carry_out(command, sender, tell))
        return False

    def drain(self, request: ViewRequest, deliver: Callable[[Frame], None]) -> None:
        """Make the screen's next frame and hand it to `deliver`."""
        self._pass_on(lambda engine: engine.drain(request, deliver))

    def follow(self) -> LateFollower:
        """Return what tells one more who follows, once the engine is there."""
        return LateFollower(self._pass_on)

    def preview(self, request: OrderRequest, deliver: Callable[[OrderPreview], None]) -> None:
        """Judge an order without sending it."""
        self._pass_on(lambda engine: engine.preview(request, deliver))

    def note_paint(self, key_to_paint_ns: int) -> None:
        """Count how long a key took."""
        self._pass_on(lambda engine: engine.note_paint(key_to_paint_ns))

    def note_shown(self, source_ns: int) -> None:
        """Count how long a quote took to the screen."""
        self._pass_on(lambda engine: engine.note_shown(source_ns))

    def add_row(self, name: str, label: str, read: Callable[[], RowReading]) -> None:
        """Have a row on the health board, once the engine is there."""
        self._pass_on(lambda engine: engine.add_row(name, label, read))

    def add_metrics(self, read: ReadMetrics) -> None:
        """Have the exporter serve metrics of what runs beside, once the engine is there."""
        self._pass_on(lambda engine: engine.add_metrics(read))

    def alert(self, severity: Severity, source: str, text: str) -> None:
        """Let a person hear of something."""
        self._pass_on(lambda engine: engine.alert(severity, source, text))

    def _pass_on(self, call: Callable[[EngineFace], object]) -> None:
        engine = self._engine
        if engine is not None:
            call(engine)
            return
        with self._lock:
            if self._engine is not None:
                call(self._engine)
            elif len(self._waiting) < WAITING_MAX:
                self._waiting.append(call)
            else:
                self.calls_dropped += 1

    def _begin(self, on_failure: OnFailure | None) -> None:
        try:
            engine = self._compose()
        except EngineError as error:
            self._give_up(on_failure, error)
            return
        except Exception as error:  # noqa: BLE001  # the thread's end: without a word the desk would wait forever
            self._give_up(
                on_failure, EngineError(clean(f"the engine could not begin: {type(error).__name__}: {error}"))
            )
            return
        engine.start()
        with self._lock:
            for call in self._waiting:
                call(engine)
            self._waiting.clear()
            self._engine = engine
        if self._beside is not None:
            try:
                self._beside(engine)
            except EngineError as error:
                self._give_up(on_failure, error)

    def _give_up(self, on_failure: OnFailure | None, error: EngineError) -> None:
        if on_failure is not None:
            on_failure(error)


class LateFollower:
    """Follows an engine once it is there."""

    def __init__(self, pass_on: Callable[[Callable[[EngineFace], None]], None]) -> None:
        self._pass_on = pass_on
        self._follower: Follower | None = None

    def drain(self, request: ViewRequest, deliver: Callable[[Frame], None]) -> None:
        """Make the next frame of this follower and hand it to `deliver`."""
        self._pass_on(lambda engine: self._of(engine).drain(request, deliver))

    def ask(
        self, questions: tuple[MarketQuestion, ...], deliver: Callable[[tuple[MarketAnswer, ...]], None]
    ) -> None:
        """Look at single markets and hand the answers to `deliver`."""
        self._pass_on(lambda engine: self._of(engine).ask(questions, deliver))

    def close(self) -> None:
        """Follow no more."""
        self._pass_on(lambda engine: self._of(engine).close())

    def _of(self, engine: EngineFace) -> Follower:
        if self._follower is None:
            self._follower = engine.follow()
        return self._follower
