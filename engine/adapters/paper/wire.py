"""One direction of a connection that takes time and keeps the order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from engine.clock import Clock

Message = TypeVar("Message")


class Wire(Generic[Message]):
    """Delivers each message a fixed time after it was sent, first sent first."""

    __slots__ = ("_clock", "_deliver", "_latency_ns", "_on_way", "_receive")

    def __init__(self, clock: Clock, latency_ns: int, receive: Callable[[Message], None]) -> None:
        self._clock = clock
        self._latency_ns = latency_ns
        self._receive = receive
        self._on_way: deque[Message] = deque()
        self._deliver = self._deliver_next

    def __len__(self) -> int:
        return len(self._on_way)

    def send(self, message: Message) -> None:
        """Put a message on its way."""
        clock = self._clock
        self._on_way.append(message)
        clock.call_at(clock.now_ns() + self._latency_ns, self._deliver)

    def _deliver_next(self) -> None:
        """Deliver the oldest: the n-th timer delivers the n-th message, however timers are ordered."""
        if self._on_way:
            self._receive(self._on_way.popleft())

    def take_all(self) -> list[Message]:
        """Take what is on its way off the wire, oldest first."""
        taken = list(self._on_way)
        self._on_way.clear()
        return taken
