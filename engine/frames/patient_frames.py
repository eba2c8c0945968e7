"""The screen's frames: made at once, or once there is something to tell where the screen can wait for that."""

from __future__ import annotations

from collections.abc import Callable

from engine.clock import NS_PER_S
from engine.frames.frame_builder import FrameBuilder
from engine.messages.views import Frame, ViewRequest

_SHARE_OF_SILENCE = 4
"""A screen that may be silent for some time before it is believed gone is heard so often in it at least."""


class PatientFrames:
    """Keeps one request that can wait, so that nothing is made and nobody woken while nothing happens."""

    def __init__(self, frames: FrameBuilder, monotonic_ns: Callable[[], int], silence_max_s: float) -> None:
        """Take what makes frames, and how long a screen may take none before orders are cancelled; 0 for ever."""
        self._frames = frames
        self._monotonic_ns = monotonic_ns
        self._patience_max_s = silence_max_s / _SHARE_OF_SILENCE if silence_max_s else float("inf")
        self._waiting: tuple[ViewRequest, Callable[[Frame], None], int] | None = None

    def ask(self, request: ViewRequest, deliver: Callable[[Frame], None]) -> None:
        """Deliver a frame, now or when it is due; a request takes the place of one that still waits."""
        patience_s = min(request.patience_s, self._patience_max_s)
        self._waiting = request, deliver, self._monotonic_ns() + int(patience_s * NS_PER_S)
        self.look()

    def look(self) -> None:
        """Deliver what waits if there is something to tell, or it has waited for long enough."""
        if self._waiting is None:
            return
        request, deliver, due_ns = self._waiting
        if self._monotonic_ns() >= due_ns or self._frames.has_news:
            self._waiting = None
            deliver(self._frames.make(request))
