"""What Alpaca's market data means: touches, prints, books, halts, minutes; nothing here has a state.

Prices and sizes finer than the instrument's steps are rounded: a tape has such, and no order does.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Final

import msgspec
from msgspec import Raw

from engine.adapters.alpaca import data_messages as m
from engine.adapters.alpaca.times import time_ns
from engine.adapters.texts import Unreadable
from engine.model.bar import Bar, RecordedBar
from engine.model.depth import DepthDelta, DepthSnapshot, Level
from engine.model.instrument import Instrument
from engine.model.market_status import Session, StatusChange
from engine.model.quote import Quote
from engine.model.text import clean
from engine.model.trade import Side, Trade
from engine.model.undecodable import UNDECODABLE

MINUTE_NS: Final = 60_000_000_000
_TAKERS: Final = {"B": Side.BUY, "S": Side.SELL}
_NOT_LAST: Final = frozenset("BCHIMNPQRUVWZ479")
"""Sale conditions under which a print counts for volume and not for the last price.

Source: the consolidated tapes' tables of sale conditions (CTA "CTS", UTP "UTDF"), "Update consolidated last"."""
_HALTS: Final = frozenset(("2", "H", "P"))
_RESUMES: Final = frozenset(("3", "T"))
"""Trading status codes of both tapes (CTA "CQS", UTP "UQDF")."""
_ADJUSTED_MAX: Final = 15
_NUMBER_MAX: Final = 64
"""No number is written longer."""
_decode: Final = msgspec.json.Decoder(Decimal).decode


def quote_of(told: m.QuoteText, instrument: Instrument, source: str, received_ns: int) -> Quote:
    """Return a touch; a price of zero is an empty side.

    Raises:
        Unreadable: a number is none.
    """
    prices, sizes = instrument.price_scale, instrument.size_scale
    bid, ask = _units(bytes(told.bp), prices), _units(bytes(told.ap), prices)
    bid_size = _units(bytes(told.bs), sizes) if bid else 0
    ask_size = _units(bytes(told.ask_size), sizes) if ask else 0
    return Quote(instrument.symbol, source, bid, ask, bid_size, ask_size, time_ns(told.t), received_ns)


def trade_of(told: m.TradeText, instrument: Instrument, source: str, received_ns: int) -> Trade:
    """Return a print; ids of shares are each exchange's own and rise for none together, so they have none here.

    Raises:
        Unreadable: a number is none.
    """
    conditions = [each for each in told.c or () if each.strip()]
    return Trade(
        instrument.symbol,
        source,
        _price(instrument, told.p),
        _units(bytes(told.s), instrument.size_scale),
        _TAKERS.get(told.tks),
        time_ns(told.t),
        received_ns,
        conditions=clean("".join(conditions), 16),
        sets_last=_NOT_LAST.isdisjoint(conditions),
    )


def snapshot_of(told: m.BookText, instrument: Instrument, source: str, received_ns: int) -> DepthSnapshot:
    """Return a whole book.

    Raises:
        Unreadable: a number is none.
    """
    bids, asks = _levels(instrument, told.b), _levels(instrument, told.a)
    return DepthSnapshot(instrument.symbol, source, bids, asks, 0, time_ns(told.t), received_ns)


def delta_of(told: m.BookText, instrument: Instrument, source: str, received_ns: int) -> DepthDelta:
    """Return changes to a book.

    Raises:
        Unreadable: a number is none.
    """
    bids, asks = _levels(instrument, told.b), _levels(instrument, told.a)
    return DepthDelta(instrument.symbol, source, bids, asks, 0, 0, 0, time_ns(told.t), received_ns)


def halt_of(told: m.StatusText) -> str | None:
    """Return why a share does not trade, nothing where it trades again, None for what says neither."""
    if told.sc in _HALTS:
        return clean(told.rm or told.sm or "halted", 60)
    return "" if told.sc in _RESUMES else None


def status_of(
    instrument: Instrument, source: str, halt: str, received_ns: int, *, is_open: bool = True
) -> StatusChange:
    """Return whether a symbol trades: not while it is halted, nor while its exchanges are closed."""
    session = Session.HALTED if halt else Session.OPEN if is_open else Session.CLOSED
    return StatusChange(instrument.symbol, source, session, halt, 0, received_ns)


def bar_of(told: m.BarText, instrument: Instrument, source: str, received_ns: int) -> RecordedBar:
    """Return a closed minute.

    Raises:
        Unreadable: a number or its time is none.
    """
    volume = _units(bytes(told.v), instrument.size_scale)
    close = _price(instrument, told.c)
    bar = Bar(
        symbol=instrument.symbol,
        interval_ns=MINUTE_NS,
        start_ns=time_ns(told.t),
        open=_price(instrument, told.o),
        high=_price(instrument, told.h),
        low=_price(instrument, told.l),
        close=close,
        volume=volume,
        turnover=(_units(bytes(told.vw), instrument.price_scale) or close) * volume,
        trades=told.n,
        closed=True,
    )
    return RecordedBar(source, bar, received_ns)


def _levels(instrument: Instrument, levels: list[m.LevelText]) -> tuple[Level, ...]:
    scale = instrument.size_scale
    return tuple([(_price(instrument, each.p), _units(bytes(each.s), scale)) for each in levels])


def _price(instrument: Instrument, price: Raw) -> int:
    units = _units(bytes(price), instrument.price_scale)
    if not units:
        raise Unreadable("zero_price", m.text_of(price))
    return units


@lru_cache(maxsize=1 << 16)
def _units(number: bytes, scale: int) -> int:
    """Return a number of JSON in units: the same prices and sizes come again and again."""
    try:
        value = _decode(number)
    except UNDECODABLE as error:
        raise Unreadable("bad_message", clean(str(error))) from None
    if len(number) > _NUMBER_MAX or not value.is_finite() or value.adjusted() > _ADJUSTED_MAX:
        raise Unreadable("absurd_value", m.text_of(Raw(number)))
    if value < 0:
        raise Unreadable("negative_value", m.text_of(Raw(number)))
    return int((value * scale).to_integral_value())
