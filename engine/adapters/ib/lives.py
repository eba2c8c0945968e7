"""What is known of each order of ours, for the time that the desk runs; it can all be asked for again."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from engine.adapters.ib.reading import Terms
from engine.adapters.units import ID_MAX
from engine.model.instrument import Instrument
from engine.model.text import clean

KEPT_MAX: Final = 20_000
HELD_MAX: Final = 200
"""What is kept of an order that the engine does not know yet."""
ORDER, TERMS, CANCEL = "order", "terms", "cancel"
_OURS: Final = re.compile(r"[0-9a-z]{8,10}-[0-9]+(-[st][0-9]+)?")
"""What ids of a desk look like."""


class Life:
    """One order."""

    __slots__ = (
        "accepted",
        "asked",
        "client_id",
        "ended",
        "filled",
        "held",
        "instrument",
        "known",
        "named",
        "order",
        "order_id",
        "perm_id",
        "reason",
        "refused",
        "terms",
        "turn",
        "wanted",
    )

    def __init__(self, client_id: str) -> None:
        self.client_id = client_id
        self.order_id = 0
        """Its number at this gateway, for our connection; 0 where it has none."""
        self.perm_id = 0
        self.order: Any = None
        """As it was told of last."""
        self.instrument: Instrument | None = None
        self.terms: Terms | None = None
        self.wanted: Terms | None = None
        """The terms that it is to get."""
        self.filled = 0.0
        self.accepted = False
        """Whether it was told that Interactive Brokers has it."""
        self.ended = False
        """Whether its end was told."""
        self.refused = False
        """Whether its end was that it was refused."""
        self.known = False
        """Whether the engine knows the order: it sent it, or was told of it in an answer."""
        self.reason = ""
        """What was last said to be wrong with it."""
        self.held: deque[Callable[[], None]] = deque(maxlen=HELD_MAX)
        """What happened to it before it was known."""
        self.asked: dict[str, asyncio.Future[None]] = {}
        """What waits for an answer."""
        self.named = asyncio.Event()
        """Set once it has a number, or there will be none."""
        self.turn = asyncio.Lock()
        """Who holds it may change the terms; the next one waits for the answer."""

    def answered(self, what: str) -> None:
        """Let go whoever waits for an answer."""
        future = self.asked.get(what)
        if future is not None and not future.done():
            future.set_result(None)

    def waits_for(self, what: str) -> bool:
        """Whether somebody waits for an answer."""
        return what in self.asked and not self.asked[what].done()


class Lives:
    """Every life by our id, by its number on our connection, and by its number for life; the oldest are forgotten."""

    def __init__(self, own: int) -> None:
        self.own = own
        """The number of our connection."""
        self._by_name: dict[str, Life] = {}
        self._by_number: dict[int, Life] = {}
        self._by_perm_id: dict[int, Life] = {}

    def begin(self, client_id: str) -> Life:
        """Return the life of one of our orders, a new one where none is known."""
        life = self._by_name.get(client_id)
        if life is None:
            life = self._by_name[client_id] = Life(client_id)
            if len(self._by_name) > KEPT_MAX:
                self._forget(next(iter(self._by_name)))
        return life

    def named(self, client_id: str) -> Life | None:
        """Return the life of one of our orders, None where none is known."""
        return self._by_name.get(client_id)

    def number(self, life: Life, order_id: int) -> None:
        """Note the number under which an order is sent."""
        life.order_id = order_id
        self._by_number[order_id] = life
        life.named.set()

    def with_number(self, order_id: int) -> Life | None:
        """Return the life of an order of our connection, None where none is known."""
        return self._by_number.get(order_id)

    def of(self, order: Any) -> Life | None:
        """Return the life of an order that was told of, None where it is not one of our connection."""
        if order.clientId != self.own or not order.orderId:
            return None
        life = self._by_number.get(order.orderId)
        if life is None:
            life = self.begin(self.name_of(order.orderRef, order.permId, is_own=True))
            self.number(life, order.orderId)
        self.prove(life, order.permId)
        life.order = order
        return life

    def prove(self, life: Life, perm_id: int) -> None:
        """Note the number that an order has for life."""
        if perm_id:
            life.perm_id = perm_id
            self._by_perm_id[perm_id] = life

    def name_of(self, ref: str, perm_id: int, *, is_own: bool) -> str:
        """Return what an order is called here: by our id which it carries, else by its number for life."""
        if (life := self._by_perm_id.get(perm_id)) is not None:
            return life.client_id
        name = clean(ref, ID_MAX)
        return name if name and (is_own or _OURS.fullmatch(name)) else f"ib-{perm_id}"

    def waiting(self) -> list[Life]:
        """Return those of which an answer is waited for."""
        return [life for life in self._by_name.values() if life.asked]

    def _forget(self, client_id: str) -> None:
        life = self._by_name.pop(client_id)
        self._by_number.pop(life.order_id, None)
        self._by_perm_id.pop(life.perm_id, None)
