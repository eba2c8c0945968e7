"""From one part of the day to another: what opens, what closes, and what ends with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.venues.alpaca.hours import PHASES, SESSION
from tests.venues.alpaca.lives import end

if TYPE_CHECKING:
    from tests.venues.alpaca.floor import Floor


def change_phase(floor: Floor, phase: str) -> None:
    """Set the phase, after the auction and the ends that belong to leaving the one before."""
    if phase not in PHASES:
        raise ValueError(f"unknown phase {phase}")
    before, floor.phase = floor.phase, phase
    floor.pit.pause()
    if phase in SESSION and before not in SESSION:
        _hold_auction(floor, "opg")
    if before in SESSION and phase not in SESSION:
        _hold_auction(floor, "cls")
        _end_day(floor, extended=phase == "closed")
    elif phase == "closed":
        _end_day(floor, extended=True)
    floor.pit.resume()


def _hold_auction(floor: Floor, kind: str) -> None:
    for order in floor.exchange.open:
        if order.time_in_force == kind and order.status == "accepted":
            floor.pit.open_for_auction(order)


def _end_day(floor: Floor, *, extended: bool) -> None:
    """Let orders for the day expire that were in its session; those with extended hours, when these end."""
    for order in floor.exchange.open:
        is_over = order.status in {"new", "partially_filled", "held"} and not order.asset.is_crypto
        if is_over and order.time_in_force == "day" and (extended or not order.extended_hours):
            end(floor, order, "expired")
