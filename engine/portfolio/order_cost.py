"""What an order cost to trade, beside its fees: against the market as it was sent."""

from __future__ import annotations

from fractions import Fraction

from engine.model.order import Order
from engine.portfolio.tca import Execution


def execution_of(order: Order) -> Execution | None:
    """Return what was filled of an order, in millionths; None without fills or a market as it was sent.

    The decision is taken for the sending: nobody knows when the trader made up his mind.
    """
    if not order.fills or not (order.sent_bid and order.sent_ask):
        return None
    instrument = order.instrument
    worth = Fraction(instrument.micros_numerator, instrument.micros_denominator)
    middle = Fraction(order.sent_bid + order.sent_ask, 2) * worth
    return Execution(
        side=order.side,
        quantity=Fraction(order.filled),
        decision=middle,
        arrival=middle,
        fills=[(Fraction(fill.quantity), fill.price * worth) for fill in order.fills],
        close=middle,
    )
