"""Typed publish and subscribe: plain calls, in order, on the engine's own thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

Event = TypeVar("Event")
Handler = Callable[[object], None]


class Bus:
    """Calls every handler of an event's type; a handler that raises stops the publisher.

    There is no queue here: a queue belongs to the reader that can fall behind.
    """

    __slots__ = ("_handlers",)

    def __init__(self) -> None:
        self._handlers: dict[type, tuple[Handler, ...]] = {}

    def subscribe(self, event_type: type[Event], handler: Callable[[Event], None]) -> None:
        """Call `handler` with every event of exactly this type, after those subscribed before."""
        self._handlers[event_type] = (*self._handlers.get(event_type, ()), cast("Handler", handler))

    def publish(self, event: object) -> None:
        """Hand the event to its subscribers, first subscribed first."""
        for handler in self._handlers.get(type(event), ()):
            handler(event)
