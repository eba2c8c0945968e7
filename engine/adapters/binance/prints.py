"""The prints of one symbol in the order of their ids, with those that were missed before the stream began."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from engine.adapters.live.listed import Listed
from engine.model.trade import Trade

WAITING_MAX = 10_000
"""Prints kept until the missed ones have come; of more than that the oldest are lost."""


class Prints:
    """Keeps what the stream says until the prints before it are known, then hands on at once."""

    def __init__(self, listed: Listed, hand_on: Callable[[Trade], None]) -> None:
        self._listed = listed
        self._hand_on = hand_on
        self._waiting: deque[Trade] | None = deque(maxlen=WAITING_MAX)

    def begin(self) -> None:
        """Wait for what was missed: it is a new connection."""
        self._waiting = deque(maxlen=WAITING_MAX)

    def take(self, trade: Trade) -> None:
        """Take a print of the stream."""
        if self._waiting is not None:
            self._waiting.append(trade)
        elif self._listed.is_new(trade):
            self._hand_on(trade)

    def caught_up(self, before: Iterable[Trade]) -> None:
        """Hand on what was missed, then what waited, none twice."""
        waiting, self._waiting = self._waiting or (), None
        for trade in sorted((*before, *waiting), key=lambda each: each.trade_id):
            if self._listed.is_new(trade):
                self._hand_on(trade)
