"""What the ticket is told: the order on the line, how far it has come, and what the gate says of it."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from engine.messages.views import OrderPreview, OrderView
from engine.model.order import OrderRequest


class Stage(StrEnum):
    """How far an order on the line has come."""

    EMPTY = "empty"
    """There is none, or a change that changes nothing yet."""
    TYPED = "typed"
    STAGED = "staged"


class Ticket(Struct, frozen=True):
    """What the ticket shows."""

    stage: Stage = Stage.EMPTY
    requests: tuple[OrderRequest, ...] = ()
    """The order; two of which one cancels the other."""
    preview: OrderPreview | None = None
    notice: str = ""
    notice_role: str = "warn"
    """Why the line is no order, or why it was not sent."""
    is_news: bool = False
    """Whether the notice may be about anything: it takes no place from the order."""
    pegged: str = ""
    """The word that the price follows."""
    amends: OrderView | None = None
    """The working order that is changed."""
    flips: bool = False
    """Whether it turns a position into its opposite."""
    denied: bool = False
    """Whether the gate would let nothing of it out as things are now."""

    @property
    def request(self) -> OrderRequest | None:
        """The order, the first of two."""
        return self.requests[0] if self.requests else None
