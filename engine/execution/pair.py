"""Two exits that were sent together."""

from __future__ import annotations

from typing import NamedTuple

from engine.model.order import Order


class Pair(NamedTuple):
    """A stop and a target that the broker holds as one."""

    stop: Order
    target: Order

    @property
    def is_whole(self) -> bool:
        """Whether both may still trade."""
        return self.stop.is_open and self.target.is_open

    @property
    def leaves(self) -> int:
        """What is left of both: what fills of one the broker takes off the other, whenever it says so."""
        return self.stop.request.quantity - self.stop.filled - self.target.filled
