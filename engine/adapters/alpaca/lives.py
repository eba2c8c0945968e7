"""What is known of each order from its first id at Alpaca to its last, for the time that the desk runs.

It can all be asked for again: what is forgotten here, or was known to a desk before this one, is looked up.
"""

from __future__ import annotations

import asyncio
from collections import deque

from engine.adapters.alpaca.messages import OCO, REPLACED, OrderText, TradeUpdate
from engine.adapters.alpaca.names import client_id_of
from engine.adapters.alpaca.reading import ENDS
from engine.ids import partner_id

KEPT_MAX = 20_000
HELD_MAX = 100
"""Updates that are kept of an order which the engine does not know yet."""
_UNDERWAY = frozenset({"pending_new", "accepted", "pending_review", "rejected", "held"})
"""What an order is that has not taken another's place yet, or never will."""


class Life:
    """One order of ours, whatever Alpaca calls it at the moment."""

    __slots__ = (
        "accepted",
        "client_id",
        "current",
        "group",
        "held",
        "known",
        "members",
        "named",
        "turn",
    )

    def __init__(self, client_id: str) -> None:
        self.client_id = client_id
        self.members: dict[str, OrderText] = {}
        """As each order at Alpaca was told of last, by its id."""
        self.current = ""
        """The id of the one that works, or was the last to."""
        self.group = ""
        """What it has in common with the order of which Alpaca lets only one trade; empty for an order alone."""
        self.accepted = False
        """Whether it was told that Alpaca has it."""
        self.known = False
        """Whether the engine knows the order: it sent it, or was told of it in an answer."""
        self.held: deque[TradeUpdate] = deque(maxlen=HELD_MAX)
        """What happened to it before it was known."""
        self.named = asyncio.Event()
        """Set once its id at Alpaca is known, or there will be none."""
        self.turn = asyncio.Lock()
        """Who holds it may change the order; the next one waits for the answer."""

    @property
    def order(self) -> OrderText | None:
        """The order that works, or was the last to."""
        return self.members.get(self.current)

    @property
    def is_partner(self) -> bool:
        """Whether it is a stop that belongs to a target."""
        return self.group not in {"", self.client_id}

    @property
    def first(self) -> OrderText | None:
        """The order that it began with, as far back as is known."""
        before = self.before()
        return before[-1] if before else self.order

    def before(self) -> list[OrderText]:
        """Return those whose place the current one has taken, one after the other."""
        found: list[OrderText] = []
        order = self.order
        while order is not None and order.replaces and len(found) < len(self.members):
            order = self.members.get(order.replaces)
            if order is not None:
                found.append(order)
        return found

    def take(self, order: OrderText, *, taken_back: bool = False) -> bool:
        """Note how an order of this life stands now; tell whether it has other terms than before.

        It has taken the place of the one before, or was made smaller by what its partner traded. What is less filled than was known is from before, unless a fill was taken back.
        """
        known = self.members.get(order.id)
        if known is not None and _is_older(order, known) and not taken_back:
            order = known
        self.members[order.id] = order
        was = self.current
        self.current = self._now(order)
        if self.current:
            self.named.set()
        is_smaller = known is not None and known.qty != order.qty and order.id == self.current
        return bool(was) and (self.current != was or is_smaller)

    def _now(self, order: OrderText) -> str:
        """Return which order is the current one: the last that took a place."""
        current = self.order
        if current is None:
            current = self.members.get(order.replaces or "", order)
        while current.status == REPLACED and current.replaced_by in self.members:
            current = self.members[current.replaced_by]
        if order.replaces == current.id and order.status not in _UNDERWAY:
            return order.id
        return current.id


class Lives:
    """Every life by our id and by each of Alpaca's; the oldest are forgotten."""

    def __init__(self) -> None:
        self._by_name: dict[str, Life] = {}
        self._by_venue_id: dict[str, Life] = {}

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

    def with_id(self, venue_id: str) -> Life | None:
        """Return the life that an order of Alpaca's belongs to, None where that is not known."""
        return self._by_venue_id.get(venue_id)

    def of(self, order: OrderText) -> Life:
        """Return the life that an order belongs to: that of the one it replaces, else the one that its id names.

        What it replaces may become known later than the order itself: what was kept of it moves to that life then.
        """
        mine, before = self._by_venue_id.get(order.id), self._by_venue_id.get(order.replaces or "")
        if mine is not None and mine.is_partner:
            before, mine = mine, before  # whose stop it is, is known better than what Alpaca called it first
        life = before or mine or self.begin(client_id_of(order))
        if mine is not None and mine is not life:
            self._move(mine, life)
        self._by_venue_id[order.id] = life
        if order.order_class == OCO:
            for leg in order.legs or ():
                self._pair(leg, life)
        return life

    def take_whole(self, order: OrderText) -> None:
        """Note how an order stands, and what it was sent together with."""
        self.of(order).take(order)
        for leg in order.legs or ():
            self.of(leg).take(leg)

    def _pair(self, leg: OrderText, target: Life) -> None:
        """Note whose partner a stop is: Alpaca gives it an id of its own, ours follows from the target's."""
        life, name = self._by_venue_id.get(leg.id), partner_id(target.client_id)
        if name and (life is None or not life.known):
            stranger, life = life, self.begin(name)
            if stranger is not None and stranger is not life:
                self._move(stranger, life)
                self._by_name.pop(stranger.client_id, None)
        life = life or self.begin(client_id_of(leg))
        self._by_venue_id[leg.id] = life
        if leg.replaces:
            self._by_venue_id.setdefault(leg.replaces, life)
        life.group = target.group = target.client_id

    def _move(self, stranger: Life, life: Life) -> None:
        """Let a life have what was taken for another's."""
        life.held.extend(stranger.held)
        stranger.held.clear()
        for venue_id, order in stranger.members.items():
            life.members.setdefault(venue_id, order)
            self._by_venue_id[venue_id] = life

    def _forget(self, client_id: str) -> None:
        life = self._by_name.pop(client_id)
        for venue_id in life.members:
            self._by_venue_id.pop(venue_id, None)


def _is_older(order: OrderText, known: OrderText) -> bool:
    """Whether word of an order is from before what is known: an end stays, and fills are not undone by what was late."""
    return _rank(order) < _rank(known)


def _rank(order: OrderText) -> tuple[object, ...]:
    return order.status in ENDS or order.status == REPLACED, order.filled, -(order.qty or 0)
