"""Turns what the journal says into the rows of the projection, through a replica of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.messages.events import (
    CORPORATE_EVENTS,
    MONEY_EVENTS,
    BarClosed,
    CorporateEvent,
    FillBusted,
    MoneyEvent,
    SessionBegan,
)
from engine.model.fill import Fill
from engine.model.instrument import Symbol
from engine.replica import Replica
from engine.store.reading import Entry
from engine.store.rows import Row, audit_row, bar_row, fill_row, order_row, position_row


class Projector:
    """Applies entries to a replica and tells what that did; fills and positions are gathered from the replica's own bus."""

    def __init__(self, replica: Replica) -> None:
        self.replica = replica
        self._fills: list[tuple[Fill, bool]] = []
        self._moved: dict[Symbol, None] = {}
        bus = replica.bus
        for kind in MONEY_EVENTS:
            bus.subscribe(kind, self._note)
        for action in CORPORATE_EVENTS:
            bus.subscribe(action, self._note_action)

    def take(self, entries: Iterable[Entry]) -> list[Row]:
        """Apply entries and return the rows that they lead to."""
        replica, rows = self.replica, list[Row]()
        for entry in entries:
            if isinstance(entry.record, SessionBegan):
                rows.extend(self._changes())  # it puts orders out of sight
            replica.apply(entry.record, entry.sequence, entry.time_ns)
            rows.append(self._row_of(entry))
        rows.extend(self._changes())
        return rows

    def _changes(self) -> Iterator[Row]:
        """Yield the rows of everything that changed since the last call."""
        replica = self.replica
        yield from (order_row(order) for order in replica.history.blotter.take_changed())
        fills, self._fills = self._fills, []
        moved, self._moved = self._moved, {}
        for fill, busted in fills:
            yield fill_row(fill, replica.instruments[fill.symbol], busted=busted)
        for symbol in moved:
            position = replica.ledger.positions.get(symbol)
            if position is not None:
                yield position_row(position)

    def _row_of(self, entry: Entry) -> Row:
        record = entry.record
        if isinstance(record, BarClosed):
            return bar_row(record.whole, self.replica.instruments[record.bar.symbol])
        return audit_row(entry.sequence, entry.time_ns, record)

    def _note(self, event: MoneyEvent) -> None:
        self._fills.append((event.fill, isinstance(event, FillBusted)))
        self._moved[event.fill.symbol] = None

    def _note_action(self, event: CorporateEvent) -> None:
        self._moved[event.symbol] = None
