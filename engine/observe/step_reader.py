"""What was noted of orders, read as steps: when, what, and how it came this far."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from engine.messages.commands import SubmitOrder
from engine.messages.events import OrderChanged, OrderDenied, OrderFilled, OrderSubmitted
from engine.messages.order_path import CommandTaken, OrderSent
from engine.model.order import OrderRequest

Begun = OrderSubmitted | OrderDenied
Later = OrderSent | OrderFilled | OrderChanged
Step = tuple[int, Begun | Later, int, int]
"""When something happened, and what. Of an order that begins it is when it did, and when the gate's check began (0 without one) and ended."""

CHECKS_MAX = 1_000
"""How many checks are remembered that no order follows: those of a pair of which one was refused."""


class StepReader:
    """Belongs to the thread that makes spans; `OrderSteps` and `TimedGate` say what is noted."""

    def __init__(self, noted: deque[Any], drop: Callable[[], None]) -> None:
        """Take the queue, and what counts that something found no room there."""
        self._noted, self._drop = noted, drop
        self._checks: dict[str, tuple[int, int]] = {}
        """When the check of an order began and ended that has not begun yet, by its client id."""
        self._taken = ("", 0)
        """The order of the last command, and when that came."""

    def take(self) -> Iterator[Step]:
        """Yield the steps that have been noted since the last time; they wait no more.

        A full queue gave up the oldest: of that nobody knows how much it was, so it counts as one.
        """
        count = len(self._noted)
        if count == self._noted.maxlen:
            self._drop()
        for _ in range(count):
            noted, at_ns = self._noted.popleft(), 0
            if isinstance(noted, tuple) and len(noted) > 2:
                self._check(*noted)
                continue
            if isinstance(noted, tuple):
                at_ns, noted = noted
            if isinstance(noted, CommandTaken):
                self._command(noted, at_ns or noted.event_ns)
            elif isinstance(noted, OrderFilled):
                yield at_ns, noted, 0, 0
            elif isinstance(noted, OrderSent | OrderChanged):
                yield at_ns or noted.event_ns, noted, 0, 0
            elif (step := self._begun(noted, at_ns)) is not None:
                yield step

    def _check(self, request: OrderRequest, began_ns: int, ended_ns: int) -> None:
        if len(self._checks) >= CHECKS_MAX:
            self._checks.clear()
        self._checks[request.client_id] = began_ns, ended_ns

    def _command(self, event: CommandTaken, at_ns: int) -> None:
        if isinstance(event.command, SubmitOrder):
            self._taken = (event.command.request.client_id, at_ns)

    def _begun(self, event: Begun, at_ns: int) -> Step | None:
        """Return the step of an order that begins; None for one that was not followed for want of room."""
        client_id = event.request.client_id
        checked_ns, gated_ns = self._checks.pop(client_id, (0, at_ns))
        if not checked_ns and isinstance(event, OrderSubmitted):
            return None
        taken, taken_ns = self._taken
        return (taken_ns if taken == client_id else checked_ns or at_ns), event, checked_ns, gated_ns
