"""The only place where the desk meets the engine: frames in, commands out."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable

from msgspec.structs import replace

from engine.clock import NS_PER_S, SystemClock
from engine.face import EngineFace, OnFailure
from engine.messages.commands import Command
from engine.messages.views import Frame, OrderPreview, ViewRequest
from engine.model.order import OrderRequest

QUIET_FRAMES = 15
"""After so many frames in which nothing happened, the engine tells when something does."""
PATIENCE_S = 0.75
"""How long the engine may then keep a frame back, until something happens, a second is over or a key is pressed."""
SILENT_S = 5.0
"""An engine that owes a frame for so long stands still."""
LOOK_S = 1.0


class Bridge:
    """Asks for one frame at a time, so that a slow screen gets fewer frames, never a backlog."""

    def __init__(self, engine: EngineFace, on_frame: Callable[[Frame], None]) -> None:
        self.engine = engine
        self.view = ViewRequest(everything=True)
        """What the next frame should hold."""
        self._on_frame = on_frame
        self._loop: asyncio.AbstractEventLoop | None = None
        self._context = contextvars.copy_context()
        self._clock = SystemClock()
        self._asked = self._patient = self._hurried = False
        self._quiet = 0
        self._period_s = 0.0
        self._next: asyncio.TimerHandle | None = None
        self._pressed_ns = self._unshown_ns = 0
        self.frames_skipped = 0
        """Ticks at which the frame before had not come yet, or not left for the terminal."""
        self._is_behind: Callable[[], bool] = lambda: False
        self.on_silence: Callable[[bool], None] = lambda _: None
        """Told on the screen's loop that the engine stands still, and that it goes on."""
        self._asked_ns = 0
        self._came = self._is_silent = False
        self._watched: asyncio.TimerHandle | None = None

    def open(self, on_failure: OnFailure) -> None:
        """Start the engine; call it on the screen's loop. `on_failure` is called there when it can't begin."""
        self._loop = asyncio.get_running_loop()
        self._context = contextvars.copy_context()
        self.engine.start(lambda error: self._call(on_failure, error))

    def close(self) -> None:
        """Stop the engine and wait for it; a frame that comes meanwhile is the last."""
        self._period_s = 0.0
        for timer in (self._next, self._watched):
            if timer is not None:
                timer.cancel()
        self.engine.stop()

    def pace_by(self, is_behind: Callable[[], bool]) -> None:
        """Ask for no frame while the terminal is behind: what a key changes would wait for all before it."""
        self._is_behind = is_behind

    def keep_asking(self, period_s: float) -> None:
        """Ask for frames at a steady pace from now on; while nothing happens, as they come."""
        self._period_s = period_s
        self._beat()
        self._watch()

    def _watch(self) -> None:
        """Look once a second whether the engine stands still: where nothing happens no frame is asked for that often."""
        self.judge_silence()
        if self._loop is not None:
            self._watched = self._loop.call_later(LOOK_S, self._watch)

    def _beat(self) -> None:
        self._next = None
        self.tick()
        if not self._patient:
            self._wait()

    def _wait(self) -> None:
        if self._next is None and self._loop is not None and self._period_s:
            self._next = self._loop.call_later(self._period_s, self._beat)

    @property
    def is_quiet(self) -> bool:
        """Whether nothing has happened for a while."""
        return self._quiet >= QUIET_FRAMES

    def tick(self) -> None:
        """Ask for a frame, unless the last one is still on its way, to here or to the terminal."""
        if (self._asked and not self._patient) or self._is_behind():
            self.frames_skipped += 1
        elif not (self._patient and self.is_quiet):
            self._ask()

    def judge_silence(self) -> None:
        """Tell once that a frame is owed for too long; the first one may take its time."""
        owed_s = (self._clock.monotonic_ns() - self._asked_ns) / NS_PER_S
        if self._asked and self._came and not self._is_silent and owed_s > SILENT_S:
            self._is_silent = True
            self.on_silence(True)

    def _ask(self) -> None:
        """Ask for a frame, in the place of one that the engine may still keep back."""
        self._asked, self._patient = True, self.is_quiet
        self._asked_ns = self._clock.monotonic_ns()
        view = replace(self.view, patience_s=PATIENCE_S) if self._patient else self.view
        self.engine.drain(view, self._deliver)

    def hurry(self) -> None:
        """Ask for a frame now: what the screen looks at changed."""
        self._quiet = 0
        if self._asked and not self._patient:
            self._hurried = True
        else:
            self._ask()

    def key_pressed(self, at_ns: int) -> None:
        """Note when a key came, to measure how long it takes to the wire and to the paint."""
        self._pressed_ns = at_ns
        self._quiet = 0
        self._wait()

    def painted(self) -> None:
        """Note that what the last key caused is on its way to the terminal."""
        if self._pressed_ns:
            self.engine.note_paint(self._clock.monotonic_ns() - self._pressed_ns)
            self._pressed_ns = 0

    def to_show(self, frame: Frame) -> None:
        """Note since when the source has had what is about to be drawn; what is not drawn yet is older."""
        self._unshown_ns = self._unshown_ns or frame.source_ns

    def shown(self) -> None:
        """Note that all there was to draw is on its way to the terminal."""
        if self._unshown_ns:
            self.engine.note_shown(self._unshown_ns)
            self._unshown_ns = 0

    def send(self, command: Command) -> None:
        """Hand a command to the engine."""
        self.engine.submit(command, self._pressed_ns)

    def preview(self, request: OrderRequest, on_preview: Callable[[OrderPreview], None]) -> None:
        """Have an order judged without sending it; `on_preview` is called on the screen's loop."""
        self.engine.preview(request, lambda preview: self._call(on_preview, preview))

    def _deliver(self, frame: Frame) -> None:
        self._call(self._arrive, frame)

    def _arrive(self, frame: Frame) -> None:
        self._asked = self._patient = False
        self._came = True
        if self._is_silent:
            self._is_silent = False
            self.on_silence(False)
        self._wait()
        self._quiet = self._quiet + 1 if _is_quiet(frame) else 0
        if self._hurried:
            self._hurried = False
            self._ask()
        self._on_frame(frame)

    def _call(self, callback: Callable[..., None], *args: object) -> None:
        """Run a call on the screen's loop as the screen's own: a timer begun without knowing its app can't end."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(callback, *args, context=self._context)


def _is_quiet(frame: Frame) -> bool:
    """Tell whether a frame says nothing new of markets, orders, the account or what may be done."""
    market = frame.instruments or frame.quotes or frame.depth or frame.chart or frame.tape
    account = frame.orders or frame.positions or frame.account or frame.risk or frame.reconcile or frame.exits
    allowed = frame.arming or frame.lock or frame.catalogue or frame.watching or frame.alerts
    return not (market or account or allowed)
