"""What this desk tells the others of its market: on the engine's loop what changed is copied, and no quote costs more for it."""

from __future__ import annotations

import asyncio
from itertools import takewhile
from typing import Final

from engine.desk.quote_outbox import QuoteOutbox
from engine.market.market import Market
from engine.messages.shared_quotes import EVERY_S, PRINTS_MAX, SharedPrint, SharedRow, SharedTerms
from engine.model.instrument import Instrument, Symbol
from engine.model.market_state import MarketState
from engine.model.text import clean
from engine.model.trade import Trade

BY_DESK: Final = "desk:"
"""How a source is called that is another desk."""
NOT_PASSED_ON: Final = "it has it from another desk itself, and passes none of that on"


class QuoteSharing:
    """Looks several times a second which symbols changed; the market knows nothing of it."""

    def __init__(self, market: Market, outbox: QuoteOutbox) -> None:
        self._market = market
        self._outbox = outbox
        self._versions: dict[Symbol, int] = {}
        """Of each state as it was told last."""
        self._last: dict[Symbol, Trade] = {}
        """The last print that was told."""
        self._printed: dict[Symbol, int] = {}
        """How many were told."""

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            self.look()

    def look(self) -> None:
        """Hand on what changed."""
        versions = self._versions
        changed = [
            state for symbol, state in self._market.states.items() if versions.get(symbol) != state.version
        ]
        rows, terms = [], {}
        for state in changed:
            symbol = state.symbol
            if not state.source:
                self._forget(symbol)
            else:
                if symbol not in self._printed:
                    terms[str(symbol)] = terms_of(state.instrument)
                rows.append(self._row(state))
            versions[symbol] = state.version
        if rows:
            self._outbox.put(rows, terms)

    def _forget(self, symbol: Symbol) -> None:
        """Tell no more of what is not followed any more, or not yet."""
        self._last.pop(symbol, None)
        if self._printed.pop(symbol, None) is not None:
            self._outbox.drop(symbol)

    def _row(self, state: MarketState) -> SharedRow:
        is_passed_on = state.source.startswith(BY_DESK)
        prints = () if is_passed_on else self._fresh_prints(state.symbol)
        printed = self._printed.setdefault(state.symbol, 0)
        return SharedRow(  # by place: more than 15 by name go through a dictionary
            state.symbol,
            clean(state.source, 64),
            0 if is_passed_on else state.bid,
            0 if is_passed_on else state.ask,
            0 if is_passed_on else state.bid_size,
            0 if is_passed_on else state.ask_size,
            state.quote_event_ns,
            state.quote_receive_ns,
            NOT_PASSED_ON if is_passed_on else clean(state.distrust_reason or state.doubt),
            state.session,
            clean(state.session_reason),
            printed,
            prints,
        )

    def _fresh_prints(self, symbol: Symbol) -> tuple[SharedPrint, ...]:
        """Return those since the last look; the first look takes the last one alone."""
        tape, last = self._market.tape[symbol], self._last.get(symbol)
        if not tape or tape[-1] is last:
            return ()
        fresh = list(takewhile(lambda each: each is not last, reversed(tape)))
        if last is None:
            del fresh[1:]
        missed = (
            last is not None and len(fresh) == tape.maxlen
        )  # the one that was told last is gone from the tape
        self._last[symbol] = tape[-1]
        self._printed[symbol] = self._printed.get(symbol, 0) + len(fresh) + missed
        return tuple(_print(each) for each in reversed(fresh[:PRINTS_MAX]))


def terms_of(instrument: Instrument) -> SharedTerms:
    """Return an instrument as the others are told of it."""
    return SharedTerms(
        clean(instrument.symbol, 64),
        clean(instrument.venue, 64),
        instrument.asset_class,
        clean(instrument.currency, 64),
        clean(instrument.base, 64),
        clean(instrument.description, 64),
        instrument.price_unit,
        instrument.tick,
        instrument.size_unit,
        instrument.lot,
        instrument.size_min,
        instrument.notional_min,
        instrument.multiplier,
        clean(instrument.calendar, 64),
        instrument.tradable,
    )


def _print(trade: Trade) -> SharedPrint:
    return SharedPrint(
        trade.price,
        trade.size,
        trade.aggressor,
        trade.event_ns,
        trade.receive_ns,
        trade.trade_id,
        clean(trade.conditions, 64),
        trade.sets_last,
    )
