"""What a row of each table is made of: the engine's records with prices and sizes as a person reads them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import msgspec
from msgspec import Struct

from engine.model.bar import Bar
from engine.model.fill import Fill
from engine.model.instrument import MICROS, Instrument
from engine.model.order import Order
from engine.model.position import Position


@dataclass(frozen=True, slots=True)
class Table:
    """A table's name and how a row of it is written, whether or not it is there."""

    name: str
    columns: int

    @property
    def upsert(self) -> str:
        """The statement that writes one row."""
        return f"INSERT OR REPLACE INTO {self.name} VALUES ({', '.join('?' * self.columns)})"  # noqa: S608  # our names


ORDERS = Table("orders", 24)
FILLS = Table("fills", 12)
POSITIONS = Table("positions", 7)
AUDIT = Table("audit", 6)
BARS = Table("bars", 8)
Row = tuple[Table, tuple[object, ...]]


def order_row(order: Order) -> Row:
    """Return the row of an order as it is now."""
    request, instrument = order.request, order.instrument
    average = str(instrument.price_unit * order.turnover / order.filled) if order.filled else None
    return ORDERS, (
        order.client_id,
        request.number,
        request.account,
        order.symbol,
        order.side.name.lower(),
        request.type.value,
        request.tif.value,
        _size(instrument, order.quantity),
        _price(instrument, order.limit),
        _price(instrument, order.stop),
        _size(instrument, order.filled),
        _size(instrument, order.leaves),
        average,
        _money(order.fees_micros),
        order.status.value,
        order.reason,
        order.venue_id,
        request.origin,
        request.strategy,
        request.parent,
        request.leg.value,
        request.correlation,
        request.created_ns,
        order.updated_ns,
    )


def fill_row(fill: Fill, instrument: Instrument, *, busted: bool = False) -> Row:
    """Return the row of a fill."""
    return FILLS, (
        fill.fill_id,
        fill.client_id,
        fill.account,
        fill.symbol,
        fill.side.name.lower(),
        _price(instrument, fill.price),
        _size(instrument, fill.quantity),
        _money(fill.fee_micros),
        fill.fee_currency,
        fill.liquidity.value,
        fill.event_ns,
        int(busted),
    )


def position_row(position: Position) -> Row:
    """Return the row of a position as it is now."""
    average = position.average_cost
    return POSITIONS, (
        position.symbol,
        _size(position.instrument, position.quantity),
        None if average is None else f"{average:f}",
        _money(position.micros(position.realised)),
        _money(position.fees_micros),
        position.instrument.currency,
        position.updated_ns,
    )


def audit_row(sequence: int, time_ns: int, record: Struct) -> Row:
    """Return the row of a record: who asked for what, what was decided, what the venue said."""
    inner = getattr(record, "request", None) or getattr(record, "fill", None) or record
    body = msgspec.json.encode(record).decode()
    client_id, symbol = getattr(inner, "client_id", None), getattr(inner, "symbol", None)
    return AUDIT, (sequence, time_ns, type(record).__name__, client_id, symbol, body)


def bar_row(bar: Bar, instrument: Instrument) -> Row:
    """Return the row of a closed bar."""
    prices = (_price(instrument, units) for units in (bar.open, bar.high, bar.low, bar.close))
    return BARS, (bar.symbol, bar.interval_ns, bar.start_ns, *prices, _size(instrument, bar.volume))


def _price(instrument: Instrument, units: int | None) -> str | None:
    return None if units is None else f"{instrument.price(units):f}"


def _size(instrument: Instrument, units: int) -> str:
    return f"{instrument.size(units):f}"


def _money(micros: int) -> str:
    return f"{Decimal(micros) / MICROS:f}"
