"""No limit is exceeded on the worst assumption, by the venue's own truth, whenever an order is accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.order import Order, OrderRequest
from tests.simulation.truth import Live, Truth, held, waiting, worst

if TYPE_CHECKING:
    from tests.simulation.world import World

_TOLERANCE = 1.01
"""Prices are as old as a second when exposure is judged."""


class LimitsKept:
    """Judges what the engine accepted."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._truth = Truth(world)

    def accepted(self, request: OrderRequest) -> None:
        """An order was accepted, and is on its way."""
        lives = self._truth.of(request.symbol)
        if request.reduce_only:
            self._only_reduces(request, request.quantity, lives)
        elif worst(lives, request.side) > 0:
            self._position(request, lives)
            self._size(request)
            self._count(request, lives)
            self._gross(request, lives)

    def change_accepted(self, order: Order) -> None:
        """New terms of an order were accepted."""
        request, quantity = order.request, order.amend_quantity
        if quantity is None or quantity <= order.quantity:
            return
        lives = self._truth.of(request.symbol)
        if request.reduce_only:
            self._only_reduces(request, quantity - order.filled, lives)
        elif worst(lives, request.side) > 0:
            self._position(request, lives)
            self._gross(request, lives)

    def _position(self, request: OrderRequest, lives: list[Live]) -> None:
        limit = self._limit("position_size_max")
        reach = worst(lives, request.side)
        if reach > limit + self._unheard_of_groups(request, lives):
            self._found(request, f"could bring the position to {reach}, beyond the limit of {limit}")

    def _size(self, request: OrderRequest) -> None:
        limit = self._limit("order_size_max")
        if request.quantity > limit:
            self._found(request, f"is of {request.quantity}, beyond the limit of {limit}")

    def _count(self, request: OrderRequest, lives: list[Live]) -> None:
        limits = self._world.rooms.limits.limits
        here = sum(each.leaves > 0 for each in lives)
        everywhere = here + sum(
            each.leaves > 0
            for symbol in self._world.venue.touch
            if symbol != request.symbol
            for each in self._truth.of(symbol)
        )
        here_max = limits.default.open_orders_max or 0
        if here > here_max or everywhere > limits.account.open_orders_max:
            self._found(request, f"is one of {here} open orders here, {everywhere} in all")

    def _gross(self, request: OrderRequest, lives: list[Live]) -> None:
        """The account's gross exposure in cents, every symbol at its worst."""
        if worst(lives, request.side) < worst(lives, -request.side):
            return  # it makes the worst case no worse
        gross = 0
        for symbol, (bid, ask) in self._world.venue.touch.items():
            others = lives if symbol == request.symbol else self._truth.of(symbol)
            units = max(worst(others, 1), worst(others, -1)) - self._truth.unheard(symbol)
            gross += max(0, units) * (bid + ask) // 2
        equity = self._world.rooms.account.equity_micros // 10_000
        limit = float(self._world.rooms.limits.limits.account.gross_max_ratio) * equity * _TOLERANCE
        if gross > limit:
            self._found(
                request, f"could bring gross exposure to {gross / 100:,.0f}, beyond {limit / 100:,.0f}"
            )

    def _only_reduces(self, request: OrderRequest, quantity: int, lives: list[Live]) -> None:
        """All that only reduces, this included, closes at most what is held."""
        to_close = max(0, -request.side * held(lives))
        others = [each for each in lives if each.request.client_id != request.client_id]
        closing = quantity + waiting(others, request.side, reduce_only=True, without_group=request.group)
        if closing > to_close + self._truth.unheard(request.symbol):
            self._found(request, f"only reduces, and could open: {closing} would close {to_close}")

    def _unheard_of_groups(self, request: OrderRequest, lives: list[Live]) -> int:
        """What one leg filled is taken off the other once it was heard of, not before."""
        grouped = any(each.request.group for each in lives)
        return self._truth.unheard(request.symbol) if grouped else 0

    def _limit(self, name: str) -> int:
        sections = self._world.rooms.limits.limits.asset_class.values()
        return next(int(value) for each in sections if (value := getattr(each, name)) is not None)

    def _found(self, request: OrderRequest, what: str) -> None:
        self._world.findings.append(f"limit: {request.client_id} in {request.symbol} {what}")
