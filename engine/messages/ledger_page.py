"""Pages of the ledger: what was booked of a symbol, packed until somebody asks for one of its entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from struct import Struct as Layout

import msgspec
from msgspec import Struct

from engine.messages.state import Booked, BookedDividend, BookedFill, BookedSplit
from engine.model.fill import Fill
from engine.model.instrument import Symbol

PAGE = 500
"""How many entries a page has at most: it is quickly packed, and quickly read for one of them."""
_ARRAY = Layout(">BI")
_ARRAY_32 = 0xDD
"""Begins an array of msgpack that says its length in 32 bits."""
_FILL = "fill"


class LedgerPage(Struct, frozen=True, gc=False):
    """Entries that were booked one after the other; only their keys are at hand."""

    symbol: Symbol
    keys: tuple[str | int, ...]
    """Fills by their ids, corporate actions by their count."""
    entries: bytes
    """Their msgpack, one behind the other: the same however they are cut into pages."""
    waits: bool
    """Whether one of them lacks a rate."""


class FillEntry(Fill, frozen=True, kw_only=True, gc=False, array_like=True, tag=_FILL):
    """A booked fill as a page has it: its fields without their names, then its rates."""

    rate: int | None
    fee_rate: int | None


_Entries = tuple[FillEntry | BookedSplit | BookedDividend, ...]
PAGE_LAYOUT: tuple[type[Struct], ...] = (FillEntry, BookedSplit, BookedDividend)
"""What the bytes of a page are made of."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Entries).decode
_values = msgspec.structs.astuple


def pack(symbol: Symbol, booked: Mapping[str | int, Booked], *, waits: bool) -> LedgerPage:
    """Write a page of entries."""
    return LedgerPage(symbol, tuple(booked), b"".join(map(_packed, booked.values())), waits)


def unpack(page: LedgerPage) -> Iterator[tuple[str | int, Booked]]:
    """Read the entries of a page with their keys."""
    entries = _decode(_ARRAY.pack(_ARRAY_32, len(page.keys)) + page.entries)
    return zip(page.keys, map(_unpacked, entries), strict=True)


def pages_in(values: Iterable[object]) -> tuple[LedgerPage, ...]:
    """Return the pages that stand in the place of entries, each once."""
    return tuple({id(each): each for each in values if isinstance(each, LedgerPage)}.values())


def _packed(booked: Booked) -> bytes:
    if isinstance(booked, BookedFill):
        return _encode((_FILL, *_values(booked.fill), booked.rate, booked.fee_rate))
    return _encode(booked)


def _unpacked(entry: FillEntry | BookedSplit | BookedDividend) -> Booked:
    if not isinstance(entry, FillEntry):
        return entry
    fill = Fill(
        fill_id=entry.fill_id,
        client_id=entry.client_id,
        account=entry.account,
        symbol=entry.symbol,
        side=entry.side,
        price=entry.price,
        quantity=entry.quantity,
        fee_micros=entry.fee_micros,
        fee_currency=entry.fee_currency,
        liquidity=entry.liquidity,
        event_ns=entry.event_ns,
        receive_ns=entry.receive_ns,
    )
    return BookedFill(fill, entry.rate, entry.fee_rate)
