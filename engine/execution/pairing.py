"""Exits that the broker itself holds as pairs: how much of an entry they cover, and whose end follows from whose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.execution.blotter import Blotter, in_words, label
from engine.execution.legs import Bracket, went_wrong
from engine.execution.pair import Pair
from engine.execution.sizing import Sizing
from engine.messages.events import Severity
from engine.model.order import Leg, Order, OrderStatus

PIECES_MAX: Final = 4
"""How many pairs an entry may have: Binance takes five stops of a symbol."""
_NOT_THERE: Final = frozenset({OrderStatus.REJECTED, OrderStatus.NOT_FOUND})
_UNPROVEN: Final = frozenset({OrderStatus.PENDING_NEW, OrderStatus.UNKNOWN})


class Pairing:
    """Brings the pairs of an entry to no more than it needs.

    A pair is never made smaller or larger: what the entry fills more gets a pair of its own beside those that stand, so
    that nothing is without its stop meanwhile. Only beyond `PIECES_MAX`, or when there is too much, the newest
    pair goes. Where one of a pair has ended, the other goes too.
    """

    def __init__(self, sizing: Sizing, blotter: Blotter) -> None:
        self._sizing = sizing
        self._blotter = blotter
        self._told: set[str] = set()
        """Orders that are waited for, and a person knows."""

    def left_by_pairs(self, bracket: Bracket) -> int | None:
        """Return what the pairs leave of the need, in size units; None while one is going: its size is held there."""
        pairs = bracket.open_pairs()
        staying = [pair for pair in pairs if pair.is_whole and not self._is_going(pair)]
        for pair in pairs:
            if _is_half(pair) or any(map(self._sizing.took_off, pair)):
                self._take_off(pair)
            if bracket.need and not pair.is_whole:
                self._tell_of_waiting(bracket, pair)
        covered = sum(pair.leaves for pair in staying)
        is_going = len(staying) < len(pairs)
        while covered > bracket.need or self._has_too_many(staying, bracket.need - covered):
            covered -= staying[-1].leaves
            self._take_off(staying.pop())
            is_going = True
        return None if is_going else bracket.need - covered

    def was_lost(self, bracket: Bracket, order: Order) -> bool:
        """Return whether a leg ended without having done its work, and neither we nor its partner are the reason."""
        if not went_wrong(order) or self._sizing.took_off(order):
            return False
        partner = bracket.partner(order)
        return partner is None or not self._follows(order, partner)

    def _follows(self, order: Order, partner: Order) -> bool:
        """Whether a leg's end follows from its partner's: that traded, or a person took it back, or it was refused.

        Where both are refused the target is taken for the reason: a stop may be had without it.
        """
        if partner.filled:
            return True
        if partner.cancel_wanted and not order.cancel_wanted:
            return not self._sizing.took_off(partner)
        return order.request.leg is Leg.STOP and partner.status in _NOT_THERE

    def _tell_of_waiting(self, bracket: Bracket, pair: Pair) -> None:
        """Say what has no stop or no target for as long as nobody knows what became of the other."""
        ended, other = pair if pair.target.is_open else (pair.target, pair.stop)
        if other.status is OrderStatus.UNKNOWN and other.client_id not in self._told:
            self._told.add(other.client_id)
            size, leg = in_words(ended, min(pair.leaves, bracket.need)), ended.request.leg
            text = f"{size} of {label(bracket.entry)} are without the {leg} until {label(other)} is proven to be gone"
            self._blotter.alert(Severity.CRITICAL if leg is Leg.STOP else Severity.WARNING, text)

    def _is_going(self, pair: Pair) -> bool:
        return any(order.cancel_wanted or self._sizing.took_off(order) for order in pair)

    @staticmethod
    def _has_too_many(staying: Sequence[Pair], more: int) -> bool:
        return more > 0 and len(staying) >= PIECES_MAX

    def _take_off(self, pair: Pair) -> None:
        for order in pair:
            self._sizing.fit(order, 0)


def _is_half(pair: Pair) -> bool:
    """Whether one ended and the other did not: where one was refused, the same word of the other is on its way."""
    if pair.is_whole:
        return False
    return not (any(each.status in _NOT_THERE for each in pair) and any(map(_is_unproven, pair)))


def _is_unproven(order: Order) -> bool:
    return order.status in _UNPROVEN
