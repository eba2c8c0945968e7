"""Puts the parts of a stock together; what is missing or can't be read makes it incomplete."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import TypeVar

from engine.adapters.bridge import protocol as p
from engine.adapters.bridge.reading import Reader
from engine.adapters.units import micros, signed_units
from engine.errors import DataError
from engine.messages.stock import BrokerOrder, BrokerStock
from engine.model.fill import Fill
from engine.model.instrument import Symbol
from engine.model.text import clean

Told = TypeVar("Told")
Read = TypeVar("Read")

PARTS_MAX = 10_000


class StockParts:
    """The answer to one stock request, as far as it has come."""

    def __init__(self, reader: Reader, since_ns: int) -> None:
        self.faults = 0
        """What could not be read."""
        self.fault = ""
        """The last of it, in words."""
        self._reader = reader
        self._since_ns = since_ns
        self._as_of_ns = 0
        self._parts = 0
        self._orders: list[BrokerOrder] = []
        self._fills: list[Fill] = []
        self._positions: dict[Symbol, int] = {}
        self._cash: dict[str, int] | None = None
        self._gap = False

    def add(self, part: p.Stock) -> BrokerStock | None:
        """Take a part; return the whole after the last one."""
        self._parts += 1
        self._gap = self._gap or part.part != self._parts
        if self._parts == 1:
            self._as_of_ns = part.as_of_ns
        self._since_ns = max(self._since_ns, part.since_ns)
        self._orders += self._readable(part.orders, self._reader.order)
        self._fills += self._readable(part.fills, self._reader.fill)
        self._positions.update(self._readable(part.positions.items(), self._position))
        if part.cash is not None:
            self._cash = (self._cash or {}) | dict(self._readable(part.cash.items(), _cash))
        return self._whole() if part.last or self._parts >= PARTS_MAX else None

    def _whole(self) -> BrokerStock:
        return BrokerStock(
            as_of_ns=self._as_of_ns,
            since_ns=self._since_ns,
            orders=tuple(self._orders),
            fills=tuple(self._fills),
            positions=self._positions,
            cash_micros=self._cash,
            complete=not self._gap and not self.faults and self._parts < PARTS_MAX,
        )

    def _readable(self, told: Iterable[Told], read: Callable[[Told], Read]) -> list[Read]:
        kept = []
        for each in told:
            try:
                kept.append(read(each))
            except DataError as error:
                self.faults += 1
                self.fault = str(error)
        return kept

    def _position(self, told: tuple[str, Decimal]) -> tuple[Symbol, int]:
        instrument = self._reader.units.instrument(told[0])
        return instrument.symbol, signed_units(instrument, told[1])


def _cash(told: tuple[str, Decimal]) -> tuple[str, int]:
    return clean(told[0], 16), micros(told[1])
