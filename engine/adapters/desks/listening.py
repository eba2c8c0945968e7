"""Keeps listening to another desk: it is there as long as it says something, however it can't be heard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from engine.clock import NS_PER_MS, NS_PER_S, Clock
from engine.model.text import clean
from engine.ports.shared_quotes import HeardQuotes, SharedQuotes, SharedUnusable

LOOK_S: Final = 0.5
"""How often is looked whether there was news or not: a message that is lost costs that."""


class Heard(Protocol):
    """Takes what was read."""

    def __call__(self, found: HeardQuotes, *, is_again: bool) -> None:
        """Take it."""


def _ignore(found: HeardQuotes, *, is_again: bool) -> None:
    del found, is_again


class Listening:
    """Reads from where everything was told last, and again from there once it was silent."""

    requests_dropped = 0

    def __init__(self, name: str, shared: SharedQuotes, clock: Clock, silence_s: float) -> None:
        self.is_open = False
        self.connects = 0
        """How often it was heard after a silence."""
        self.trouble = ""
        """Why it is not heard."""
        self.unread = 0
        """Entries that could not be read."""
        self.behind_ms = 0
        """How old the newest entry was when it was read."""
        self.heard: Heard = _ignore
        """Given what was read, and whether some of it may have been read before; it calls `said` for what is new."""
        self.lost: Callable[[str], None] = lambda _: None
        """Told why it is not heard any more."""
        self._name = name
        self._shared = shared
        self._clock = clock
        self._silence_ns = int(silence_s * NS_PER_S)
        self.heard_ns = clock.monotonic_ns()
        """When the desk last said that it is there; before it ever did, since when that is waited for."""
        self._after = ""
        self._fault = ""

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            await self._look()
            if self._clock.monotonic_ns() - self.heard_ns > self._silence_ns:
                self.give_up(self._fault or self._silence)
            await self._shared.news(LOOK_S)

    def said(self) -> bool:
        """Note that the desk is there; tell whether it was not before."""
        self.heard_ns = self._clock.monotonic_ns()
        self.trouble = ""
        was_open, self.is_open = self.is_open, True
        self.connects += not was_open
        return not was_open

    def try_now(self, reason: str) -> None:
        """Begin anew where the desk told everything last."""
        self.give_up(reason)

    def give_up(self, reason: str) -> None:
        """Take it that the desk is not there; the next look begins where it told everything last."""
        self._after = ""
        self.trouble = reason
        if self.is_open:
            self.is_open = False
            self.lost(reason)

    @property
    def _silence(self) -> str:
        if self.unread and not self.connects:
            return f"what {self._name} says can't be read here"
        if self.connects:
            return f"{self._name} has said nothing for {self._silence_ns / NS_PER_S:g} s"
        return f"{self._name} shares no quotes: redis.share_quotes = true lets it, on a live market"

    async def _look(self) -> None:
        """Hand on what is new."""
        try:
            found = await (self._shared.since(self._after) if self._after else self._shared.newest())
        except SharedUnusable as error:
            self._fault = clean(str(error))
            return
        self._fault = ""
        is_again, self._after = not self._after, found.after
        if not found.entries and not found.unread:
            return
        self.behind_ms = found.behind_ms
        if found.behind_ms * NS_PER_MS > self._silence_ns:
            self._after = ""  # it is as good as silent: what it said last is looked for instead
            return
        self.unread += found.unread
        self.heard(found, is_again=is_again)
