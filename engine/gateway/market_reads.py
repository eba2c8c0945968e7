"""Asking about markets: what is listed, quotes, one book."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from engine.gateway.asking import Answer, Ask
from engine.gateway.instrument_values import Listed, listed_of
from engine.gateway.market_values import Depth, Quote, depth_of, quote_of
from engine.gateway.parts import Parts
from engine.gateway.refusals import Code, Refused
from engine.gateway.symbols import Name, listed
from engine.messages.market_questions import MarketQuestion

SYMBOLS_MAX: Final = 100
LEVELS_MAX: Final = 100


class SymbolsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Of which symbols; of none is of all."""

    symbol: Annotated[list[Name], Meta(max_length=SYMBOLS_MAX)] = []


class DepthQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Of which symbol, and how many levels of each side."""

    symbol: Name
    levels: Annotated[int, Meta(ge=1, le=LEVELS_MAX)] = 20


class InstrumentsAnswer(Struct, frozen=True):
    """What is listed, in that order."""

    instruments: list[Listed]


class QuotesAnswer(Struct, frozen=True):
    """How each symbol stands."""

    now_ns: int
    """The market's time."""
    quotes: list[Quote]


class DepthAnswer(Struct, frozen=True):
    """One book."""

    now_ns: int
    depth: Depth


async def instruments(parts: Parts, ask: Ask) -> Answer:
    """Tell what is listed."""
    del ask
    mirror = await parts.feed.fresh()
    return Answer(InstrumentsAnswer([listed_of(mirror.instruments[symbol]) for symbol in mirror.symbols]))


async def quotes(parts: Parts, ask: Ask) -> Answer:
    """Tell quotes, of all symbols or of those that are named."""
    query: SymbolsQuery = ask.query
    mirror = await parts.feed.fresh()
    wanted = [listed(mirror, name) for name in query.symbol]
    found = wanted or [mirror.instruments[symbol] for symbol in mirror.symbols]
    told = [quote_of(mirror.quotes[each.symbol], each) for each in found if each.symbol in mirror.quotes]
    return Answer(QuotesAnswer(mirror.now_ns, told))


async def depth(parts: Parts, ask: Ask) -> Answer:
    """Tell one book."""
    query: DepthQuery = ask.query
    mirror = await parts.feed.fresh()
    instrument = listed(mirror, query.symbol)
    answer = await parts.feed.ask(MarketQuestion(instrument.symbol, depth_levels=query.levels))
    if answer.depth is None:
        raise Refused(Code.NOT_FOUND, f"there is no book of {instrument.symbol}")
    return Answer(DepthAnswer(mirror.now_ns, depth_of(answer.depth, instrument)))
