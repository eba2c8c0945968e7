"""Looks at a running engine again and again, and never waits for it."""

from __future__ import annotations

from collections.abc import Callable, Generator

from engine.clock import NS_PER_S, Clock
from engine.control.controls import Controls
from engine.control.status import DeskStatus
from engine.errors import EngineError

ANSWER_S = 1.0
"""How long an engine may take to say how it is before it counts as not answering."""
NOT_ANSWERING = "the engine loop is not answering"

Watching = Generator[None, None, DeskStatus | str]


class Look:
    """One question to the engine; its answer comes on the engine's thread, or never."""

    __slots__ = ("status", "trouble")

    def __init__(self) -> None:
        self.status: DeskStatus | None = None
        self.trouble = ""

    def told(self, status: DeskStatus | EngineError) -> None:
        """Take the answer."""
        if isinstance(status, EngineError):
            self.trouble = f"the engine can't say how it is: {status}"
        else:
            self.status = status


class Watch:
    """Asks an engine how it is until something is proven."""

    def __init__(self, controls: Controls, clock: Clock) -> None:
        self._controls = controls
        self._now_ns = clock.monotonic_ns

    def look(self, *, hashed: bool = False) -> Look:
        """Ask once."""
        look = Look()
        self._controls.status(look.told, hashed=hashed)
        return look

    def until(
        self, within_s: float, proven: Callable[[DeskStatus], bool], *, hashed: bool = False
    ) -> Watching:
        """Yield while it is not proven and time is left; return the last status, or why there is none."""
        begun_ns, latest, look = self._now_ns(), None, self.look(hashed=hashed)
        while not look.trouble:
            waited_s = (self._now_ns() - begun_ns) / NS_PER_S
            if look.status is not None:
                latest = look.status
                if proven(latest) or waited_s >= within_s:
                    return latest
                look = self.look()
            elif waited_s >= (within_s if latest else max(within_s, ANSWER_S)):
                return latest or NOT_ANSWERING
            yield
        return look.trouble
