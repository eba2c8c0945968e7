"""What a gateway says, as reports in the instrument's units."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.adapters.bridge import protocol as p
from engine.adapters.units import (
    ID_MAX,
    Units,
    micros,
    optional_price_units,
    price_units,
    size_units,
)
from engine.clock import Clock
from engine.messages.reports import (
    AcceptReport,
    BustReport,
    CancelRejectReport,
    CancelReport,
    CorrectReport,
    ExpireReport,
    FillReport,
    NotFoundReport,
    Refusal,
    RejectReport,
    ReplaceReport,
    Report,
    StatusReport,
    TrailReport,
    TriggerReport,
)
from engine.messages.stock import BrokerOrder
from engine.model.fill import Fill, Liquidity
from engine.model.instrument import Instrument, Symbol
from engine.model.order import OrderStatus, OrderType, TimeInForce
from engine.model.text import clean
from engine.model.trade import Side

_SIDES = {"buy": Side.BUY, "sell": Side.SELL}
_REFUSALS = {each.value: each for each in Refusal}


class Reader:
    """Turns messages about orders into reports; text is cleaned, a time that is missing is now."""

    def __init__(self, account: str, clock: Clock, instruments: Mapping[Symbol, Instrument]) -> None:
        self._account = account
        self._clock = clock
        self.units = Units(instruments)
        self._readers: dict[type, Callable[[Any], Report]] = {
            p.Accepted: self._accepted,
            p.Rejected: lambda m: RejectReport(*self._reasoned(m), _refusal(m.kind)),
            p.Triggered: lambda m: TriggerReport(clean(m.client_id, ID_MAX), self._time(m.time_ns)),
            p.Trailed: self._trailed,
            p.Filled: lambda m: FillReport(self.fill(m.fill)),
            p.Canceled: lambda m: CancelReport(*self._reasoned(m), self._filled(m)),
            p.Expired: lambda m: ExpireReport(*self._reasoned(m), self._filled(m)),
            p.Replaced: self._replaced,
            p.CancelRejected: lambda m: CancelRejectReport(*self._reasoned(m), _refusal(m.kind)),
            p.Busted: self._busted,
            p.Corrected: lambda m: CorrectReport(self.fill(m.fill)),
            p.Status: self._status,
            p.NotFound: lambda m: NotFoundReport(clean(m.client_id, ID_MAX), self._time(m.time_ns), m.id),
        }

    def report(self, message: p.FromGateway) -> Report:
        """Return what a message about an order claims.

        Raises:
            DataError: a value does not fit its instrument, or the instrument is not listed.
        """
        return self._readers[type(message)](message)

    def fill(self, told: p.FillText) -> Fill:
        """Return an execution.

        Raises:
            DataError: a value does not fit.
        """
        instrument = self.units.instrument(told.symbol)
        return Fill(
            fill_id=clean(told.fill_id, ID_MAX),
            client_id=clean(told.client_id, ID_MAX),
            account=self._account,
            symbol=instrument.symbol,
            side=_SIDES[told.side],
            price=price_units(instrument, told.price),
            quantity=size_units(instrument, told.quantity, least=1),
            fee_micros=micros(told.fee),
            fee_currency=clean(told.fee_currency, 16) or instrument.currency,
            liquidity=Liquidity(told.liquidity),
            event_ns=self._time(told.time_ns),
            receive_ns=self._clock.now_ns(),
        )

    def order(self, told: p.OrderText) -> BrokerOrder:
        """Return an order as the venue has it.

        Raises:
            DataError: a value does not fit.
        """
        instrument = self.units.instrument(told.symbol)
        return BrokerOrder(
            client_id=clean(told.client_id, ID_MAX),
            venue_id=clean(told.venue_id, ID_MAX),
            symbol=instrument.symbol,
            side=_SIDES[told.side],
            quantity=size_units(instrument, told.quantity),
            filled=size_units(instrument, told.filled),
            status=OrderStatus(told.status),
            type=OrderType(told.order_type),
            tif=TimeInForce(told.tif),
            limit=optional_price_units(instrument, told.limit),
            stop=optional_price_units(instrument, told.stop),
            reason=clean(told.reason),
            updated_ns=told.time_ns,
        )

    def _time(self, time_ns: int) -> int:
        return time_ns or self._clock.now_ns()

    def _reasoned(self, message: Any) -> tuple[str, str, int]:
        return clean(message.client_id, ID_MAX), clean(message.reason), self._time(message.time_ns)

    def _filled(self, message: p.Canceled | p.Expired) -> int | None:
        if message.filled is None:
            return None
        return size_units(self.units.instrument(message.symbol), message.filled)

    def _accepted(self, message: p.Accepted) -> Report:
        client_id, venue_id = clean(message.client_id, ID_MAX), clean(message.venue_id, ID_MAX)
        return AcceptReport(client_id, venue_id, self._time(message.time_ns))

    def _trailed(self, message: p.Trailed) -> Report:
        instrument = self.units.instrument(message.symbol)
        return TrailReport(clean(message.client_id, ID_MAX), price_units(instrument, message.stop))

    def _replaced(self, message: p.Replaced) -> Report:
        instrument = self.units.instrument(message.symbol)
        return ReplaceReport(
            clean(message.client_id, ID_MAX),
            size_units(instrument, message.quantity),
            optional_price_units(instrument, message.limit),
            optional_price_units(instrument, message.stop),
            self._time(message.time_ns),
        )

    def _busted(self, message: p.Busted) -> Report:
        client_id, reason, event_ns = self._reasoned(message)
        return BustReport(client_id, clean(message.fill_id, ID_MAX), reason, event_ns)

    def _status(self, message: p.Status) -> Report:
        fills = tuple(self.fill(each) for each in message.fills)
        return StatusReport(self.order(message.order), fills, self._time(message.time_ns), message.id)


def _refusal(told: str) -> Refusal:
    """Return what a refusal was for; a kind that is not defined here says no more than its reason."""
    return _REFUSALS.get(told, Refusal.OTHER)
