"""Why a symbol has to be followed as long as it is."""

from __future__ import annotations

from engine.model.instrument import Symbol
from engine.rooms import Rooms


def why_followed(rooms: Rooms, symbol: Symbol) -> str:
    """Return what a person has to end first, nothing where nothing stands in the way."""
    working = sum(1 for _ in rooms.working.of(symbol))
    if working:
        orders = "a working order" if working == 1 else f"{working} working orders"
        return f"{symbol} has {orders} and stays: x {symbol} cancels, then unwatch {symbol}"
    position = rooms.ledger.positions.get(symbol)
    if position is not None and position.quantity:
        held = f"{position.instrument.size(position.quantity).normalize():,f}"
        return f"{symbol} is held ({held}) and stays: flat {symbol} closes, then unwatch {symbol}"
    return _why_valued_by(rooms, symbol)


def _why_valued_by(rooms: Rooms, symbol: Symbol) -> str:
    """A pair with the account's currency may be all that says what another position is worth."""
    state, base = rooms.market.states.get(symbol), rooms.account.base_currency
    pair = {state.instrument.base, state.instrument.currency} if state is not None else set()
    for position in rooms.ledger.positions.values():
        currency = position.instrument.currency
        if position.quantity and currency != base and pair == {base, currency}:
            return f"{symbol} stays: it says what {position.symbol} is worth, which is held in {currency}"
    return ""
