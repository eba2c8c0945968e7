"""The minutes before now, for charts: Kraken's REST endpoint OHLC."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from msgspec import Raw, Struct

from engine.adapters.kraken.parse import SOURCE
from engine.adapters.texts import TextUnits, Unreadable, plain
from engine.clock import NS_PER_S
from engine.errors import DataError, RejectedError
from engine.model.bar import Bar, RecordedBar
from engine.model.instrument import Instrument
from engine.model.text import clean
from engine.model.undecodable import UNDECODABLE
from engine.transport.http import HttpReader

PATH = "/0/public/OHLC"
MINUTE_NS = 60 * NS_PER_S
_OLD_NAMES = {"BTC": "XBT", "DOGE": "XDG"}
"""REST names some coins as the stream used to."""


class _Ohlc(Struct):
    error: list[str] = []
    result: dict[str, Raw] = {}


class _Minute(Struct, array_like=True):
    """Time in seconds, then the texts of what happened."""

    time: int
    open: str
    high: str
    low: str
    close: str
    vwap: str
    volume: str
    count: int


_decode_ohlc = msgspec.json.Decoder(_Ohlc).decode
_decode_minutes = msgspec.json.Decoder(list[_Minute]).decode


async def minutes(reader: HttpReader, units: TextUnits, since_ns: int, now_ns: int) -> list[RecordedBar]:
    """Return the closed minutes since a time, oldest first, as far back as the venue keeps them: about twelve hours.

    Raises:
        AdapterError: the venue did not answer, or refused.
        DataError: its answer is not what was asked for.
    """
    terms = {"pair": _pair(units.instrument), "interval": "1"}
    if since_ns:
        terms["since"] = str(since_ns // NS_PER_S - 1)  # what is asked for comes after it
    body = await reader.get(PATH, terms)
    return read_minutes(body, units, now_ns)


def read_minutes(body: bytes, units: TextUnits, now_ns: int) -> list[RecordedBar]:
    """Return the closed minutes of an answer.

    Raises:
        RejectedError: the venue refused.
        DataError: it is no such answer.
    """
    try:
        answer = _decode_ohlc(body)
        if answer.error:
            raise RejectedError(f"Kraken: {clean(answer.error[0], 120)}")
        raw = next((each for name, each in answer.result.items() if name != "last"), None)
        rows = _decode_minutes(raw) if raw is not None else []
    except UNDECODABLE as error:
        raise DataError(f"Kraken's history can't be read: {clean(str(error), 120)}") from error
    bars = [_bar(row, units) for row in rows]
    return [RecordedBar(SOURCE, bar, now_ns) for bar in bars if bar.start_ns + MINUTE_NS <= now_ns]


def _pair(instrument: Instrument) -> str:
    """Return the name of a pair as this endpoint has it: XBTUSD."""
    names = (instrument.base, instrument.currency)
    return "".join(_OLD_NAMES.get(name, name) for name in names)


def _bar(row: _Minute, units: TextUnits) -> Bar:
    if row.time <= 0:
        raise Unreadable("absurd_time", str(row.time))
    volume = units.size(row.volume)
    return Bar(
        symbol=units.instrument.symbol,
        interval_ns=MINUTE_NS,
        start_ns=row.time * NS_PER_S,
        open=units.price(row.open),
        high=units.price(row.high),
        low=units.price(row.low),
        close=units.price(row.close),
        volume=volume,
        turnover=int(_decimal(row.vwap) * units.instrument.price_scale * volume),
        trades=row.count,
        closed=True,
    )


def _decimal(text: str) -> Decimal:
    digits = plain(text)
    if not digits.replace(".", "", 1).isdecimal() or len(digits) > 40:
        raise Unreadable("not_a_number", clean(text, 40))
    return Decimal(digits)
