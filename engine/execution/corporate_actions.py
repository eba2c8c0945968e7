"""What a company did to what is held: written down first, then booked by who reads it back."""

from __future__ import annotations

from collections.abc import Mapping

from engine.bus import Bus
from engine.clock import Clock
from engine.errors import EngineError
from engine.execution.history import History
from engine.execution.scribe import Scribe
from engine.messages.commands import BookDividend, BookSplit
from engine.messages.events import CorporateEvent, DividendBooked, PositionSplit
from engine.model.instrument import Instrument, Symbol
from engine.model.position import Position
from engine.model.working_orders import WorkingOrders


class CorporateActions:
    """Books splits and dividends; each says what became of the position, and what takes it back."""

    def __init__(
        self,
        history: History,
        scribe: Scribe,
        working: WorkingOrders,
        positions: Mapping[Symbol, Position],
        bus: Bus,
        clock: Clock,
    ) -> None:
        self._history = history
        self._scribe = scribe
        self._working = working
        self._positions = positions
        self._bus = bus
        self._clock = clock

    def split(self, command: BookSplit) -> str:
        """Turn what is held into new units at the same cost; return what happened, in words.

        Raises:
            EngineError: nothing is held, orders still work at old prices, or it can't be written down.
        """
        symbol, ratio = command.symbol, f"{command.numerator}:{command.denominator}"
        if min(command.numerator, command.denominator) <= 0 or command.numerator == command.denominator:
            raise EngineError(f"{symbol}: expected a split such as 4:1, found {ratio}")
        position, instrument = self._held(symbol, "split")
        self._refuse_at_work(symbol)
        before = position.quantity
        self._book(
            instrument,
            PositionSplit(
                symbol,
                command.numerator,
                command.denominator,
                command.cash_price,
                command.origin,
                self._clock.now_ns(),
            ),
        )
        exact = position.quantity * command.denominator == before * command.numerator
        back = f"split {symbol} {command.denominator}:{command.numerator} takes it back"
        return (
            f"{symbol} split {ratio}: {instrument.size(before):,} became {instrument.size(position.quantity):,} "
            f"at the same cost; {back if exact else 'a part was paid out, so none takes it back'}"
        )

    def dividend(self, command: BookDividend) -> str:
        """Pay a dividend on what is held, a short owes it; return what happened, in words.

        Raises:
            EngineError: nothing is held, it is no amount, or it can't be written down.
        """
        symbol, per_unit = command.symbol, command.per_unit
        if not per_unit.is_finite() or not per_unit:
            raise EngineError(f"{symbol}: expected a dividend such as 0.24, found {per_unit}")
        position, instrument = self._held(symbol, "dividend")
        event = DividendBooked(symbol, per_unit, command.origin, self._clock.now_ns())
        self._book(instrument, event)
        return (
            f"{symbol} dividend {per_unit:f} {instrument.currency} on {instrument.size(position.quantity):,}; "
            f"dividend {symbol} {-per_unit:f} takes it back"
        )

    def _held(self, symbol: Symbol, what: str) -> tuple[Position, Instrument]:
        position = self._positions.get(symbol)
        if position is None or not position.quantity:
            raise EngineError(f"a {what} needs a position, and {symbol} is flat")
        return position, position.instrument

    def _refuse_at_work(self, symbol: Symbol) -> None:
        numbers = ", ".join(f"#{order.request.number}" for order in self._working.of(symbol))
        if numbers:
            raise EngineError(
                f"{symbol} has orders at prices of before the split, cancel them first: {numbers}"
            )
        if symbol in self._history.flattens:
            raise EngineError(f"{symbol} is being flattened: split what is held once that is over")

    def _book(self, instrument: Instrument, event: CorporateEvent) -> None:
        self._scribe.name(instrument)
        self._scribe.rate(instrument.currency)
        denials = self._scribe.record(event)
        if denials:
            raise EngineError(denials[0].text)
        self._bus.publish(event)
