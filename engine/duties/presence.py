"""What this desk says of itself to the others, taken once a second on the engine's loop."""

from __future__ import annotations

import platform

from engine.messages.firm import HELD_MAX, DeskPresence, Held
from engine.model.instrument import Symbol
from engine.model.text import clean
from engine.rooms import Rooms
from engine.version import program_version


def presence_of(rooms: Rooms) -> DeskPresence:
    """Return what this desk is and holds now; worst cases count its working orders."""
    book = rooms.gate.exposure
    return DeskPresence(
        name=rooms.firm.name,
        run=rooms.ids.run,
        host=clean(platform.node(), 64),
        account=clean(rooms.account.name, 64),
        mode=rooms.account.mode.value,
        operator=clean(rooms.firm.who(), 64),
        state=rooms.halts.everything.state,
        version=program_version(),
        currency=rooms.rates.base_currency,
        gross=book.gross,
        high=book.high,
        low=book.low,
        held=_held(rooms),
        is_priced=not book.unpriced,
    )


def _held(rooms: Rooms) -> tuple[Held, ...]:
    positions, exposures = rooms.ledger.positions, rooms.gate.exposure.symbols
    worked = [symbol for symbol, exposure in exposures.items() if exposure.size]
    held = dict.fromkeys([*worked, *(symbol for symbol, each in positions.items() if each.quantity)])
    largest = sorted(held, key=lambda symbol: -exposures[symbol].gross if symbol in exposures else 0)
    return tuple(_of(rooms, symbol) for symbol in largest[:HELD_MAX])


def _of(rooms: Rooms, symbol: Symbol) -> Held:
    position, exposure = rooms.ledger.positions.get(symbol), rooms.gate.exposure.symbols.get(symbol)
    size = f"{position.instrument.size(position.quantity).normalize():f}" if position is not None else "0"
    return Held(clean(symbol, 64), size, exposure.high if exposure else 0, exposure.low if exposure else 0)
